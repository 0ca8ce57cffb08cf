"""A Captain.AI that sends webhooks, as its documentation describes them.

It builds the documented envelope around the data of each event and sends it with the static
`Auth-Token`. Only 2xx means received; everything else, redirects included, is repeated up to 15
times with growing pauses, with the same `event_uuid` and a rising `metadata.delivery_attempt`.

    captain = FakeCaptain("http://127.0.0.1:3000/webhooks/captain/demo", "token")
    captain.send(job_delivery_status_updated("collected"))

`data` of every event can be changed with keyword arguments; `published_at` is when it happened.
`of_order`, `of_driver` and `of_job` give it for an order and a driver of the fake REST API:

    captain.send(order_assigned(**of_order(order), **of_driver(driver)))
    captain.send(job_delivery_status_updated("collected", **of_job(order, driver)))

The shape of `analytics_report_ready` is not published, so its fields here are an assumption.
"""

import asyncio
import time
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime

import aiohttp

MAX_ATTEMPTS = 15
ORDER_ID = "497f6eca-6276-4993-bfeb-53cbbbba6f08"
EMPLOYEE_ID = "ffc60000-0000-4000-8000-000000000017"
ACCOUNT_UUID, AGENT_UUID, ORDER_UUID = "73f4c9af9f79", "7183bb9f1a65", "6992dc85d681"
JOB_STATUSES = (
    "unassigned_to_driver",
    "assigned_to_driver",
    "assigned_and_accepted_by_driver",
    "collected",
    "dropped_off",
    "returning_to_pickup_with_delivery",
    "auto_closed",
    "failed",
    "cancelled",
)
ORDER_STATUSES = (
    "in_progress",
    "completed",
    "failed",
    "cancelled",
    "auto_closed",
    "not_dispatched",
)


@dataclass
class Delivery:
    """What became of one event: the status of each attempt, None where nobody answered."""

    event_uuid: str
    statuses: list[int | None]

    @property
    def received(self) -> bool:
        return _received(self.statuses[-1] if self.statuses else None)


class FakeCaptain:
    def __init__(
        self,
        url: str,
        auth_token: str,
        backoff_base: float = 0.05,
        max_attempts: int = MAX_ATTEMPTS,
        items_url: str | None = None,
    ) -> None:
        self.url, self.items_url, self.auth_token = url, items_url or url, auth_token
        self.backoff_base, self.max_attempts = backoff_base, max_attempts

    def send(self, event: dict) -> Delivery:
        """Send one event, with retries, from code that is not asynchronous."""
        return asyncio.run(self.send_async(event))

    async def send_async(self, event: dict) -> Delivery:
        url = self.items_url if event["event_name"] == "item_status_updated" else self.url
        delivery = Delivery(event["event_uuid"], [])
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=10)) as session:
            for attempt in range(1, self.max_attempts + 1):
                metadata = {"sent_at": _iso(time.time()), "delivery_attempt": attempt}
                body = {**event, "metadata": metadata}
                delivery.statuses.append(await self._post(session, url, body))
                if delivery.received:
                    break
                if attempt < self.max_attempts:
                    await asyncio.sleep(self.backoff_base * 2 ** (attempt - 1))
        return delivery

    async def _post(self, session: aiohttp.ClientSession, url: str, body: dict) -> int | None:
        headers = {"Auth-Token": self.auth_token}
        try:
            async with session.post(
                url, json=body, headers=headers, allow_redirects=False
            ) as response:
                return response.status
        except (aiohttp.ClientError, TimeoutError):
            return None


def envelope(event_name: str, data: dict) -> dict:
    """The envelope all events share; `created_at` follows `published_at` by a moment."""
    data = {"published_at": time.time(), **data}
    return {
        "data": data,
        "environment": "production",
        "event_name": event_name,
        "created_at": _iso(float(data["published_at"]) + 0.07),
        "event_uuid": str(uuid.uuid4()),
        "metadata": {"sent_at": _iso(time.time()), "delivery_attempt": 1},
    }


def order_assigned(**data: object) -> dict:
    return envelope("order_assigned", _order() | _agent() | data)


def order_unassigned(**data: object) -> dict:
    return envelope("order_unassigned", _order() | _agent() | data)


def job_delivery_status_updated(status: str, **data: object) -> dict:
    recorded_at = datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S +0000")
    return envelope(
        "job_delivery_status_updated",
        _order()
        | {
            "job_uuid": ORDER_UUID,
            "job_delivery_status": status,
            "job_delivery_status_agent_uuid": AGENT_UUID,
            "job_delivery_status_agent_location": {
                "latitude": "53.349805",
                "longitude": "-6.260310",
                "recorded_at": recorded_at,
            },
            "order_description": "577",
        }
        | data,
    )


def order_status_updated(status: str, **data: object) -> dict:
    own = {"order_status": status, "order_description": "577"}
    return envelope("order_status_updated", _order() | own | data)


def agent_radar_locations_created(agent_locations: list | None = None) -> dict:
    """One event, many agents, many points; this one carries no `published_at`."""
    point = {
        "latitude": "53.349805",
        "longitude": "-6.260310",
        "speed": "18.5",
        "course": 90,
        "recorded_at": datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S UTC"),
        "account_uuid": ACCOUNT_UUID,
    }
    agent = {
        "agent_uuid": AGENT_UUID,
        "agent_partners_external_identifier": EMPLOYEE_ID,
        "locations": [point],
    }
    agents = [agent] if agent_locations is None else agent_locations
    event = envelope("agent.radar_locations.created", {"account_uuid": ACCOUNT_UUID})
    event["data"]["agent_locations"] = agents
    del event["data"]["published_at"]
    return event


def agent_eta_updated(**data: object) -> dict:
    now = int(time.time())
    own = {
        "agent_account_partners_external_identifier": "demo-store",
        "agent_account_business_partners_external_identifier": "",
        "eta_till_available": now + 900,
        "eta_arrive_at_home_hub": now + 1200,
        "calculated_at": now,
    }
    return envelope("agent_eta_updated", _agent() | {"account_uuid": ACCOUNT_UUID} | own | data)


def item_status_updated(status: str = "being_prepared", **data: object) -> dict:
    own = {
        "item_uuid": "item00000001",
        "item_name": "Pizza Margherita",
        "item_status": status,
        "quantity": 1,
        "sequence": 1,
        "item_account_partners_external_identifier": "demo-store",
        "item_account_business_partners_external_identifier": "",
        "tracking_link": f"https://tracking.example/t/{ORDER_UUID}",
    }
    return envelope("item_status_updated", _kitchen() | own | data)


def analytics_report_ready(**data: object) -> dict:
    own = {"uuid": "5a1e00000001", "kind": "delivery_data", "status": "ready"}
    return envelope("analytics_report_ready", own | {"account_uuid": ACCOUNT_UUID} | data)


def order_kds_print_request(status: str = "being_prepared", **data: object) -> dict:
    own = {
        "order_status": status,
        "items": [{"uuid": "item00000001", "name": "Pizza Margherita", "quantity": 1}],
        "started_at": _iso(time.time()),
        "completed_at": None,
        "recipient": {
            "name": "Testa Example",
            "phone_number": "+35310000000",
            "address": {"line_1": "12 Example Street", "city": "Dublin", "country": "IE"},
        },
        "printer": "kitchen",
    }
    return envelope("order_kds_print_request", _order() | _kitchen() | own | data)


def of_order(order: dict, account_uuid: str = ACCOUNT_UUID) -> dict:
    """What events call an order that was created through the REST API."""
    return {
        "order_uuid": order["uuid"],
        "partners_unique_internal_order_id": order["partners_unique_internal_order_id"],
        "account_uuid": account_uuid,
        "order_custom_fields": order["custom_fields"],
    }


def of_driver(driver: dict) -> dict:
    """What events call a driver that was told through the REST API."""
    return {
        "agent_uuid": driver["uuid"],
        "agent_partners_external_identifier": driver["partners_external_identifier"],
    }


def of_job(order: dict, driver: dict | None = None, account_uuid: str = ACCOUNT_UUID) -> dict:
    """What events about its delivery call an order, and the driver who carries it."""
    own = {
        "job_uuid": order["uuid"],
        "order_description": order["store_order_reference_description"],
    }
    agent = {"job_delivery_status_agent_uuid": driver["uuid"]} if driver else {}
    return of_order(order, account_uuid) | own | agent


def _order() -> dict:
    return {
        "order_uuid": ORDER_UUID,
        "partners_unique_internal_order_id": ORDER_ID,
        "account_uuid": ACCOUNT_UUID,
        "order_account_partners_external_identifier": "demo-store",
        "order_account_business_partners_external_identifier": "",
        "order_custom_fields": None,
    }


def _agent() -> dict:
    return {
        "agent_uuid": AGENT_UUID,
        "agent_partners_external_identifier": EMPLOYEE_ID,
        "agent_partner_data": {},
    }


def _kitchen() -> dict:
    return {
        "kind": "delivery",
        "channel_slug": "unknown",
        "account_uuid": ACCOUNT_UUID,
        "order_description": "577",
        "payment_gateway_id": None,
        "payment_status": "fully_paid",
        "grand_total_including_tax": "22.0",
    }


def _received(status: int | None) -> bool:
    return status is not None and 200 <= status < 300


def _iso(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).isoformat(timespec="milliseconds")
