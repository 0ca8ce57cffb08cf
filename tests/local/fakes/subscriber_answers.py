"""How a bad endpoint answers: the kinds of faults that only the fake subscriber shows.

`redirect` sends the caller elsewhere ("location"; "status" 302). `hang` says nothing until it is
released, or the caller leaves. `drip` sends a byte every "seconds" (0.5), of the body or of the
head ("part"). `huge_body` and `huge_head` send "bytes" (64 MB, 8 MB) of filler, as long as the
caller takes them. `garbage` is no HTTP at all. `gone` is 410, the word for "never again".
"""

import asyncio
import contextlib

from aiohttp import web

KINDS = ("redirect", "hang", "drip", "huge_body", "huge_head", "garbage", "gone")
CHUNK = b"x" * 65536


async def show(
    fault: dict, request: web.Request, released: asyncio.Event
) -> web.StreamResponse | None:
    """The answer of such a fault, or None after an end that is no answer."""
    match fault["kind"]:
        case "redirect":
            headers = {"Location": fault["location"]}
            return web.Response(status=int(fault.get("status", 302)), headers=headers)
        case "gone":
            return web.Response(status=410, text="Gone")
        case "hang":
            await _until_released_or_left(request, released)
            return web.Response(text="late") if _connected(request) else None
    raw = _RAW[fault["kind"]]
    with contextlib.suppress(ConnectionError):
        await raw(fault, request, released)
    return None


async def _until_released_or_left(request: web.Request, released: asyncio.Event) -> None:
    while not released.is_set() and _connected(request):
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(released.wait(), 0.05)


async def _huge_body(fault: dict, request: web.Request, released: asyncio.Event) -> None:
    response = web.StreamResponse()
    response.enable_chunked_encoding()
    await response.prepare(request)
    for _ in range(int(fault.get("bytes", 64_000_000)) // len(CHUNK)):
        await response.write(CHUNK)
    await response.write_eof()


async def _huge_head(fault: dict, request: web.Request, released: asyncio.Event) -> None:
    request.transport.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n")
    for number in range(int(fault.get("bytes", 8_000_000)) // 1024):
        if not _connected(request):
            return
        request.transport.write(b"X-Filler-%d: %s\r\n" % (number, CHUNK[:1000]))
        if number % 64 == 0:
            await asyncio.sleep(0)
    request.transport.write(b"\r\n")


async def _drip(fault: dict, request: web.Request, released: asyncio.Event) -> None:
    """So slowly that each byte comes in time, and the whole never does."""
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 100000\r\n"
    if fault.get("part", "body") == "body":
        head += b"\r\n"
    request.transport.write(head)
    while _connected(request) and not released.is_set():
        request.transport.write(b"x")
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(released.wait(), float(fault.get("seconds", 0.5)))


async def _garbage(fault: dict, request: web.Request, released: asyncio.Event) -> None:
    request.transport.write(b"\x16\x03\x01 this is not HTTP\r\n\r\n")


def _connected(request: web.Request) -> bool:
    return request.transport is not None and not request.transport.is_closing()


_RAW = {"huge_body": _huge_body, "huge_head": _huge_head, "drip": _drip, "garbage": _garbage}
