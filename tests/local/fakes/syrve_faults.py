"""Faults that only the fake Syrve has, besides those of faults.py.

`rights_401` (the bare JSON string that means a missing right), `error_field` (200 whose `error`
is set, as clock-ins fail). Faults are queued for a `path`.
"""

import uuid

from aiohttp import web

from .faults import Faults, status_answer

OWN_KINDS = ("rights_401", "error_field")


def error_response(
    status: int, description: str, code: str | None = None, headers: dict | None = None
) -> web.Response:
    """Syrve's ErrorResponse."""
    body = {
        "correlationId": str(uuid.uuid4()),
        "errorDescription": description,
        "error": code,
    }
    return web.json_response(body, status=status, headers=headers)


def rights_response(path: str) -> web.Response:
    """How Syrve says that the login may not do this: not an object, and not 403."""
    right = path.removeprefix("/")
    return web.json_response(f"Right {right} is not allowed for this ApiLogin.", status=401)


def new_faults() -> Faults:
    return Faults("path", OWN_KINDS)


def fault_answer(fault: dict, path: str) -> web.Response | None:
    """The answer a fault gives instead of the real one, or None when the real one is needed."""
    match fault["kind"]:
        case "status":
            return status_answer(
                fault,
                lambda status, text, headers: error_response(
                    status, text, fault.get("error"), headers
                ),
            )
        case "rights_401":
            return rights_response(path)
        case "error_field":
            text = fault.get("error", "The shift cannot be changed")
            return web.json_response({"correlationId": str(uuid.uuid4()), "error": text})
    return None
