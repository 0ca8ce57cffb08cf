"""What the fakes have in common: a real HTTP server, its record of requests, its faults, its end.

A fake says what a request is about and how it would be answered (`receive`); this records it,
keeps what broke the contract, and shows a fault instead where one was asked for.
"""

import argparse
import asyncio
import contextlib
import signal
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeVar

from aiohttp import web

from .faults import Faults, answer
from .limits import Limits

# Lists of ten thousand drivers come in through the control API.
MAX_BODY_BYTES = 64 * 1024 * 1024


@dataclass(frozen=True)
class Incoming:
    """One request, as the fake understands it: `operation` is what faults are queued for."""

    operation: str
    record: dict
    problem: str | None
    normal: Callable[[], web.Response]


class FakeServer(ABC):
    name = "fake"

    def __init__(self, host: str = "127.0.0.1") -> None:
        self.host = host
        self.port = 0
        self.faults: Faults
        self.limits: Limits
        self.requests: list[dict] = []
        self.violations: list[dict] = []
        self.reset()

    @abstractmethod
    def reset(self) -> None:
        """Forget everything; the address stays."""

    @abstractmethod
    def add_control_routes(self, app: web.Application) -> None: ...

    @abstractmethod
    def receive(self, request: web.Request, text: str) -> Incoming: ...

    @abstractmethod
    def fault_answer(self, fault: dict, request: web.Request) -> web.Response | None:
        """What a fault shows instead of the real answer, if it does."""

    @property
    def url(self) -> str:
        return f"http://{self.host}:{self.port}"

    async def start(self, port: int = 0) -> str:
        app = web.Application(client_max_size=MAX_BODY_BYTES)
        self.add_control_routes(app)
        app.router.add_route("*", "/{path:.*}", self._serve)
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        site = web.TCPSite(self._runner, self.host, port)
        await site.start()
        self.port = self._runner.addresses[0][1]
        return self.url

    async def stop(self) -> None:
        await self._runner.cleanup()

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        incoming = self.receive(request, await request.text())
        record = incoming.record
        self.requests.append(record)
        if incoming.problem:
            self.violations.append({**record, "problem": incoming.problem})
        fault = self.faults.take(incoming.operation)
        response = await self.respond(request, fault, incoming)
        record["status"] = "cut" if response is None else response.status
        return web.Response(status=500) if response is None else response

    async def respond(
        self, request: web.Request, fault: dict | None, incoming: Incoming
    ) -> web.StreamResponse | None:
        """The answer, or None where there was none and the connection is closed."""
        return await answer(
            request, fault, lambda fault: self.fault_answer(fault, request), incoming.normal
        )


Fake = TypeVar("Fake", bound=FakeServer)


@contextlib.contextmanager
def running(fake: Fake, port: int = 0) -> Iterator[Fake]:
    """A fake in a thread of its own, for callers that are not asynchronous."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name=fake.name)
    thread.start()
    try:
        asyncio.run_coroutine_threadsafe(fake.start(port), loop).result(10)
        try:
            yield fake
        finally:
            asyncio.run_coroutine_threadsafe(fake.stop(), loop).result(10)
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()


def main(make: Callable[[str], FakeServer], title: str) -> None:
    parser = argparse.ArgumentParser(description=f"Run the {title}.")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0, help="0 picks a free port")
    arguments = parser.parse_args()
    asyncio.run(_run(make(arguments.host), arguments.port, title))


async def _run(fake: FakeServer, port: int, title: str) -> None:
    print(f"{title} listening on {await fake.start(port)}", flush=True)
    stopped = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    await stopped.wait()
    await fake.stop()
