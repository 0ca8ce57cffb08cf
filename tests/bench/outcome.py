"""What came of an event, in words: the answer, what was queued, and what other systems have by it.

A number that is measured says little if the event did nothing; these words tell.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass

from .cloud import Cloud
from .settings import STACK

COUNTS = ("created", "updated", "deactivated", "unchanged")


@dataclass(frozen=True)
class Before:
    """What there was before the event."""

    queued: dict[str, int]
    items: dict

    @classmethod
    def of(cls, cloud: Cloud) -> "Before":
        queued = {url: len(messages) for url, messages in cloud.queued.items()}
        return cls(queued, dict(cloud.items))


def words(answer: bytes, event: dict, cloud: Cloud, before: Before) -> str:
    parts = [_answer(json.loads(answer or b"null"), event)]
    parts += _queued(cloud, before)
    parts += _synced(cloud, before)
    parts += ["order created at Captain.AI"] * len(cloud.systems.captain.orders)
    calls = ", ".join(f"{number} {name}" for name, number in cloud.calls.items())
    return "; ".join([*parts, f"calls: {calls or 'none'}"])


def _answer(content: object, event: dict) -> str:
    if "Records" in event:
        kept = len((content or {}).get("batchItemFailures", []))
        return f"{_number(len(event['Records']), 'message')}, {kept} to come back"
    if isinstance(content, dict) and "statusCode" in content:
        return f"HTTP {content['statusCode']}"
    if isinstance(content, dict) and "accounts" in content:
        return f"{_number(content['accounts'], 'account')} due"
    return "echo"


def _queued(cloud: Cloud, before: Before) -> Iterator[str]:
    for url, messages in cloud.queued.items():
        if new := len(messages) - before.queued.get(url, 0):
            name = url.rpartition("/")[2].removeprefix(f"{STACK}-").removesuffix(".fifo")
            yield f"{_number(new, 'message')} queued in {name}"


def _synced(cloud: Cloud, before: Before) -> Iterator[str]:
    """How the sync of an account ended, as the function keeps it."""
    for key, item in cloud.items.items():
        if key[1] == "SYNC" and before.items.get(key) != item:
            run = item["data"]["M"]
            for name in COUNTS:
                if number := int(run["counts"]["M"][name]["N"]):
                    yield f"{_number(number, 'driver')} {name}"
            if "S" in run["error"]:
                yield f"sync failed: {run['error']['S']}"


def _number(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"
