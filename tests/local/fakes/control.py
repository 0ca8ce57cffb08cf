"""The part of the control API that every fake has, under /_control; bodies and answers are JSON.

POST   /_control/reset        forget everything
POST   /_control/faults       {<operation>, "kind", "times"?, ...}, see faults.py
DELETE /_control/faults       show no more faults
GET    /_control/requests     what was received, newest last; ?path= and the like choose
GET    /_control/violations   what broke the contract
GET    /_control/limits       each caller's calls per group, with its busiest 60 s (?seconds=)
"""

import json
from collections.abc import Awaitable, Callable

from aiohttp import web

from .limits import WINDOW_SECONDS
from .server import FakeServer

Handler = Callable[[web.Request, dict], Awaitable[dict | list]]


class Control:
    """`caller_name` is what the fake calls those whose calls are counted."""

    caller_name = "caller"

    def __init__(self, fake: FakeServer) -> None:
        self.fake = fake

    def routes(self) -> list[tuple[str, str, Handler]]:
        return [
            ("POST", "reset", self.reset),
            ("POST", "faults", self.add_fault),
            ("DELETE", "faults", self.clear_faults),
            ("GET", "requests", self.requests),
            ("GET", "violations", self.violations),
            ("GET", "limits", self.limits),
        ]

    def add_to(self, app: web.Application) -> None:
        for method, path, handler in self.routes():
            app.router.add_route(method, f"/_control/{path}", _json(handler))

    async def reset(self, request: web.Request, body: dict) -> dict:
        self.fake.reset()
        return {}

    async def add_fault(self, request: web.Request, body: dict) -> dict:
        self.fake.faults.add(body)
        return {}

    async def clear_faults(self, request: web.Request, body: dict) -> dict:
        self.fake.faults.clear()
        return {}

    async def requests(self, request: web.Request, body: dict) -> list:
        chosen = request.query.items()
        return [
            entry
            for entry in self.fake.requests
            if all(str(entry.get(name)) == value for name, value in chosen)
        ]

    async def violations(self, request: web.Request, body: dict) -> list:
        return self.fake.violations

    async def limits(self, request: web.Request, body: dict) -> list:
        seconds = float(request.query.get("seconds", WINDOW_SECONDS))
        return self.fake.limits.shown(self.caller_name, seconds)


def _json(handler: Handler):
    async def serve(request: web.Request) -> web.Response:
        text = await request.text()
        try:
            body = json.loads(text) if text else {}
            return web.json_response(await handler(request, body))
        except (KeyError, ValueError, TypeError) as error:
            return web.json_response({"error": f"{type(error).__name__}: {error}"}, status=400)

    return serve
