"""What a notification must be: Captain.AI's envelope, the keys of its own example of the event with
the same JSON types, and the headers of Standard Webhooks.

The examples are the fixtures of Captain.AI's webhooks, so that a receiver that was written for
Captain.AI's finds here what it found there.
"""

import json
import re
import uuid
from collections.abc import Iterator
from functools import cache
from pathlib import Path

EXAMPLES = Path(__file__).parents[2] / "fixtures" / "captain"
EVENTS = (
    "order_assigned",
    "order_unassigned",
    "job_delivery_status_updated",
    "order_status_updated",
    "item_status_updated",
    "agent.radar_locations.created",
    "agent_eta_updated",
    "analytics_report_ready",
)
ENVELOPE = {"data", "environment", "event_name", "created_at", "event_uuid", "metadata"}
METADATA = {"sent_at", "delivery_attempt"}
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00")
# Whatever the integrator or the account gave; no two have the same keys.
FREE = {"order_custom_fields", "agent_partner_data"}
# "Only if exposed by support", says Captain.AI of this one.
OPTIONAL = {"items"}
# All else may be unknown, and is null then.
NEVER_NULL = {
    "account_uuid",
    "agent_locations",
    "agent_uuid",
    "item_status",
    "item_uuid",
    "job_delivery_status",
    "job_uuid",
    "latitude",
    "longitude",
    "order_status",
    "order_uuid",
    "partners_unique_internal_order_id",
    "published_at",
    "recorded_at",
}


def problems(headers: dict[str, str], body: object) -> list[str]:
    """All that is wrong with a notification; the names of `headers` are lower-case."""
    if not isinstance(body, dict) or set(body) != ENVELOPE:
        return [f"the body's keys are {sorted(body) if isinstance(body, dict) else body!r}"]
    return [*_of_envelope(headers, body), *_of_headers(headers, body), *_of_data(body)]


def _of_envelope(headers: dict[str, str], body: dict) -> Iterator[str]:
    metadata, replay = body["metadata"], headers.get("webhook-replay") == "true"
    if body["event_name"] not in EVENTS:
        yield f"event_name is {body['event_name']!r}"
    if not isinstance(body["environment"], str) or not body["environment"]:
        yield f"environment is {body['environment']!r}"
    if not isinstance(metadata, dict) or set(metadata) != METADATA | (
        {"replay"} if replay else set()
    ):
        yield f"metadata is {metadata!r}, and webhook-replay {headers.get('webhook-replay')!r}"
        return
    if replay and metadata["replay"] is not True:
        yield f"metadata.replay is {metadata['replay']!r}"
    if type(metadata["delivery_attempt"]) is not int or metadata["delivery_attempt"] < 1:
        yield f"metadata.delivery_attempt is {metadata['delivery_attempt']!r}"
    for name, moment in (
        ("created_at", body["created_at"]),
        ("sent_at", metadata["sent_at"]),
    ):
        if not isinstance(moment, str) or not TIME.fullmatch(moment):
            yield f"{name} is {moment!r}"


def _of_headers(headers: dict[str, str], body: dict) -> Iterator[str]:
    webhook_id, event = headers.get("webhook-id", ""), body["event_uuid"]
    own, _, replay = webhook_id.partition("_")
    if own != event or not _is_uuid(event) or bool(replay) != ("webhook-replay" in headers):
        yield f"webhook-id is {webhook_id!r}, and event_uuid {event!r}"
    if replay and not _is_uuid(replay):
        yield f"webhook-id ends with {replay!r}"
    if not headers.get("webhook-timestamp", "").isdecimal():
        yield f"webhook-timestamp is {headers.get('webhook-timestamp')!r}"
    if headers.get("content-type") != "application/json":
        yield f"content-type is {headers.get('content-type')!r}"
    if not headers.get("user-agent"):
        yield "there is no user-agent"


def _of_data(body: dict) -> Iterator[str]:
    if body["event_name"] in EVENTS:
        yield from _unlike(_example(body["event_name"]), body["data"], "data")


def _unlike(example: object, value: object, where: str) -> Iterator[str]:
    """Where a value has other keys than the example, or is of another JSON type."""
    name = where.rsplit(".", 1)[-1]
    if value is None or example is None:
        if value is None and name in NEVER_NULL:
            yield f"{where} is null"
    elif name in FREE:
        if not isinstance(value, dict):
            yield f"{where} is no object"
    elif _json_type(example) != _json_type(value):
        yield f"{where} is {_json_type(value)}, not {_json_type(example)}"
    elif isinstance(example, dict):
        if extra := sorted(set(value) - set(example)):
            yield f"{where} has {', '.join(extra)}"
        if missing := sorted(set(example) - set(value) - OPTIONAL):
            yield f"{where} lacks {', '.join(missing)}"
        for key in set(example) & set(value):
            yield from _unlike(example[key], value[key], f"{where}.{key}")
    elif isinstance(example, list):
        for number, entry in enumerate(value if example else []):
            yield from _unlike(example[0], entry, f"{where}.{number}")


def _json_type(value: object) -> str:
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int | float):
        return "number"
    return {str: "string", list: "array", dict: "object"}[type(value)]


def _is_uuid(text: str) -> bool:
    try:
        return str(uuid.UUID(text)) == text
    except (ValueError, AttributeError, TypeError):
        return False


@cache
def _example(event_name: str) -> dict:
    file = EXAMPLES / f"{event_name.replace('.', '_')}.json"
    return json.loads(file.read_text())["data"]
