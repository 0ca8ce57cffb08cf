"""What the fake Captain.AI knows: keys, accounts, orders and drivers, in the words of its API.

Nothing here speaks HTTP; `captain_api.py` does. Shapes follow the documented models; what those
leave open is null, and what a status history holds is our own.
"""

import copy
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from .captain import ACCOUNT_UUID

INTEGRATION_KEY = "fake-captain-integration-key"
DEVELOPER_KEY = "fake-captain-developer-key"
TRACKING_URL = "https://tracking.captain.ai/t"
CANCELLED = "cancelled"
PROMISED_MINUTES = 60


def new_uuid() -> str:
    """Captain.AI's ids look like this one in every example."""
    return secrets.token_hex(6)


def now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")


@dataclass
class CaptainState:
    """`keys` are the pairs that are known, each with the accounts it may use (None for all)."""

    keys: dict[tuple[str, str], set[str] | None] = field(
        default_factory=lambda: {(INTEGRATION_KEY, DEVELOPER_KEY): None}
    )
    accounts: dict[str, dict] = field(default_factory=dict)
    orders: dict[str, dict] = field(default_factory=dict)
    drivers: dict[str, dict] = field(default_factory=dict)
    order_accounts: dict[str, str] = field(default_factory=dict)
    errors_as_tree: bool = False

    def __post_init__(self) -> None:
        self.add_account(ACCOUNT_UUID, "Demo Restaurant")

    # Who may do what

    def add_keys(
        self, integration_key: str, developer_key: str, accounts: Iterable[str] | None = None
    ) -> None:
        allowed = None if accounts is None else set(accounts)
        self.keys[integration_key, developer_key] = allowed

    def add_account(self, uuid: str, name: str = "Restaurant", **changes: object) -> dict:
        self.accounts[uuid] = {
            "uuid": uuid,
            "default_promised_delivery_minutes": PROMISED_MINUTES,
            "friendly_name": name,
            "kind": "store",
            "partners_external_identifier": None,
            "fleet_account_uuid": None,
            **changes,
        }
        return self.accounts[uuid]

    # Orders

    def orders_of(self, account_uuid: str) -> list[dict]:
        """An account's orders, newest first."""
        found = [o for o in self.orders.values() if self.order_accounts[o["uuid"]] == account_uuid]
        return found[::-1]

    def order_of(self, partners_id: str) -> dict | None:
        """The order that was created under an id of ours."""
        for order in self.orders.values():
            if order["partners_unique_internal_order_id"] == partners_id:
                return order
        return None

    def create_order(self, account_uuid: str, body: dict) -> dict:
        uuid = new_uuid()
        order = {
            "uuid": uuid,
            "created_at": now(),
            "status": "created",
            "scheduled_for": None,
            "special_instructions": None,
            "internal_notes": None,
            "note": None,
            "estimated_preparation_time": None,
            "promised_minutes": PROMISED_MINUTES,
            "promised_time_at": None,
            "remake_order": False,
            "remake_order_uuid": None,
            "payment_gateway_id": None,
            "preparation": None,
            "status_history": [],
            "financial_record": None,
            "items": [],
            "custom_fields": None,
            "tracking_link": f"{TRACKING_URL}/{uuid}",
            **copy.deepcopy(body),
        }
        order["delivery_job"] = _delivery_job(order)
        self.orders[uuid], self.order_accounts[uuid] = order, account_uuid
        return order

    def change_order(self, order: dict, body: dict) -> None:
        """Each field that is named replaces the old one as a whole."""
        order.update(copy.deepcopy(body))
        if "delivery_job" in body or "recipient" in body:
            order["delivery_job"] = _delivery_job(order)

    def set_order_status(self, order: dict, status: str, **more: object) -> None:
        order["status_history"].append({"status": status, "created_at": now()})
        order.update(status=status, **more)

    # Drivers

    def drivers_of(self, account_uuid: str) -> list[dict]:
        return [d for d in self.drivers.values() if d["account_uuid"] == account_uuid]

    def driver_of(self, account_uuid: str, external_id: str) -> dict | None:
        """The driver known under an id of ours."""
        for driver in self.drivers_of(account_uuid):
            if driver["partners_external_identifier"] == external_id:
                return driver
        return None

    def upsert_driver(self, account_uuid: str, body: dict) -> dict:
        driver = self.driver_of(account_uuid, body["partners_external_identifier"])
        if driver is None:
            driver = self._new_driver(account_uuid)
        driver.update(body)
        driver["email"] = driver["invitation_email"]
        driver["phone_number"] = driver["invitation_phone_number"]
        return driver

    def _new_driver(self, account_uuid: str) -> dict:
        uuid = new_uuid()
        account = self.accounts[account_uuid]
        self.drivers[uuid] = {
            "account_uuid": account_uuid,
            "uuid": uuid,
            "partners_external_identifier": None,
            "account_partners_external_identifier": account["partners_external_identifier"],
            "account_business_partners_external_identifier": None,
            "first_name": None,
            "last_name": None,
            "email": None,
            "phone_number": None,
            "on_duty": False,
            "active": True,
            "profile_picture_url": None,
            "invitation_phone_number": None,
            "invitation_email": None,
            "signup_completed": True,
        }
        return self.drivers[uuid]


def _delivery_job(order: dict) -> dict:
    """The job of an order; its drop-off is told in either of the two forms."""
    told = order.get("delivery_job") or {}
    location = told.get("dropoff_location")
    if address := order["recipient"].get("address"):
        texts = {name: str(address[name]) for name in ("latitude", "longitude") if name in address}
        location = {**address, **texts}
    return {
        "promised_delivery_minutes": PROMISED_MINUTES,
        "promised_delivery_time_at": None,
        "dropoff_eta": None,
        "pickup_eta": None,
        **told,
        "uuid": order["uuid"],
        "dropoff_location": location,
    }
