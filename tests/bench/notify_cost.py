"""Notifications per second of one `notify` process, its processor time and its memory.

The real binary gets full batches of the queue, ten events of ten orders, beside the fake AWS of
this benchmark and an endpoint that answers at once; the events are those that the functions make
of a day of one account (rehearsal.py). Processor time is the kernel's count of the process alone,
so it does not contain the fakes; the rate does, since they share the machine with it.
"""

import asyncio
import json
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from local.settings import BINARIES, TEMPLATE, StackError
from local.template import Template

from . import events
from .__main__ import API_TOKEN
from .cloud import Cloud
from .process import FunctionFailedError, Run, run
from .rehearsal import NOTIFY, Rehearsal
from .server import Request, Response, Server
from .settings import STACK, Settings

EVENT = "job_delivery_status_updated"
BATCH = 10
# Subscriptions of the account.
CASES = (1, 10)
LIMIT_SECONDS = 300
EXAMPLE = BINARIES / "subscriber_cost" / "bootstrap"


@dataclass
class Endpoint:
    """Counts what it is told, and answers at once."""

    received: int = 0
    last: bytes = b""

    async def answer(self, request: Request) -> Response:
        self.received, self.last = self.received + 1, request.body
        return Response(200, b"OK")


async def measure(batches: int) -> None:
    cloud, endpoint = Cloud(), Endpoint()
    async with Server(cloud.answer) as aws, Server(endpoint.answer) as server:
        url = f"http://127.0.0.1:{server.port}/hook"
        print(f"One notify process, {batches} batches of {BATCH} events of as many orders\n")
        print("  subscriptions  notifications  per second  CPU us each  requests each  peak MB")
        for subscriptions in CASES:
            settings = Settings(Template(TEMPLATE), aws.port, API_TOKEN)
            case = Case(settings, cloud, url)
            await case.prepare(subscriptions)
            print(await case.line(endpoint, subscriptions, batches))
        if cloud.not_answered:
            print(f"  calls that were not answered: {sorted(cloud.not_answered)}")
        await cost_of_a_call(url, endpoint.last)


class Case:
    def __init__(self, settings: Settings, cloud: Cloud, url: str) -> None:
        self.settings, self.cloud, self.url = settings, cloud, url
        cloud.restore(({}, {}))
        self.batch = b""

    async def prepare(self, subscriptions: int) -> None:
        """A day of the account, and its last events told of ten orders."""
        built = {f.binary for f in self.settings.template.functions() if path(f.binary).is_file()}
        if NOTIFY not in built:
            raise StackError("notify is not built: make build")
        rehearsal = Rehearsal(self.settings, self.cloud, built, self._play)
        await rehearsal.perform()
        self._forget_subscription()
        for _ in range(subscriptions):
            await rehearsal.subscribe("/v1/accounts/demo", self.url)
        found = [entry for entry in rehearsal.published if entry["DetailType"] == EVENT]
        if not found:
            raise StackError("nothing was published: " + "; ".join(rehearsal.notes))
        bodies = [events.of_bus(self._of_another_order(found[0])) for _ in range(BATCH)]
        self.batch = json.dumps(events.batch(f"{STACK}-{NOTIFY}", bodies)).encode()
        self.state = self.cloud.state()

    async def line(self, endpoint: Endpoint, subscriptions: int, batches: int) -> str:
        first = await self._run(1)
        endpoint.received = 0
        self.cloud.calls.clear()
        many = await self._run(batches + 1)
        told = BATCH * subscriptions * (batches + 1)
        if endpoint.received != told:
            raise StackError(f"{endpoint.received} of {told} notifications arrived")
        requests = sum(self.cloud.calls.values()) / told
        counted = BATCH * subscriptions * batches
        # Without the start and the first batch, which opens the connections.
        seconds = (many.answered_ms[-1] - many.answered_ms[0]) / 1000
        spent = (many.cpu_ms - first.cpu_ms) * 1000 / counted
        rate, peak = counted / seconds, many.peak_bytes / 1_000_000
        return (
            f"  {subscriptions:>13}  {counted:>13,}  {rate:>10,.0f}  {spent:>11,.0f}"
            f"  {requests:>13.1f}  {peak:>7.1f}"
        )

    async def _run(self, count: int) -> Run:
        environment, binary = self.settings.environment(NOTIFY), path(NOTIFY)
        again, limit = self._put_back, LIMIT_SECONDS
        return await run(binary, environment, self.batch, count, again, limit=limit)

    def _put_back(self) -> None:
        """Nobody has been told yet."""
        items, parameters = self.state
        self.cloud.items, self.cloud.parameters = dict(items), dict(parameters)

    async def _play(self, name: str, event: bytes) -> bytes:
        try:
            return (await run(path(name), self.settings.environment(name), event)).answers[0]
        except FunctionFailedError as error:
            raise StackError(f"{name}: {error}") from error

    def _forget_subscription(self) -> None:
        """The one of the rehearsal, whose endpoint is no subject of this."""
        kept = {k: item for k, item in self.cloud.items.items() if "SUBSCRIPTION#" not in str(k)}
        self.cloud.items = kept

    def _of_another_order(self, entry: dict) -> dict:
        """The event, with the order that it is about stored under another id."""
        detail = json.loads(entry["Detail"])
        old, new = detail["order_id"], str(uuid.uuid4())
        for key, item in list(self.cloud.items.items()):
            if old in key[1]:
                copy = json.loads(json.dumps(item).replace(old, new))
                self.cloud.items[copy["pk"]["S"], copy["sk"]["S"]] = copy
        # Younger than the subscriptions: nobody is told of what was before.
        created_at = datetime.now(UTC).isoformat()
        detail |= {"order_id": new, "event_uuid": str(uuid.uuid4()), "created_at": created_at}
        return entry | {"Detail": json.dumps(detail)}


async def cost_of_a_call(url: str, body: bytes) -> None:
    """The client alone: a call and its signature, without the table."""
    if not EXAMPLE.is_file():
        print("\nThe cost of a call alone was not measured: its program is not built\n")
        return
    process = await asyncio.create_subprocess_exec(
        EXAMPLE, url, body.decode(), stdout=asyncio.subprocess.PIPE
    )
    output, _ = await process.communicate()
    told = json.loads(output)
    print(f"\nCPU of one call alone, body of {told['bytes']} bytes")
    print(f"  sign {told['sign_us']:.1f} us, send {told['call_us'] - told['sign_us']:.0f} us\n")


def path(name: str) -> Path:
    return BINARIES / name / "bootstrap"
