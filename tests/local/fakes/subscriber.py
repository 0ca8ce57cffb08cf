"""A subscriber: an endpoint of an integrator that is told of events, and may behave badly.

It takes POSTs on any path. Each is checked against subscriber_contract.py, and, for a path whose
secrets it was told (`expect`), its `Auth-Token` and its signature, by the library of Standard
Webhooks for Python; what breaks any of it is kept as a violation. The answer is 200 unless a fault
was queued for the path ("path", or "*"): see faults.py and subscriber_answers.py.

Each request is kept as a record: path, at (seconds), headers (names in lower case), text, body,
event_name, event_uuid, webhook_id, order_id, attempt, replay, authorized (None where the path's
token is unknown), signatures (how many there are), signed_by (which of the path's secrets signed,
by number), status (None while unanswered, "cut" where the connection just ended).

    with running_fake_subscriber() as fake:
        fake.expect("/hook", auth_token="...", signing_secrets=["whsec_..."])
        fake.answer("/hook", 500, 503)                      # then 200 again
        fake.faults.add({"path": "/slow", "kind": "hang", "times": None})
        fake.wait_for(3, path="/hook", event_name="order_assigned")
        fake.release("/slow")

Over HTTP: `GET /received?path=/hook&count=3&timeout=10` waits for that many requests with these
fields and answers with them; 408, with what there is, if they do not come. `PUT /_control/expect`
{"path", "auth_token"?, "signing_secrets"?}, `POST /_control/release` {"path"?}, and what every fake
has (control.py).
"""

import asyncio
import json
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial

from aiohttp import web
from standardwebhooks import Webhook, WebhookVerificationError

from . import subscriber_answers
from .control import Control, Handler
from .faults import Faults, status_answer
from .limits import Limits
from .server import FakeServer, Incoming, main, running
from .subscriber_contract import problems

NOT_THERE = 408


@dataclass(frozen=True)
class Endpoint:
    """What the integrator knows of its subscription."""

    auth_token: str | None = None
    signing_secrets: tuple[str, ...] = ()


class FakeSubscriber(FakeServer):
    name = "fake-subscriber"

    def __init__(self, host: str = "127.0.0.1") -> None:
        self._news = threading.Condition()
        super().__init__(host)

    def reset(self) -> None:
        """Forget everything; the address stays."""
        self.endpoints: dict[str, Endpoint] = {}
        self.faults = Faults("path", subscriber_answers.KINDS)
        self.limits = Limits()
        self.requests, self.violations = [], []
        # Calls of each path that are open, and the most that ever were.
        self.open: Counter[str] = Counter()
        self.most_open: Counter[str] = Counter()
        self._released: dict[str, asyncio.Event] = {}

    def expect(self, path: str, auth_token: str | None, signing_secrets: list[str]) -> None:
        """Check what comes to a path from now on; the current secret first."""
        self.endpoints[path] = Endpoint(auth_token, tuple(signing_secrets))

    def answer(self, path: str, *statuses: int, retry_after: int | str | None = None) -> None:
        """Answer the next requests to a path with these, one each."""
        for status in statuses:
            fault = {"path": path, "kind": "status", "status": status, "body": "text"}
            self.faults.add({**fault, "retry_after": retry_after})

    def received(self, **fields: object) -> list[dict]:
        """The requests with these fields so far, oldest first."""
        return [r for r in list(self.requests) if all(r[name] == fields[name] for name in fields)]

    def wait_for(self, count: int = 1, timeout: float = 15, **fields: object) -> list[dict]:
        """The requests with these fields, once there are so many."""
        with self._news:
            self._news.wait_for(lambda: len(self.received(**fields)) >= count, timeout)
        found = self.received(**fields)
        assert len(found) >= count, f"{len(found)} of {count} within {timeout} s: {fields}"
        return found

    def release(self, path: str | None = None) -> None:
        """End the hanging and dripping of a path, or of all."""
        for hung, event in list(self._released.items()):
            if path in (None, hung):
                self._loop.call_soon_threadsafe(event.set)

    async def start(self, port: int = 0) -> str:
        self._loop = asyncio.get_running_loop()
        return await super().start(port)

    async def stop(self) -> None:
        for event in self._released.values():
            event.set()
        await super().stop()

    def add_control_routes(self, app: web.Application) -> None:
        SubscriberControl(self).add_to(app)
        app.router.add_get("/received", self._show_received)

    def fault_answer(self, fault: dict, request: web.Request) -> web.Response | None:
        if fault["kind"] != "status":
            return None
        return status_answer(
            fault,
            lambda status, text, headers: web.json_response(
                {"error": text}, status=status, headers=headers
            ),
        )

    def receive(self, request: web.Request, text: str) -> Incoming:
        headers = {name.lower(): value for name, value in request.headers.items()}
        body = _parsed(text)
        record = {"path": request.path, "method": request.method, "at": time.time()}
        record |= {"headers": headers, "text": text, "body": body, "status": None}
        record |= _told(headers, body)
        known = self.endpoints.get(request.path, Endpoint())
        token, own = headers.get("auth-token"), known.auth_token
        record["authorized"] = None if own is None else token == own
        record["signatures"] = len(headers.get("webhook-signature", "").split())
        record["signed_by"] = _signers(known.signing_secrets, headers, text)
        wrong = [] if request.method == "POST" else [f"the method is {request.method}"]
        if record["authorized"] is False or not token:
            wrong.append("the Auth-Token is not the one that was given")
        if known.signing_secrets and not record["signed_by"]:
            wrong.append("no signature is right")
        wrong += problems(headers, body)
        return Incoming(
            request.path, record, "; ".join(wrong) or None, partial(web.Response, text="OK")
        )

    async def respond(
        self, request: web.Request, fault: dict | None, incoming: Incoming
    ) -> web.StreamResponse | None:
        path = request.path
        self.open[path] += 1
        self.most_open[path] = max(self.most_open[path], self.open[path])
        self._tell()
        try:
            if fault is None or fault["kind"] not in subscriber_answers.KINDS:
                return await super().respond(request, fault, incoming)
            # An event of its own for each round of hanging: released once, it hangs again.
            if path not in self._released or self._released[path].is_set():
                self._released[path] = asyncio.Event()
            response = await subscriber_answers.show(fault, request, self._released[path])
            if response is None and request.transport is not None:
                request.transport.close()
            return response
        finally:
            self.open[path] -= 1

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        response = await super()._serve(request)
        self._tell()
        return response

    def _tell(self) -> None:
        with self._news:
            self._news.notify_all()

    async def _show_received(self, request: web.Request) -> web.Response:
        wanted = dict(request.query)
        count, timeout = int(wanted.pop("count", 0)), float(wanted.pop("timeout", 15))
        end = time.monotonic() + timeout

        def found() -> list[dict]:
            return [
                record
                for record in list(self.requests)
                if all(str(record.get(name)) == value for name, value in wanted.items())
            ]

        def wait() -> None:
            with self._news:
                self._news.wait_for(lambda: len(found()) >= count, end - time.monotonic())

        await asyncio.get_running_loop().run_in_executor(None, wait)
        records = found()
        return web.json_response(records, status=200 if len(records) >= count else NOT_THERE)


class SubscriberControl(Control):
    fake: FakeSubscriber

    def routes(self) -> list[tuple[str, str, Handler]]:
        own = [("PUT", "expect", self.expect), ("POST", "release", self.release)]
        return [*super().routes(), *own]

    async def expect(self, request: web.Request, body: dict) -> dict:
        secrets = body.get("signing_secrets", [])
        self.fake.expect(body["path"], body.get("auth_token"), secrets)
        return {}

    async def release(self, request: web.Request, body: dict) -> dict:
        self.fake.release(body.get("path"))
        return {}


def _parsed(text: str) -> object:
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        return None


def _object(value: object) -> dict:
    return value if isinstance(value, dict) else {}


def _told(headers: dict[str, str], body: object) -> dict:
    """What a notification says, as far as it can be read."""
    envelope = _object(body)
    data, metadata = _object(envelope.get("data")), _object(envelope.get("metadata"))
    return {
        "event_name": envelope.get("event_name"),
        "event_uuid": envelope.get("event_uuid"),
        "webhook_id": headers.get("webhook-id"),
        "order_id": data.get("partners_unique_internal_order_id"),
        "attempt": metadata.get("delivery_attempt"),
        "replay": metadata.get("replay", False),
    }


def _signers(secrets: tuple[str, ...], headers: dict[str, str], text: str) -> list[int]:
    """The numbers of the secrets that one of the signatures was made with."""
    found = []
    for number, secret in enumerate(secrets):
        try:
            Webhook(secret).verify(text, headers, json_parse=False)
            found.append(number)
        except (WebhookVerificationError, ValueError):
            continue
    return found


@contextmanager
def running_fake_subscriber(port: int = 0) -> Iterator[FakeSubscriber]:
    """A fake in a thread of its own, for callers that are not asynchronous."""
    with running(FakeSubscriber(), port) as fake:
        yield fake


if __name__ == "__main__":
    main(FakeSubscriber, "fake subscriber")
