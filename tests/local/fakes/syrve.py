"""A fake Syrve Cloud API: a real HTTP server that behaves like the documented one.

It stands in for the one system that cannot run here. Every request is checked against the
published contract; a request Syrve would refuse is answered 400 and kept as a violation, so a
test can demand that there were none. What the server does beyond answering (commands that end
later, webhooks back, faults) is steered through `/_control`, see `syrve_control.py`.

    async: fake = FakeSyrve(); await fake.start(); ... ; await fake.stop()
    sync:  with running_fake_syrve() as fake: ...
    shell: python -m local.fakes.syrve --port 8081
"""

import argparse
import asyncio
import contextlib
import json
import signal
import threading
import time
from collections.abc import Iterator

from aiohttp import web

from . import syrve_contract as contract
from .syrve_control import add_control_routes
from .syrve_faults import Faults, error_response, fault_answer
from .syrve_operations import HANDLERS, Refused
from .syrve_state import State
from .syrve_webhooks import WebhookSender

TOKEN_PATHS = ("/api/1/access_token", "/api/v2/access_token")
SECRET_FIELDS = ("apiLogin", "apiKey", "clientSecret", "authToken")


class FakeSyrve:
    def __init__(self, host: str = "127.0.0.1") -> None:
        self.host = host
        self.port = 0
        self.reset()

    def reset(self) -> None:
        """Forget everything; the address stays."""
        self.state = State()
        self.faults = Faults()
        self.requests: list[dict] = []
        self.violations: list[dict] = []
        self.state.on_event = self.announce
        if hasattr(self, "sender"):
            self.sender.sent.clear()

    @property
    def url(self) -> str:
        return f"http://{self.host}:{self.port}"

    async def start(self, port: int = 0) -> str:
        self.sender = WebhookSender()
        await self.sender.start()
        app = web.Application()
        add_control_routes(app, self)
        app.router.add_route("*", "/{path:.*}", self._serve)
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        site = web.TCPSite(self._runner, self.host, port)
        await site.start()
        self.port = self._runner.addresses[0][1]
        return self.url

    async def stop(self) -> None:
        await self.sender.stop()
        await self._runner.cleanup()

    def announce(self, event: dict) -> bool:
        return self.sender.queue(self.state.webhooks.get(event["organizationId"]), event)

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        text = await request.text()
        body, problem = _parse(request, text)
        record = {
            "path": request.path,
            "body": _redacted(body),
            "at": time.time(),
            "timeout": request.headers.get("Timeout"),
            "token": "***" if "Authorization" in request.headers else None,
            "status": None,
        }
        self.requests.append(record)
        if problem:
            self.violations.append({**record, "problem": problem})
        response = await self._answer(request, body, problem)
        record["status"] = "cut" if response is None else response.status
        if response is None:
            request.transport.abort()
            return web.Response(status=500)
        return response

    async def _answer(
        self, request: web.Request, body: object, problem: str | None
    ) -> web.Response | None:
        """The answer, or None when the connection is to be cut instead."""
        fault = self.faults.take(request.path)
        answer = fault_answer(fault, request.path) if fault else None
        if answer is not None:
            return answer
        if fault and fault["kind"] == "slow":
            await asyncio.sleep(fault.get("seconds", 1))
        response = self._normal_answer(request, body, problem)
        if fault and fault["kind"] == "hang_then_close":
            await asyncio.sleep(fault.get("seconds", 0))
            return None
        return response

    def _normal_answer(
        self, request: web.Request, body: object, problem: str | None
    ) -> web.Response:
        if problem:
            status = 404 if request.path not in contract.OPERATIONS else 400
            return error_response(status, problem, "INVALID_BODY_JSON_FORMAT")
        if request.path not in TOKEN_PATHS:
            token = request.headers["Authorization"].removeprefix("Bearer ")
            if not self.state.token_is_valid(token):
                return error_response(401, "Token is not valid", "TOKEN_INVALID")
        try:
            answer = HANDLERS[request.path](self, body)
        except Refused as refused:
            return error_response(refused.status, refused.description, refused.code)
        if slip := contract.response_problem(request.path, answer):
            return error_response(500, f"the fake breaks its own contract: {slip}")
        return web.json_response(answer)

    def run_command(self, organization_id: str, apply) -> str:
        """Accept a command: answer its id now, let its outcome come later."""
        command = self.state.new_command(organization_id, apply)
        if command.fate.polls == 0:
            asyncio.get_running_loop().call_later(command.fate.delay, command.settle)
        return command.correlation_id


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


@contextlib.contextmanager
def running_fake_syrve(port: int = 0) -> Iterator[FakeSyrve]:
    """A fake in a thread of its own, for callers that are not asynchronous."""
    fake, loop = FakeSyrve(), asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="fake-syrve")
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


async def _run(host: str, port: int) -> None:
    fake = FakeSyrve(host)
    print(f"fake Syrve listening on {await fake.start(port)}", flush=True)
    stopped = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    await stopped.wait()
    await fake.stop()


def main() -> None:
    parser = argparse.ArgumentParser(description="Run the fake Syrve Cloud API.")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0, help="0 picks a free port")
    arguments = parser.parse_args()
    asyncio.run(_run(arguments.host, arguments.port))


if __name__ == "__main__":
    main()
