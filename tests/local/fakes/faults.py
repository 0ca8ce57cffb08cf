"""Faults that a fake shows on request: what goes wrong with the real systems.

A fault is queued for one operation, or for all of them ("*"), and used up by the next requests to
it; with `"times": null` it stays until the faults are cleared. Kinds that every fake has:
`status` (any status; body "json", "string" or "text"; "retry_after"?), `slow` (wait, then answer
as usual), `hang_then_close` (carry the request out, then cut the connection: an unknown outcome),
`cut_body` (carry the request out, then cut the connection half-way through the answer's body),
`malformed` (200, not JSON). A fake adds kinds of its own by `instead`, which gives the answer to
show instead of the real one, or None.
"""

import asyncio
from collections import deque
from collections.abc import Callable

from aiohttp import web

KINDS = ("status", "slow", "hang_then_close", "cut_body", "malformed")
ANY = "*"
Instead = Callable[[dict], web.Response | None]


class Faults:
    """The faults still to be shown; `name` is the field of a fault that says of which operation."""

    def __init__(self, name: str, own_kinds: tuple[str, ...] = ()) -> None:
        self.name, self.kinds = name, KINDS + own_kinds
        self._waiting: dict[str, deque[dict]] = {}

    def add(self, fault: dict) -> None:
        if fault.get("kind") not in self.kinds:
            raise ValueError(f"kind must be one of {', '.join(self.kinds)}")
        times = fault.get("times", 1)
        queue = self._waiting.setdefault(fault[self.name], deque())
        queue.append({**fault, "left": None if times is None else int(times)})

    def clear(self) -> None:
        self._waiting.clear()

    def take(self, operation: str) -> dict | None:
        queue = self._waiting.get(operation) or self._waiting.get(ANY)
        if not queue:
            return None
        fault = queue[0]
        if fault["left"] is not None:
            fault["left"] -= 1
            if fault["left"] <= 0:
                queue.popleft()
        return fault


async def answer(
    request: web.Request,
    fault: dict | None,
    instead: Instead,
    normal: Callable[[], web.Response],
) -> web.Response | None:
    """The answer, or None when the connection was cut instead."""
    if fault is None:
        return normal()
    if (response := instead(fault)) is not None:
        return response
    if fault["kind"] == "malformed":
        return web.Response(text="<html>not json</html>", content_type="application/json")
    if fault["kind"] == "slow":
        await asyncio.sleep(fault.get("seconds", 1))
    response = normal()
    match fault["kind"]:
        case "hang_then_close":
            await asyncio.sleep(fault.get("seconds", 0))
        case "cut_body":
            await _send_half(request, response)
        case _:
            return response
    request.transport.abort()
    return None


def status_answer(fault: dict, error: Callable[..., web.Response]) -> web.Response:
    """The answer of a `status` fault; `error(status, text, headers)` makes the fake's own error."""
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
    return error(status, text, headers)


async def _send_half(request: web.Request, response: web.Response) -> None:
    """Headers that promise the whole body, and the first half of it, all of which arrives."""
    body = response.body
    half = web.StreamResponse(status=response.status, headers=response.headers)
    half.content_length = len(body)
    request.transport.set_write_buffer_limits(0)
    await half.prepare(request)
    await half.write(body[: len(body) // 2])
    while request.transport.get_write_buffer_size() and not request.transport.is_closing():
        await asyncio.sleep(0.001)
