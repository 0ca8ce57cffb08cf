"""The events that the functions are measured with, made by the functions themselves.

A day of one account goes through the real binaries: `api` registers it, its drivers are fetched
from Syrve, one opens a shift, Syrve's order arrives and is made at Captain.AI, which assigns the
driver and reports that he collected it. What one function writes and queues is what the next one
finds and gets, in whatever format they agree on. So each first answer is that of a usual event with
all its work: for a receiver until the event is queued, for an event function until the transaction
and what follows from it are done, for a function that calls another system until the answer has had
its effects. Nobody is logged in at Syrve before an event, so each of its callers fetches a token.

At the end an integrator is told what happened to the order.
"""

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from local.account import Account

from . import events, outcome
from .cloud import SUBSCRIBER, Cloud
from .process import FunctionFailedError
from .settings import STACK, Settings

BARE, NOTIFY = "bare", "notify"
OTHER_FLEETS = ("jelp", "radaro", "bringg")

Play = Callable[[str, bytes], Awaitable[bytes]]


@dataclass
class Case:
    """An event, the state of the world before it, and what came of it."""

    event: bytes
    state: tuple[dict, dict]
    outcome: str = ""


@dataclass
class Rehearsal:
    settings: Settings
    cloud: Cloud
    built: set[str]
    play: Play
    cases: dict[str, Case] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    # What was published of the order at the end.
    published: list[dict] = field(default_factory=list)

    async def perform(self) -> None:
        """Fill `cases`, one for each function that is built."""
        await self._register()
        await self._sync()
        await self._order()
        await self._delivery()
        await self._other_fleets()
        await self._notification()
        await self._case("api", events.sample("api"))
        await self._case(BARE, {"what": "an event that is echoed"})

    async def _register(self) -> None:
        """The account whose tokens the sample events carry; its orders go to Captain.AI, and an
        integrator is told of them.
        """
        syrve, captain = events.sample("syrve-webhook"), events.sample("captain-webhook")
        account = Account(
            organization_id=json.loads(events.text(syrve))[0]["organizationId"],
            syrve_token=syrve["headers"]["authorization"],
            captain_token=captain["headers"]["auth-token"],
            **{f"{fleet}_token": self._token_of(fleet) for fleet in OTHER_FLEETS},
        )
        path = f"/v1/accounts/{account.account_id}"
        await self.ask("PUT", path, account.body(self.settings.url, self.settings.url))
        if not self.cloud.items:
            self.notes.append("no account was registered: the receivers refuse what they get")
        if NOTIFY in self.built:
            url = f"{self.settings.url}{SUBSCRIBER}"
            await self.subscribe(path, url)

    async def subscribe(self, account: str, url: str) -> None:
        body = {"url": url, "auth_token": "sample-auth-token"}
        await self.ask("POST", f"{account}/subscriptions", body)

    async def ask(self, method: str, path: str, body: dict) -> None:
        """A call of the API."""
        request = events.sample("api")
        request |= {"rawPath": path, "rawQueryString": "", "queryStringParameters": {}}
        request["pathParameters"] = {"proxy": path.removeprefix("/v1/")}
        request["requestContext"]["http"] |= {"method": method, "path": path}
        request["headers"]["content-type"] = "application/json"
        request["body"] = json.dumps(body)
        await self._play("api", request)

    async def _sync(self) -> None:
        """The first sync, a run of tomorrow: its message is good for as long as it is measured."""
        tomorrow = datetime.now(UTC) + timedelta(days=1)
        schedule = {"time": tomorrow.isoformat(timespec="seconds")}
        await self._case("driver-sync", events.sample("driver-sync") | schedule)
        await self._case("driver-sync-account", self._batch("driver-sync-account"))

    async def _order(self) -> None:
        """Syrve's words: a shift and an order."""
        await self._case("syrve-webhook", events.sample("syrve-webhook"))
        order = self._batch("delivery-order")
        shift = events.body("syrve-webhook", "syrve/shift_opened_with_role")
        await self._play("syrve-webhook", shift)
        await self._case("personal-shift", self._batch("personal-shift"))
        self.cloud.queued.clear()
        await self._case("delivery-order", order)
        await self._case("fleet-command", self._batch("fleet-command"))

    async def _delivery(self) -> None:
        """Captain.AI's words: a driver was assigned, and has collected the order."""
        assigned = events.body("captain-webhook", "captain/order_assigned")
        await self._play("captain-webhook", assigned)
        await self._play("fleet-event", self._batch("fleet-event"))
        self.cloud.queued.clear()
        await self._case("captain-webhook", events.sample("captain-webhook"))
        self.cloud.published.clear()
        await self._case("fleet-event", self._batch("fleet-event"))
        self.published = list(self.cloud.published)
        await self._case("syrve-command", self._batch("syrve-command"))

    async def _other_fleets(self) -> None:
        """What the receivers of the fleets do that nothing is written to."""
        for fleet in OTHER_FLEETS:
            if f"{fleet}-webhook" in self.built:
                await self._case(f"{fleet}-webhook", events.sample(f"{fleet}-webhook"))
            self.cloud.queued.clear()

    async def _notification(self) -> None:
        """The integrator is told what became of the order."""
        if NOTIFY in self.built:
            messages = [events.of_bus(entry) for entry in self.published]
            await self._case(NOTIFY, events.batch(f"{STACK}-{NOTIFY}", messages))

    def _token_of(self, fleet: str) -> str:
        """The token in a fleet's sample: Radaro's is in the body, the others' in a header."""
        if f"{fleet}-webhook" not in self.built:
            return f"token-of-nobody-{fleet}"
        request = events.sample(f"{fleet}-webhook")
        if "authorization" in request["headers"]:
            return request["headers"]["authorization"].split()[-1]
        return json.loads(events.text(request))["token"]

    async def _play(self, binary: str, event: dict) -> bytes | None:
        if binary not in self.built:
            return None
        try:
            return await self.play(binary, json.dumps(event).encode())
        except FunctionFailedError as error:
            self.notes.append(f"{binary}: {error}")
            return None

    async def _case(self, binary: str, event: dict) -> None:
        """Remember the event with the state before it, then let it have its effects."""
        if binary not in self.built:
            return
        self.cloud.forget()
        case = Case(json.dumps(event).encode(), self.cloud.state())
        before = outcome.Before.of(self.cloud)
        answer = await self._play(binary, event)
        if answer is None:
            return
        case.outcome = outcome.words(answer, event, self.cloud, before)
        self.cases[binary] = case

    def _batch(self, binary: str) -> dict:
        """The messages that wait for a function, as SQS hands them over. If none do, a sample."""
        url = self.settings.queue_url(binary)
        if messages := self.cloud.queued.pop(url, []):
            return events.batch(url.rpartition("/")[2], messages)
        if binary in self.built:
            self.notes.append(f"{binary}: nothing was queued for it, so it gets its sample")
        return events.sample(binary)
