"""The events that the functions are measured with, made by the functions themselves.

One order goes through the real binaries: the account is registered with `api`, Syrve's order and a
driver's shift arrive, Captain.AI assigns the driver and reports that he collected it. What one
function writes and queues is what the next one finds and gets, in whatever format they agree on. So
each first answer is that of a usual event with all its work: for a receiver until the event is
queued, for an event function until the transaction and what follows from it are done, for
syrve-command until Syrve has taken the call, token included.
"""

import base64
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

from local.account import Account
from local.settings import ROOT

from .cloud import Cloud
from .process import FunctionFailedError
from .settings import Settings

EVENTS = ROOT / "events"
FIXTURES = ROOT / "tests" / "fixtures"
BARE = "bare"

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

    async def perform(self) -> None:
        """Fill `cases`, one for each function that is built."""
        await self._register()
        await self._case("syrve-webhook", _sample("syrve-webhook"))
        order = self._batch("delivery-order")
        shift = _body("syrve-webhook", FIXTURES / "syrve" / "shift_opened_with_role.json")
        await self._play("syrve-webhook", shift)
        await self._case("personal-shift", self._batch("personal-shift"))
        await self._case("delivery-order", order)
        assigned = _body("captain-webhook", FIXTURES / "captain" / "order_assigned.json")
        await self._play("captain-webhook", assigned)
        await self._play("fleet-event", self._batch("fleet-event"))
        self.cloud.queued.clear()
        await self._case("captain-webhook", _sample("captain-webhook"))
        await self._case("fleet-event", self._batch("fleet-event"))
        await self._case("syrve-command", self._batch("syrve-command"))
        await self._case("api", _sample("api"))
        await self._case(BARE, {"what": "an event that is echoed"})

    async def _register(self) -> None:
        """The account whose tokens the sample events carry."""
        syrve, captain = _sample("syrve-webhook"), _sample("captain-webhook")
        account = Account(
            organization_id=json.loads(_text(syrve))[0]["organizationId"],
            syrve_token=syrve["headers"]["authorization"],
            captain_token=captain["headers"]["auth-token"],
        )
        request = _sample("api")
        path = f"/v1/accounts/{account.account_id}"
        request |= {"rawPath": path, "rawQueryString": "", "queryStringParameters": {}}
        request["pathParameters"] = {"proxy": path.removeprefix("/v1/")}
        request["requestContext"]["http"] |= {"method": "PUT", "path": path}
        request["headers"]["content-type"] = "application/json"
        request["body"] = json.dumps(account.body(self.settings.url))
        await self._play("api", request)
        if not self.cloud.items:
            self.notes.append("no account was registered: the receivers refuse what they get")

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
        case = Case(json.dumps(event).encode(), self.cloud.state())
        self.cloud.calls.clear()
        answer = await self._play(binary, event)
        if answer is None:
            return
        calls = ", ".join(f"{number} {name}" for name, number in self.cloud.calls.items())
        case.outcome = f"{_short(answer, event)}; calls: {calls or 'none'}"
        self.cases[binary] = case

    def _batch(self, binary: str) -> dict:
        """The messages that wait for a function, as SQS hands them over. If none do, a sample."""
        messages = self.cloud.queued.pop(self.settings.queue_url(binary), [])
        sample = EVENTS / f"{binary}.json"
        if not messages and sample.is_file():
            if binary in self.built:
                self.notes.append(f"{binary}: nothing was queued for it, so it gets its sample")
            return json.loads(sample.read_text())
        if not messages and binary in self.built:
            self.notes.append(f"{binary}: nothing was queued for it, so it gets an empty batch")
        return {"Records": [_record(number, body) for number, body in enumerate(messages)]}


def _record(number: int, body: str) -> dict:
    return {
        "messageId": f"00000000-0000-4000-8000-{number:012}",
        "receiptHandle": f"receipt-{number}",
        "body": body,
        "attributes": {
            "ApproximateReceiveCount": "1",
            "SentTimestamp": "1782664200000",
            "SequenceNumber": f"{number:020}",
            "MessageGroupId": "group",
            "SenderId": "bench",
            "MessageDeduplicationId": f"deduplication-{number}",
            "ApproximateFirstReceiveTimestamp": "1782664200000",
        },
        "messageAttributes": {},
        "md5OfBody": "",
        "eventSource": "aws:sqs",
        "eventSourceARN": "arn:aws:sqs:eu-west-1:000000000000:bench.fifo",
        "awsRegion": "eu-west-1",
    }


def _sample(binary: str) -> dict:
    return json.loads((EVENTS / f"{binary}.json").read_text())


def _body(binary: str, fixture: Path) -> dict:
    """The sample call of a receiver with another body."""
    return _sample(binary) | {"body": fixture.read_text(), "isBase64Encoded": False}


def _text(request: dict) -> str:
    body = request["body"]
    return base64.b64decode(body).decode() if request["isBase64Encoded"] else body


def _short(answer: bytes, event: dict) -> str:
    content = json.loads(answer or b"null")
    if "Records" in event:
        kept = len((content or {}).get("batchItemFailures", []))
        return f"{len(event['Records'])} messages, {kept} to come back"
    if isinstance(content, dict) and "statusCode" in content:
        return f"HTTP {content['statusCode']}"
    return "echo"
