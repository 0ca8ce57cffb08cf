"""A Bringg that sends webhooks, as its documentation describes them.

It has a URL for each event, since most bodies do not say which event they are, and several shapes
of the same: a bare task, or one in `task` beside a `webhook_type`; the same for way points, drivers
and runs. `wrapped` chooses. A body carries the customer's secrets, which nobody should keep. How
Bringg proves that it is Bringg is in `bringg_auth`.

    bringg = FakeBringg("http://127.0.0.1:3000/webhooks/bringg/demo", StaticHeader("token"))
    bringg.send(task_event("driver_on_the_way", to="dropoff", id=8503585))

Fields of the task can be changed with keyword arguments; `at` is when it was updated. Ids of way
points follow from the task's: the pickup is the next number, the drop-off the one after.
"""

from datetime import datetime, timedelta

from ..http import Answer, call
from .bringg_auth import Proof
from .bringg_people import CUSTOMER, DRIVER, USER_ID
from .fleet import Event, moment, utc_ms

TASK_ID, MERCHANT_ID = 8503585, 11271
# By event, the number that a task has by then; it does not grow from one to the next.
STATUSES = {
    "order_created": 0,
    "order_assigned": 1,
    "order_unassigned": 0,
    "order_accepted": 6,
    "order_rejected": "TASK_REJECTED",
    "driver_on_the_way": 2,
    "task_checked_in": 3,
    "task_done": 4,
    "order_cancelled": 7,
}
WITHOUT_DRIVER = ("order_created", "order_unassigned")
PLACES = {"pickup": 1, "dropoff": 2}
At = str | datetime | None


class FakeBringg:
    def __init__(self, url: str, proof: Proof) -> None:
        self.url, self.proof = url, proof

    def send(self, event: Event) -> Answer:
        url = f"{self.url}/{event.name}" if event.name else self.url
        return call("POST", url, event.body, self.proof.headers())


def task_event(
    name: str, at: At = None, to: str = "pickup", wrapped: bool = False, **task: object
) -> Event:
    """An event about the whole task; `to` is the place that the driver goes to next."""
    own = {"status": STATUSES[name], **({"user_id": None} if name in WITHOUT_DRIVER else {})}
    body = _task(at, to, own | task)
    return Event("bringg", name, _wrap(name, "task", body) if wrapped else body)


def way_point_event(
    name: str, place: str, at: At = None, wrapped: bool = False, **changes: object
) -> Event:
    """`way_point_arrived`, `way_point_left` and `order_eta_changed`, of the task `task_id`."""
    task_id = changes.pop("task_id", TASK_ID)
    external_id = changes.pop("task_external_id", str(task_id))
    point = _way_point(task_id, place, at) | changes
    if wrapped:
        task = {"id": task_id, "external_id": external_id, "teams": []}
        return Event("bringg", name, _wrap(name, "way_point", point | {"task": task}))
    own = point | {"task_external_id": external_id}
    kind = {} if name == "order_eta_changed" else {"webhook_type": name}
    return Event("bringg", name, own | kind)


def note_created(text: str, at: At = None, **changes: object) -> Event:
    """All values are texts, as in the documentation's sample."""
    own = {
        "id": "9495596",
        "type": "TaskNote",
        "note": text,
        "task_id": str(TASK_ID),
        "user_id": str(USER_ID),
        "happened_at": utc_ms(at),
        "late": "false",
        "url": "null",
        "customer_id": "null",
        "webhook_type": "note_created",
        "merchant_id": str(MERCHANT_ID),
    }
    return Event("bringg", "note_created", own | changes)


def driver_location_updated(at: At = None, **changes: object) -> Event:
    own = {
        "user_id": USER_ID,
        "user_external_id": DRIVER["external_id"],
        "happened_at": int(moment(at).timestamp()),
        "lat": 53.349805,
        "lng": -6.26031,
        "battery": 95,
        "accuracy": None,
        "started_tasks": [{"task_id": TASK_ID, "external_id": str(TASK_ID)}],
    }
    body = own | {"webhook_type": "driver_location_updated", "merchant_id": MERCHANT_ID}
    return Event("bringg", "driver_location_updated", body | changes)


def driver_unavailable(available: bool, at: At = None, **user: object) -> Event:
    name = "driver_unavailable_status_changed"
    own = {"status": "online", "sub": "Free", "updated_at": utc_ms(at)}
    body = _wrap(name, "user", DRIVER | own | user)
    return Event("bringg", name, body | {"user_available": available})


def shift(started: str, ended: str | None = None, **changes: object) -> Event:
    """Both events are about the same record; the end is in it only by then."""
    own = {
        "id": 770011,
        "user_id": USER_ID,
        "start_shift": utc_ms(started),
        "lat": 53.349805,
        "lng": -6.26031,
        "user_external_id": DRIVER["external_id"],
        "notes": [],
        "forms": [],
    }
    name = "shift_ended" if ended else "shift_started"
    end = {"end_shift": utc_ms(ended)} if ended else {}
    return Event("bringg", name, own | end | changes)


def run_started(at: At = None, **task: object) -> Event:
    run = {
        "id": 5150,
        "user_id": USER_ID,
        "team_id": 3,
        "external_id": "run-5150",
        "started_at": utc_ms(at),
        "tasks": [_task(at, "pickup", {"status": 2} | task)],
    }
    return Event("bringg", "run_started", {"run": run})


def _task(at: At, to: str, changes: dict) -> dict:
    now = utc_ms(at)
    task_id = changes.get("id", TASK_ID)
    points = [_way_point(task_id, place, at) | {"customer": CUSTOMER} for place in PLACES]
    task = {
        "id": task_id,
        "title": "50 cases of Best Brand Soda",
        "created_at": utc_ms(moment(at) - timedelta(minutes=15)),
        "updated_at": now,
        "customer_id": CUSTOMER["id"],
        "user_id": USER_ID,
        "status": 2,
        "scheduled_at": now,
        "merchant_id": MERCHANT_ID,
        "additional_attributes": {"planned_distance_from_prev_task": 4.594},
        "active_way_point_id": points[PLACES[to] - 1]["id"],
        "way_points": points,
        "customer": CUSTOMER,
        "late": False,
        "external_id": str(task_id),
        "uuid": "9dd753ff-9bf4-43ab-94d7-aa5f6f77af63",
        "priority": task_id,
        "dispatcher_id": None,
        "team_ids": [],
        "ready_to_execute": True,
        "started_time": now,
        "tip_driver_enabled": False,
        "tag_id": 8613,
        "automatically_assigned": 0,
        "run_uuid": "0f8ec3a8-d35c-4665-aa63-b5d703673f4f",
        "run_start_time": now,
        "last_assigned_time": now,
        "task_inventories": None,
        "task_notes": [],
        "fleet_id": None,
    }
    return task | changes


def _way_point(task_id: object, place: str, at: At) -> dict:
    position = PLACES[place]
    return {
        "id": int(task_id) + position if str(task_id).isdigit() else position,
        "task_id": task_id,
        "position": position,
        "pickup_dropoff_option": position - 1,
        "done": False,
        "created_at": utc_ms(moment(at) - timedelta(minutes=15)),
        "updated_at": utc_ms(at),
        "customer_id": CUSTOMER["id"],
        "address": "12 Example Street, Dublin",
        "lat": 53.349805,
        "lng": -6.26031,
        "scheduled_at": utc_ms(at),
        "checkin_time": None,
        "checkout_time": None,
        "eta": None,
        "etl": utc_ms(moment(at) + timedelta(minutes=5)),
        "etos": 300,
        "phone": CUSTOMER["phone"],
        "email": CUSTOMER["email"],
        "contacts": [{"contact_type": "phone", "contact_value": CUSTOMER["phone"]}],
        "note": None,
        "late": False,
    }


def _wrap(name: str, what: str, body: dict) -> dict:
    return {what: body, "webhook_type": name, "merchant_id": MERCHANT_ID}
