"""What Syrve's published contract allows, as checks the fake server and the tests share.

Requests are checked strictly: Syrve blocks an API login that keeps sending bad bodies, so a field
that the contract does not know is a mistake of ours. Events are checked with unknown fields
allowed, as any receiver must; `strict=True` also refuses those, to find slips in our own fixtures.
Our own answers are checked by sample where they are long, because the check is slow.
"""

import copy
import json
from functools import cache
from pathlib import Path

from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match

SCHEMA = json.loads((Path(__file__).parent / "syrve_schema.json").read_text())
OPERATIONS: dict[str, dict[str, str]] = SCHEMA["operations"]
WEBHOOKS: dict[str, str] = SCHEMA["webhooks"]
MAX_IDS_PER_READ = 200
SAMPLE_SIZE = 200


def request_problem(path: str, body: object) -> str | None:
    """The first thing wrong with a request body, naming the field, or None."""
    problem = _problem(OPERATIONS[path]["request"], body)
    if problem is None and path.endswith("/deliveries/by_id"):
        return _by_id_problem(body)
    return problem


def response_problem(path: str, body: object) -> str | None:
    return _problem(OPERATIONS[path]["response"], _sample(body, SAMPLE_SIZE))


def couriers_problem(couriers: dict) -> str | None:
    """What is wrong with one organization's couriers, as the answer holds them."""
    return _problem("CouriersOfOrganization", _sample(couriers, SAMPLE_SIZE))


def event_problem(event: object, strict: bool = False) -> str | None:
    """The first thing wrong with one webhook event, or None."""
    event_type = event.get("eventType") if isinstance(event, dict) else None
    if event_type not in WEBHOOKS:
        return f"eventType: {event_type!r} is not an event of the contract"
    return _problem(WEBHOOKS[event_type], event, strict)


def order_info_problem(info: object) -> str | None:
    return _problem("OrderInfo", info)


def _sample(value: object, size: int) -> object:
    """The value with at most so many entries of its lists, taken from all over them."""
    if isinstance(value, dict):
        return {name: _sample(inner, size) for name, inner in value.items()}
    if not isinstance(value, list):
        return value
    kept = value[:: -(-len(value) // size) or 1]
    return [_sample(inner, max(1, size // len(kept))) for inner in kept]


def _by_id_problem(body: dict) -> str | None:
    given = [name for name in ("orderIds", "posOrderIds") if body.get(name)]
    if len(given) != 1:
        return "exactly one of orderIds and posOrderIds must be given"
    if len(body[given[0]]) > MAX_IDS_PER_READ:
        return f"{given[0]}: more than {MAX_IDS_PER_READ} ids"
    return None


def _problem(component: str, body: object, strict: bool = False) -> str | None:
    error = best_match(_validator(component, strict).iter_errors(body))
    if error is None:
        return None
    where = ".".join(str(part) for part in error.absolute_path) or "body"
    return f"{where}: {error.message}"


@cache
def _validator(component: str, strict: bool) -> Draft202012Validator:
    definitions = _strict_definitions() if strict else SCHEMA["$defs"]
    return Draft202012Validator({"$ref": f"#/$defs/{component}", "$defs": definitions})


def _strict_definitions() -> dict:
    definitions = copy.deepcopy(SCHEMA["$defs"])
    for definition in definitions.values():
        if "properties" in definition:
            definition["additionalProperties"] = False
    return definitions
