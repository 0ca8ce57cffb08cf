"""Whole payloads of tests/fixtures, told of an order of one's own.

Every fixture is about the same order of the same restaurant. `Order` gives it names of its own,
so that orders of one stack never meet: neither by Syrve's id nor by a fleet's, nor by the number on
the bill.
"""

import json
import secrets
import uuid
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from .fakes import bringg, captain, jelp, radaro
from .fakes.fleet import Event
from .fakes.syrve_state import ORGANIZATION_ID

FIXTURES = Path(__file__).parents[1] / "fixtures"
# The order of the fixtures, and the one it becomes when it is moved to another kitchen.
ORDER_ID = "497f6eca-6276-4993-bfeb-53cbbbba6f08"
MOVED_ID = "497f6eca-6276-4993-bfeb-53cbbbba6f09"
UPDATE_STATUS = "/api/1/deliveries/update_order_delivery_status"
COMMAND_STATUS = "/api/1/commands/status"
ACCESS_TOKEN = "/api/1/access_token"


def _uuid() -> str:
    return str(uuid.uuid4())


def _number() -> int:
    return 1000 + secrets.randbelow(9_000_000)


def _fleets_number() -> int:
    """A multiple of ten, since Bringg's way points have the numbers that follow."""
    return 10 * (10_000_000 + secrets.randbelow(90_000_000))


@dataclass(frozen=True)
class Order:
    """The names under which an order is known, and events that use them."""

    organization_id: str = ORGANIZATION_ID
    order_id: str = field(default_factory=_uuid)
    moved_id: str = field(default_factory=_uuid)
    captain_id: str = field(default_factory=lambda: secrets.token_hex(6))
    jelp_folio: str = field(default_factory=lambda: secrets.token_hex(5).upper())
    radaro_id: int = field(default_factory=_fleets_number)
    bringg_id: int = field(default_factory=_fleets_number)
    number: int = field(default_factory=_number)

    @property
    def names(self) -> dict:
        """What every Captain.AI event of the order calls it."""
        return {
            "order_uuid": self.captain_id,
            "partners_unique_internal_order_id": self.order_id,
        }

    def syrve(self, name: str = "order_created", /, timestamp: int = 0, **changes: object) -> dict:
        """The event of a Syrve fixture; `changes` are fields of its `order`."""
        content = self._named(f"syrve/{name}")
        event = content[0] if isinstance(content, list) else content
        info = event["eventInfo"]
        info["timestamp"] = timestamp or info["timestamp"]
        if info["order"] is not None:
            info["order"] |= {"number": self.number, **changes}
        return event

    def captain(self, name: str, /, **data: object) -> dict:
        """The event of a Captain.AI fixture; `data` are fields of its `data`."""
        event = self._named(f"captain/{name}")
        event["event_uuid"] = _uuid()
        if "order_description" in event["data"]:
            event["data"]["order_description"] = str(self.number)
        event["data"] |= data
        return event

    def assigned(self, at: str | None = None, **data: object) -> dict:
        return captain.order_assigned(**self.names, **published(at), **data)

    def job(self, status: str, at: str | None = None, **data: object) -> dict:
        own = {"job_uuid": self.captain_id, "order_description": str(self.number)}
        return captain.job_delivery_status_updated(
            status, **self.names, **published(at), **own, **data
        )

    def jelp(self, name: str, /, *arguments: object, **fields: object) -> Event:
        """An event that `fakes.jelp` makes: jelp("status_change", "TRANSIT", at="…")."""
        names = {"folio": self.jelp_folio, "publicId": self.order_id}
        return getattr(jelp, name)(*arguments, **names | fields)

    def radaro(self, name: str, /, *arguments: object, **fields: object) -> Event:
        names = {"order_id": self.radaro_id, "external_id": self.order_id}
        return getattr(radaro, name)(*arguments, **names | fields)

    def bringg(self, name: str, /, at: str | None = None, **fields: object) -> Event:
        """An event about the whole task, by its name: bringg("task_done")."""
        names = {"id": self.bringg_id, "external_id": self.order_id}
        return bringg.task_event(name, at, **names | fields)

    def bringg_point(self, name: str, place: str, /, **fields: object) -> Event:
        """An event about one of the two places: bringg_point("way_point_left", "pickup")."""
        names = {"task_id": self.bringg_id, "task_external_id": self.order_id}
        return bringg.way_point_event(name, place, **names | fields)

    def _named(self, name: str):
        text = (FIXTURES / f"{name}.json").read_text()
        for old, new in (
            (ORGANIZATION_ID, self.organization_id),
            (ORDER_ID, self.order_id),
            (MOVED_ID, self.moved_id),
            (captain.ORDER_UUID, self.captain_id),
        ):
            text = text.replace(old, new)
        return json.loads(text)


def published(at: str | None) -> dict:
    """`published_at`: Captain.AI's own time of an event, in Unix seconds."""
    return {"published_at": datetime.fromisoformat(at).timestamp()} if at else {}


def shift(
    organization_id: str,
    employee_id: str,
    opened: bool,
    at: str,
    terminal_group_id: str,
    role_id: str | None = None,
) -> dict:
    """A PersonalShift; `at` is Syrve's eventTime, in UTC without saying so."""
    return {
        "eventType": "PersonalShift",
        "eventTime": at,
        "organizationId": organization_id,
        "correlationId": _uuid(),
        "eventInfo": {
            "id": employee_id,
            "roleId": role_id,
            "opened": opened,
            "terminalGroupId": terminal_group_id,
        },
    }
