"""What an endpoint that hangs costs the healthy ones: from the event on the bus to its arrival.

With the real functions in the emulator, in two comparisons, each side by side in one run. Of two
accounts with fifty healthy endpoints each, one has a fifty-first that hangs; both are told the same
in turn. And of fifty accounts with one endpoint each, told with and without a further account whose
endpoint hangs on a backlog. The delays hold the emulator's own time: compare the rows.
"""

import asyncio
import json
import secrets
import statistics
import time
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime

from local.account import Account
from local.http import Api
from local.settings import STATE, StackError
from local.stack import Stack
from local.waiting import wait_until

from .server import Request, Response, Server

HEALTHY = 50
HANGING = "/hanging"
# Events that the further account has at once.
BACKLOG = 30
PATIENCE_SECONDS = 60
# Events of both accounts that are not counted: functions and connections are started by them.
WARM_UP = 3


@dataclass
class Endpoints:
    """Every path is an endpoint. It remembers when each event arrived; one never answers."""

    arrived: dict[str, list[float]] = field(default_factory=dict)

    async def answer(self, request: Request) -> Response:
        now = time.time()
        if request.path.startswith(HANGING):
            await asyncio.Event().wait()
        event = json.loads(request.body)["event_uuid"]
        self.arrived.setdefault(event, []).append(now)
        return Response(200, b"OK")


async def measure(rounds: int) -> None:
    stack = Stack(STATE / "bench-notify", secrets.token_urlsafe(32), parameters=parameters())
    endpoints = Endpoints()
    async with Server(endpoints.answer) as server:

        def work() -> None:
            with stack:
                Delay(stack, endpoints, server.port).compare(rounds)

        await asyncio.to_thread(work)


def parameters() -> dict[str, str]:
    return {"DriverSyncMinutes": "1440", "AllowLoopbackSubscribers": "true"}


class Delay:
    def __init__(self, stack: Stack, endpoints: Endpoints, port: int) -> None:
        self.api = Api(stack.api_url, stack.api_token)
        self.events, self.bus = stack.client("events"), stack.outputs["EventBusName"]
        self.endpoints, self.url = endpoints, f"http://127.0.0.1:{port}"

    def compare(self, rounds: int) -> None:
        print("Delay of healthy endpoints, ms\n")
        print(f"  {'':<44}  {'told':>5}  median     p90   worst")
        with ThreadPoolExecutor(4) as threads:
            alone, beside = (self.account(name) for name in ("alone", "beside"))
            for account in (alone, beside):
                list(
                    threads.map(lambda n, a=account: self.subscribe(a, f"/{a}/{n}"), range(HEALTHY))
                )
            self.subscribe(beside, HANGING)
            told = {alone: [], beside: []}
            for number in range(WARM_UP + rounds):
                for account in told if number % 2 else reversed(told):
                    delays = self.tell({account: HEALTHY})
                    told[account] += delays if number >= WARM_UP else []
            row(f"{HEALTHY} of an account", told[alone])
            row(f"{HEALTHY} of an account beside one that hangs", told[beside])
            many = list(threads.map(lambda n: self.account(f"many-{n}"), range(HEALTHY)))
            list(threads.map(lambda account: self.subscribe(account, f"/{account}"), many))
        every = dict.fromkeys(many, 1)
        without = self.repeated(rounds, lambda: self.tell(every))
        other = self.account("other")
        self.subscribe(other, f"{HANGING}/other")
        for _ in range(BACKLOG):
            self.publish(other)
        during = self.repeated(rounds, lambda: self.tell(every))
        row(f"{HEALTHY} accounts", without)
        row(f"{HEALTHY} accounts beside one whose endpoint hangs", during)
        print()

    def repeated(self, rounds: int, tell: Callable[[], list[float]]) -> list[float]:
        return [delay for _ in range(rounds) for delay in tell()]

    def tell(self, accounts: dict[str, int]) -> list[float]:
        """Each account has an event that so many endpoints are to be told of; their delays."""
        sent = {}
        for account, count in accounts.items():
            began = time.time()
            sent[self.publish(account)] = (began, count)

        def all_there() -> bool:
            return all(len(self.arrived(event)) >= count for event, (_, count) in sent.items())

        wait_until(all_there, PATIENCE_SECONDS, every=0.01)
        return [
            (at - began) * 1000 for event, (began, _) in sent.items() for at in self.arrived(event)
        ]

    def arrived(self, event: str) -> list[float]:
        return self.endpoints.arrived.get(event, [])

    def publish(self, account: str) -> str:
        """An event of an order of its own, as a function would publish it."""
        now = datetime.now(UTC).isoformat().replace("+00:00", "Z")
        detail = {
            "name": "order_assigned",
            "event_uuid": str(uuid.uuid4()),
            "account_id": account,
            "order_id": str(uuid.uuid4()),
            "occurred_at": now,
            "created_at": now,
            "detail": {"provider": "captain", "driver_id": "bench", "fleet_id": None},
        }
        entry = {
            "EventBusName": self.bus,
            "Source": "courier-bridge",
            "DetailType": detail["name"],
            "Detail": json.dumps(detail),
        }
        self.events.put_events(Entries=[entry])
        return detail["event_uuid"]

    def account(self, name: str) -> str:
        account = Account(f"bench-{name}", str(uuid.uuid4()), api_login=secrets.token_hex(8))
        body = account.body("https://syrve.example")
        accepted(self.api.put(f"/accounts/{account.account_id}", body))
        return account.account_id

    def subscribe(self, account: str, path: str) -> None:
        body = {"url": self.url + path, "auth_token": "sample-auth-token"}
        accepted(self.api.post(f"/accounts/{account}/subscriptions", body))


def accepted(answer) -> None:
    if answer.status not in (200, 201):
        raise StackError(f"the API refused: {answer.body.decode()}")


def row(name: str, delays: list[float]) -> None:
    ninth = statistics.quantiles(delays, n=10, method="inclusive")[8]
    numbers = (statistics.median(delays), ninth, max(delays))
    print(f"  {name:<44}  {len(delays):>5,}" + "".join(f"  {n:>6,.0f}" for n in numbers))
