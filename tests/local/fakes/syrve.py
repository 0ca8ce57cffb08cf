"""A fake Syrve Cloud API: a real HTTP server that behaves like the documented one.

It stands in for the one system that cannot run here. Every request is checked against the
published contract; a request Syrve would refuse is answered 400 and kept as a violation, so a
test can demand that there were none. What the server does beyond answering (commands that end
later, webhooks back, faults) is steered through `/_control`, see `syrve_control.py`.

    async: fake = FakeSyrve(); await fake.start(); ... ; await fake.stop()
    sync:  with running_fake_syrve() as fake: ...
    shell: python -m local.fakes.syrve --port 8081
"""

import asyncio
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager

from aiohttp import web

from . import syrve_contract as contract
from .limits import Limits
from .server import FakeServer, Incoming, main, running
from .syrve_control import SyrveControl
from .syrve_faults import error_response, fault_answer, new_faults, rights_response
from .syrve_groups import GROUPS
from .syrve_operations import HANDLERS, Call, Refused
from .syrve_state import State
from .syrve_webhooks import WebhookSender

TOKEN_PATHS = ("/api/1/access_token", "/api/v2/access_token")
SECRET_FIELDS = ("apiLogin", "apiKey", "clientSecret", "authToken")
TOO_MANY = "Too many requests within allowed period of time"


class FakeSyrve(FakeServer):
    name = "fake-syrve"

    def reset(self) -> None:
        """Forget everything; the address stays."""
        self.state = State()
        self.faults = new_faults()
        self.limits = Limits()
        self.requests = []
        self.violations = []
        self.state.on_event = self.announce
        if hasattr(self, "sender"):
            self.sender.sent.clear()

    async def start(self, port: int = 0) -> str:
        self.sender = WebhookSender()
        await self.sender.start()
        return await super().start(port)

    async def stop(self) -> None:
        await self.sender.stop()
        await super().stop()

    def add_control_routes(self, app: web.Application) -> None:
        SyrveControl(self).add_to(app)

    def announce(self, event: dict) -> bool:
        return self.sender.queue(self.state.webhooks.get(event["organizationId"]), event)

    def fault_answer(self, fault: dict, request: web.Request) -> web.Response | None:
        return fault_answer(fault, request.path)

    def receive(self, request: web.Request, text: str) -> Incoming:
        body, problem = _parse(request, text)
        wait = self._count(request, body)
        record = {
            "path": request.path,
            "body": _redacted(body),
            "at": time.time(),
            "timeout": request.headers.get("Timeout"),
            "token": "***" if "Authorization" in request.headers else None,
            "status": None,
        }
        return Incoming(
            request.path, record, problem, lambda: self._answer(request, body, problem, wait)
        )

    def _count(self, request: web.Request, body: object) -> int | None:
        """Count the call for its login, even one whose token has expired."""
        group = GROUPS.get(request.path)
        if request.path in TOKEN_PATHS:
            given = body if isinstance(body, dict) else {}
            login = given.get("apiLogin") or given.get("apiKey")
        else:
            login = self.state.token_logins.get(_token(request))
        known = isinstance(login, str) and group is not None
        return self.limits.take(login, group) if known else None

    def _answer(
        self, request: web.Request, body: object, problem: str | None, wait: int | None
    ) -> web.Response:
        path = request.path
        if problem:
            status = 404 if path not in contract.OPERATIONS else 400
            return error_response(status, problem, "INVALID_BODY_JSON_FORMAT")
        login = None
        if path not in TOKEN_PATHS:
            login = self.state.login_of(_token(request))
            if login is None:
                return error_response(401, "Token is not valid", "TOKEN_INVALID")
            if login.refusal:
                return error_response(401, login.refusal)
            if path in login.rights_missing:
                return rights_response(path)
        if wait is not None:
            return error_response(429, TOO_MANY, headers={"Retry-After": str(wait)})
        try:
            answer = HANDLERS[path](Call(self, body, login))
        except Refused as refused:
            return error_response(refused.status, refused.description, refused.code)
        if slip := contract.response_problem(path, answer):
            return error_response(500, f"the fake breaks its own contract: {slip}")
        return web.json_response(answer)

    def run_command(self, organization_id: str, apply) -> str:
        """Accept a command: answer its id now, let its outcome come later."""
        command = self.state.new_command(organization_id, apply)
        if command.fate.polls == 0:
            asyncio.get_running_loop().call_later(command.fate.delay, command.settle)
        return command.correlation_id


def _token(request: web.Request) -> str:
    return request.headers.get("Authorization", "").removeprefix("Bearer ")


def _parse(request: web.Request, text: str) -> tuple[object, str | None]:
    """The body, and the first thing wrong with the whole request."""
    path, headers = request.path, request.headers
    try:
        body = json.loads(text) if text else None
    except json.JSONDecodeError:
        return None, "body: not JSON"
    if path not in contract.OPERATIONS:
        return body, f"path: {path} is not in the contract"
    if request.method != "POST":
        return body, f"method: {request.method} instead of POST"
    if request.content_type != "application/json":
        return body, f"Content-Type: {request.content_type} instead of application/json"
    if path not in TOKEN_PATHS and not headers.get("Authorization", "").startswith("Bearer "):
        return body, "Authorization: not 'Bearer <token>'"
    if "Timeout" in headers and not headers["Timeout"].isdigit():
        return body, "Timeout: not an integer"
    return body, contract.request_problem(path, body)


def _redacted(body: object) -> object:
    if not isinstance(body, dict):
        return body
    return {name: "***" if name in SECRET_FIELDS else value for name, value in body.items()}


@contextmanager
def running_fake_syrve(port: int = 0) -> Iterator[FakeSyrve]:
    """A fake in a thread of its own, for callers that are not asynchronous."""
    with running(FakeSyrve(), port) as fake:
        yield fake


if __name__ == "__main__":
    main(FakeSyrve, "fake Syrve")
