"""Counts what requests to DynamoDB cost, by AWS's published rules, on their way to the emulator.

The emulator bills nothing, so a proxy stands before it and works the units out from what passes:
a write is one unit for each KB begun of each item, and one more where the item is in the index; a
transaction costs twice as much, its index not; a read is one unit for each 4 KB begun, and half of
that when it need not be consistent. An item of a request that is refused costs the same.
"""

import json
import math
from collections import Counter
from dataclasses import dataclass, field

from aiohttp import ClientError, ClientSession, web

from local.settings import HOST

TARGET = "DynamoDB_20120810."


@dataclass
class Units:
    written: float = 0
    read: float = 0
    items: Counter = field(default_factory=Counter)
    calls: Counter = field(default_factory=Counter)

    def add(self, operation: str, request: dict, answer: dict) -> None:
        self.calls[operation] += 1
        match operation:
            case "PutItem":
                self.write(request["Item"])
            case "UpdateItem":
                self.write(request["Key"])
            case "TransactWriteItems":
                for action in request["TransactItems"]:
                    self.write(next(iter(action.values())).get("Item", {}), times=2)
            case "GetItem":
                self.take([answer.get("Item", {})], request.get("ConsistentRead", False))
            case "BatchGetItem":
                for items in answer.get("Responses", {}).values():
                    for item in items:
                        self.take([item], consistent=True)
            case "Query":
                self.take(answer.get("Items", []), request.get("ConsistentRead", False))

    def write(self, item: dict, times: int = 1) -> None:
        kilobytes = max(1, math.ceil(size(item) / 1024))
        self.written += kilobytes * times
        if "gsi1pk" in item:
            self.written += kilobytes
        self.items[item.get("sk", {}).get("S", "?").split("#")[0]] += 1

    def take(self, items: list[dict], consistent: bool) -> None:
        blocks = max(1, math.ceil(sum(map(size, items)) / 4096))
        self.read += blocks if consistent else blocks / 2


def size(item: dict) -> int:
    """Bytes of an item: its attributes' names and values."""
    return sum(len(name.encode()) + _value(value) for name, value in item.items())


def _value(value: dict) -> int:
    ((kind, content),) = value.items()
    match kind:
        case "S":
            return len(content.encode())
        case "N":
            return len(content) // 2 + 2
        case "M":
            return 3 + len(content) + size(content)
        case "L":
            return 3 + len(content) + sum(map(_value, content))
    return 1


class CountingProxy:
    """Passes everything on, as it is; `units` counts from when it was last replaced."""

    def __init__(self, target: str, port: int) -> None:
        self.target, self.port, self.units = target, port, Units()

    async def __aenter__(self) -> "CountingProxy":
        self.session = ClientSession(auto_decompress=False)
        app = web.Application(client_max_size=64 << 20)
        app.router.add_route("*", "/{path:.*}", self._pass)
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, HOST, self.port).start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._runner.cleanup()
        await self.session.close()

    async def _pass(self, request: web.Request) -> web.Response:
        body = await request.read()
        url = f"{self.target}{request.raw_path}"
        try:
            async with self.session.request(
                request.method, url, data=body, headers=request.headers
            ) as answer:
                content = await answer.read()
        except ClientError:  # the emulator has ended, and its functions have not noticed yet
            return web.Response(status=503)
        operation = request.headers.get("X-Amz-Target", "")
        if operation.startswith(TARGET):
            answered = json.loads(content) if content else {}
            self.units.add(operation.removeprefix(TARGET), json.loads(body), answered)
        kept = {
            name: value
            for name, value in answer.headers.items()
            if name.lower() not in ("transfer-encoding", "content-length", "connection")
        }
        return web.Response(status=answer.status, body=content, headers=kept)
