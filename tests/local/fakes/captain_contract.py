"""What Captain.AI's REST API accepts, as checks for the fake server: paths, methods and bodies.

Its documentation names the fields and their types; it publishes no schema. Bodies are checked
strictly: a field it does not name is a mistake of ours, money is a decimal string and never a
number, a phone number is international, a time has an offset.

Three things are not documented as we use them, and are accepted here in both forms:
- Where the address of a new order goes. Captain.AI's own client puts it into
  `delivery_job.dropoff_location`, with coordinates as strings, which is also how the order model
  shows it. An address inside `recipient`, with coordinates as numbers, is our inference.
- What an item's `addons` and its remark are: documented are texts and `special_instructions`,
  inferred are objects with name and quantity, and `notes`.
- What `internal_notes` holds: its type is named, its fields are not.
"""

import re
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache

from jsonschema import Draft202012Validator, FormatChecker

from .captain_schema import SCHEMAS

BASE = "/v1/accounts/{account}"


@dataclass(frozen=True)
class Operation:
    name: str
    method: str
    path: str
    schema: str | None = None
    pattern: re.Pattern = field(init=False, compare=False)

    def __post_init__(self) -> None:
        pattern = re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", self.path)
        object.__setattr__(self, "pattern", re.compile(pattern))


OPERATIONS = (
    Operation("test_auth", "GET", "/test/auth"),
    Operation("list_accounts", "GET", "/v1/accounts/"),
    Operation("create_order", "POST", f"{BASE}/orders", "NewOrder"),
    Operation("list_orders", "GET", f"{BASE}/orders"),
    Operation("get_order", "GET", f"{BASE}/orders/{{order}}"),
    Operation("update_order", "PATCH", f"{BASE}/orders/{{order}}", "OrderChanges"),
    Operation("update_order_status", "PATCH", "/v1/order-status/{order}", "OrderStatus"),
    Operation("upsert_driver", "PUT", f"{BASE}/external-drivers/upsert", "ExternalDriver"),
    Operation("list_drivers", "GET", f"{BASE}/drivers"),
    Operation("clock_out_driver", "POST", f"{BASE}/drivers/{{driver}}/clock_out"),
    # Not documented: by analogy with clock_out.
    Operation("clock_in_driver", "POST", f"{BASE}/drivers/{{driver}}/clock_in"),
)


@dataclass(frozen=True)
class Problem:
    """`where` names the field, as the keys that lead to it."""

    where: tuple[str, ...]
    words: str

    def __str__(self) -> str:
        return f"{'.'.join(self.where) or 'body'} {self.words}"


def find(method: str, path: str) -> tuple[Operation, dict[str, str]] | None:
    """The operation that a request is for, with the ids in its path."""
    for operation in OPERATIONS:
        match = operation.pattern.fullmatch(path)
        if match and operation.method == method:
            return operation, match.groupdict()
    return None


def problems(operation: Operation, body: object) -> list[Problem]:
    """All that is wrong with a request's body."""
    if operation.schema is None:
        return [] if body in (None, {}) else [Problem((), "must be empty")]
    errors = _validator(operation.schema).iter_errors(body)
    return sorted({_problem(error) for error in errors}, key=str)


def _problem(error) -> Problem:
    where = tuple(str(part) for part in error.absolute_path)
    match error.validator:
        case "required":
            missing = error.message.split("'")[1]
            return Problem((*where, missing), "can't be blank")
        case "minLength":
            return Problem(where, "can't be blank")
        case "anyOf" | "pattern" | "format" if "description" in error.schema:
            named = (error.schema["field"],) if "field" in error.schema else ()
            return Problem(where + named, f"must be {error.schema['description']}")
    return Problem(where, f"is invalid: {error.message}")


_formats = FormatChecker(formats=())


@_formats.checks("moment", raises=ValueError)
def _is_moment(text: object) -> bool:
    """An ISO-8601 time that says its offset."""
    if not isinstance(text, str):
        return True
    return "T" in text and datetime.fromisoformat(text).tzinfo is not None


@cache
def _validator(component: str) -> Draft202012Validator:
    schema = {"$ref": f"#/$defs/{component}", "$defs": SCHEMAS}
    return Draft202012Validator(schema, format_checker=_formats)
