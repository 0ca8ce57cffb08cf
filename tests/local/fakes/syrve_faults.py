"""Faults that the fake Syrve shows on request: what goes wrong with the real one.

A fault is queued for a path and used up by the next requests to it. Kinds:
`status` (any status; body "json", "string" or "text"), `slow` (wait, then answer as usual),
`hang_then_close` (carry the request out, then cut the connection: an unknown outcome),
`rights_401` (the bare JSON string that means a missing right), `malformed` (200, not JSON),
`error_field` (200 whose `error` is set, as clock-ins fail).
"""

import uuid
from collections import deque

from aiohttp import web

KINDS = ("status", "slow", "hang_then_close", "rights_401", "malformed", "error_field")


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


class Faults:
    def __init__(self) -> None:
        self._queues: dict[str, deque[dict]] = {}

    def add(self, fault: dict) -> None:
        if fault.get("kind") not in KINDS:
            raise ValueError(f"kind must be one of {', '.join(KINDS)}")
        queue = self._queues.setdefault(fault["path"], deque())
        queue.extend([fault] * int(fault.get("times", 1)))

    def take(self, path: str) -> dict | None:
        queue = self._queues.get(path)
        return queue.popleft() if queue else None


def fault_answer(fault: dict, path: str) -> web.Response | None:
    """The answer a fault gives instead of the real one, or None when the real one is needed."""
    match fault["kind"]:
        case "status":
            return _status_answer(fault)
        case "rights_401":
            right = path.removeprefix("/")
            return web.json_response(f"Right {right} is not allowed for this ApiLogin.", status=401)
        case "malformed":
            return web.Response(text="<html>not json</html>", content_type="application/json")
        case "error_field":
            text = fault.get("error", "The shift cannot be changed")
            return web.json_response({"correlationId": str(uuid.uuid4()), "error": text})
    return None


def _status_answer(fault: dict) -> web.Response:
    status = int(fault["status"])
    text = fault.get("text", f"Fault with status {status}")
    headers = {}
    if fault.get("retry_after") is not None:
        headers["Retry-After"] = str(fault["retry_after"])
    match fault.get("body", "json"):
        case "text":
            return web.Response(text=text, status=status, headers=headers)
        case "string":
            return web.json_response(text, status=status, headers=headers)
    return error_response(status, text, fault.get("error"), headers)
