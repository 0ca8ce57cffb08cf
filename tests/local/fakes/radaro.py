"""A Radaro that sends webhooks, as its documentation describes them.

Each says what changed in `new_values`, against `old_values`, and carries the whole job as it is by
then; the verification token is inside the body. The `event_type` of a new job is not published, so
`created` here is an assumption.

    radaro = FakeRadaro("http://127.0.0.1:3000/webhooks/radaro/demo", "token")
    radaro.send(status_changed("delivered", "in_progress", order_id=194269214))

Fields of the job (`order_info`) can be changed with keyword arguments; `at` is when it changed.
"""

from datetime import datetime, timedelta, timezone

from ..http import Answer, call
from .fleet import Event, moment

ORDER_ID, EXTERNAL_ID, DRIVER = 194269214, "external-job-000", 7946734
STATUSES = (
    "pending",
    "not_assigned",
    "assigned",
    "pickup",
    "picked_up",
    "in_progress",
    "delivered",
    "confirmed",
    "failed",
)
_MELBOURNE = timezone(timedelta(hours=10))
At = str | datetime | None


class FakeRadaro:
    def __init__(self, url: str, token: str | None) -> None:
        self.url, self.token = url, token

    def send(self, event: Event) -> Answer:
        own = {} if self.token is None else {"token": self.token}
        return call("POST", self.url, own | event.body)


def created(status: str = "not_assigned", at: At = None, **job: object) -> Event:
    info = _job(at, status=status, driver=None) | job
    return _event("created", "job.status_changed", {"status": status}, {}, info)


def status_changed(new: str, old: str = "not_assigned", at: At = None, **job: object) -> Event:
    info = _job(at, status=new) | job
    return _event("updated", "job.status_changed", {"status": new}, {"status": old}, info)


def changed(new: dict, old: dict | None = None, at: At = None, **job: object) -> Event:
    """Of anything but the status, such as deliver_before, driver or description."""
    info = _job(at) | new | job
    return _event("updated", "job.changed", new, old or dict.fromkeys(new), info)


def rated(rating: object = 5, words: str | None = None, at: At = None, **job: object) -> Event:
    """The customer's review: the job is still `delivered`, and says so a second time."""
    own = {"status": "delivered", "rating": rating, "customer_comment": words}
    new, old = {"is_confirmed_by_customer": True}, {"is_confirmed_by_customer": False}
    return _event("updated", "job.status_changed", new, old, _job(at) | own | job)


def _event(event_type: str, topic: str, new: dict, old: dict, info: dict) -> Event:
    body = {
        "event_type": event_type,
        "topic": topic,
        "new_values": new,
        "old_values": old,
        "order_info": info,
    }
    return Event("radaro", "", body)


def _job(at: At, **changes: object) -> dict:
    updated = moment(at).astimezone(_MELBOURNE)
    address = {
        "id": 5551,
        "address": "12 Example Street, Dublin",
        "raw_address": "12 Example Street",
        "location": "53.349805,-6.260310",
        "post_code": "D00 X000",
        "description": "Blue door",
        "secondary_address": "",
    }
    manager = {
        "member_id": 88,
        "email": "manager@example.com",
        "full_name": "Courier Eighteen",
        "is_online": True,
        "work_status": "not_working",
        "phone": "+35310000017",
        "role": 2,
    }
    customer = {
        "id": 991,
        "email": "guest@example.com",
        "name": "Testa Example",
        "phone": "+35310000000",
    }
    job = {
        "order_id": ORDER_ID,
        "external_id": EXTERNAL_ID,
        "status": "assigned",
        "driver": DRIVER,
        "manager": manager,
        "customer": customer,
        "deliver_address": address,
        "pickup_address": address | {"id": 5552},
        "deliver_after": None,
        "deliver_before": _local(updated + timedelta(hours=1)),
        "delivery_interval": None,
        "pickup": None,
        "title": "#577",
        "comment": "",
        "started_at": None,
        "picked_up_at": None,
        "geofence_entered_at": None,
        "geofence_exited_at": None,
        "pickup_geofence_entered_at": None,
        "confirmation_comment": "",
        "rating": None,
        "customer_comment": "",
        "pending_comment": "",
        "order_distance": 4210,
        "duration": None,
        "deadline_passed": False,
        "created_at": _local(updated - timedelta(minutes=5)),
        "updated_at": _local(updated),
    }
    return job | changes


def _local(at: datetime) -> str:
    return at.isoformat(timespec="microseconds")
