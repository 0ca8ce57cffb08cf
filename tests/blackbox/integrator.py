"""An integrator as tests see it: a subscription, the endpoint behind it, and what arrived there.

Every path of the fake subscriber is an endpoint of its own, so all tests share one fake, and each
integrator has a path, a token and a signing key that nobody else has.
"""

import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import urlencode

from standardwebhooks import Webhook

from local.fakes.subscriber import FakeSubscriber
from local.fakes.subscriber_contract import EVENTS
from local.http import Answer
from local.waiting import wait_until
from restaurant import Restaurant

__all__ = ["EVENTS", "Integrator", "Received"]


@dataclass(frozen=True)
class Received:
    """One call that arrived: `at` is Unix seconds, `raw` the body as it was sent."""

    at: float
    path: str
    headers: dict[str, str]
    raw: bytes

    @property
    def body(self) -> dict:
        return json.loads(self.raw)

    @property
    def name(self) -> str:
        return self.body["event_name"]

    @property
    def data(self) -> dict:
        return self.body["data"]

    @property
    def event_uuid(self) -> str:
        return self.body["event_uuid"]

    @property
    def webhook_id(self) -> str:
        return self.headers["webhook-id"]

    @property
    def attempt(self) -> int:
        return self.body["metadata"]["delivery_attempt"]

    @property
    def lasting(self) -> dict:
        """What is the same in every attempt."""
        return {name: value for name, value in self.body.items() if name != "metadata"}

    @property
    def signatures(self) -> list[str]:
        return self.headers["webhook-signature"].split(" ")

    def signature_by(self, signing_secret: str) -> str:
        """What the signature must be, by the words of Standard Webhooks and without a library."""
        key = base64.b64decode(signing_secret.removeprefix("whsec_"), validate=True)
        signed = f"{self.webhook_id}.{self.headers['webhook-timestamp']}.".encode() + self.raw
        digest = hmac.new(key, signed, hashlib.sha256).digest()
        return "v1," + base64.b64encode(digest).decode()

    def verified_by(self, signing_secret: str) -> None:
        """It verifies as any receiver would do it, by the standard's own library too."""
        assert Webhook(signing_secret).verify(self.raw, self.headers) == self.body
        assert self.signature_by(signing_secret) in self.signatures


@dataclass
class Integrator:
    """`secret` is the signing key that registering showed, once."""

    restaurant: Restaurant
    fake: FakeSubscriber
    path: str = field(default_factory=lambda: f"/{secrets.token_hex(6)}")
    token: str = field(default_factory=lambda: f"auth-{secrets.token_urlsafe(12)}")
    subscription: dict = field(default_factory=dict)
    secret: str = ""

    @property
    def url(self) -> str:
        return self.fake.url + self.path

    @property
    def items_url(self) -> str:
        return self.url + "/items"

    # The API

    def body(self, **changes: object) -> dict:
        """What it registers; `...` takes a field away."""
        body = {"url": self.url, "auth_token": self.token} | changes
        return {name: value for name, value in body.items() if value is not ...}

    def register(self, **changes: object) -> Answer:
        answer = self.restaurant.api.post(self.place(), self.body(**changes))
        if answer.status == 201:
            self.subscription = answer.json()
            self.secret = self.subscription["signing_secret"]
            # From now on the fake keeps as a violation what another token or key was sent with.
            for path in (self.path, f"{self.path}/items"):
                self.fake.expect(path, self.token, [self.secret])
        return answer

    def place(self, path: str | None = None) -> str:
        """The path of the account's subscriptions, or one that belongs to this one."""
        own = "" if path is None else f"/{self.subscription['id']}{path}"
        return f"/accounts/{self.restaurant.account_id}/subscriptions{own}"

    def call(self, method: str, path: str = "", body: object = None) -> Answer:
        return self.restaurant.api(method, self.place(path), body)

    def shown(self) -> dict:
        answer = self.call("GET")
        assert answer.status == 200, answer
        return answer.json()

    def listed(self, what: str, **query: object) -> list[dict]:
        """All pages of its `notifications` or `attempts`, newest first."""
        items, cursor = [], None
        while True:
            asked = query | ({"cursor": cursor} if cursor else {})
            answer = self.call("GET", f"/{what}" + (f"?{urlencode(asked)}" if asked else ""))
            assert answer.status == 200, answer
            page = answer.json()
            items += page["items"]
            cursor = page["next_cursor"]
            if cursor is None:
                return items

    def attempts(self, event_uuid: str | None = None, **query: object) -> list[dict]:
        chosen = {"event_uuid": event_uuid} if event_uuid else {}
        return self.listed("attempts", **chosen, **query)

    def notifications(self) -> list[dict]:
        return self.listed("notifications")

    def states(self) -> dict[str, str]:
        """How far each event is."""
        return {one["event_uuid"]: one["state"] for one in self.notifications()}

    def settled(self, *states: str, timeout: float = 30) -> list[dict]:
        """Its notifications as soon as these are their states, oldest first."""

        def look() -> list[dict]:
            found = self.notifications()[::-1]
            assert [one["state"] for one in found] == list(states), found
            return found

        return wait_until(look, timeout)

    # The endpoint

    def fault(self, kind: str, **more: object) -> None:
        self.fake.faults.add({"path": self.path, "kind": kind, **more})

    def received(self, *names: str) -> list[Received]:
        """What has arrived so far, oldest first; of these events, if any are named."""
        found = [
            Received(entry["at"], entry["path"], entry["headers"], entry["text"].encode())
            for entry in list(self.fake.requests)
            if entry["path"] in (self.path, f"{self.path}/items")
        ]
        return [call for call in found if not names or call.name in names]

    def hears(
        self,
        count: int,
        *names: str,
        when: Callable[[Received], object] = lambda call: True,
        timeout: float = 30,
    ) -> list[Received]:
        """What arrived as soon as it is so many calls of which `when` is true, and no more."""

        def look() -> list[Received]:
            found = [call for call in self.received(*names) if when(call)]
            shown = [(call.name, call.attempt) for call in found]
            assert len(found) >= count, f"{len(found)} of {count}: {shown}"
            return found

        found = wait_until(look, timeout) if count else look()
        assert len(found) == count, [(call.name, call.attempt) for call in found]
        return found
