"""What is published on the bus, as its page in docs says. `Bus` holds every event that a test sees
against the schema; here is what the events of one order, a driver and a report say.
"""

import json
import re

import pytest

from bus import DOCS, SCHEMA, Bus
from local.fakes import captain
from local.fakes.captain import AGENT_UUID, EMPLOYEE_ID
from local.payloads import Order
from local.waiting import wait_until
from queues import Queues
from restaurant import Restaurant

ITEM, JOB, STATUS = "item_status_updated", "job_delivery_status_updated", "order_status_updated"
PAGE = (DOCS / "events.md").read_text()


def examples() -> dict[str, dict]:
    """The example of each event's detail, by the event's name."""
    found = re.findall(r"^### `([^`]+)`\n.*?```json\n(.*?)```", PAGE, re.DOTALL | re.MULTILINE)
    return {name: json.loads(text) for name, text in found}


def whole(name: str, detail: dict) -> dict:
    """An event as it is published, without what it is about."""
    known = {"event_uuid": "4f0a5b8e-57a5-5d4e-9d0f-3c3c70ae7c5a", "account_id": "demo"}
    times = dict.fromkeys(("occurred_at", "created_at"), "2026-06-28T16:09:00.25Z")
    return {"name": name, "detail": detail, **known, **times}


ABOUT = [{}, {"order_id": "497f6eca-6276-4993-bfeb-53cbbbba6f08"}, {"driver_id": "jelp:7"}]


@pytest.mark.parametrize("name", examples())
def test_each_example_is_as_the_schema_says_and_no_other_is(name: str):
    detail = examples()[name]
    valid = [about for about in ABOUT if SCHEMA.is_valid(whole(name, detail) | about)]
    assert len(valid) == (2 if name == "command_failed" else 1)
    [about, *_] = valid
    for odd in ({**detail, "surprise": 1}, {**detail, next(iter(detail), "x"): ["odd"]}):
        assert not SCHEMA.is_valid(whole(name, odd) | about)
    for member in detail:
        left = {other: value for other, value in detail.items() if other != member}
        assert not SCHEMA.is_valid(whole(name, left) | about), member


def test_the_example_of_a_whole_event_is_as_the_schema_says():
    event = json.loads(re.search(r"```json\n(.*?)```", PAGE, re.DOTALL)[1])
    SCHEMA.validate(event["detail"])
    assert (event["source"], event["detail-type"]) == ("courier-bridge", event["detail"]["name"])


def published(bus: Bus, account: Restaurant, order: Order, last: str) -> list[tuple[str, dict]]:
    """An order's events once one of this name is there."""
    wait_until(lambda: last in [name for name, _ in bus.of_order(account, order)], 15)
    return bus.of_order(account, order)


def test_a_delivery_is_published_in_the_words_of_the_fleet_and_of_the_whole_order(
    account: Restaurant, queues: Queues, bus: Bus
):
    order, driver = account.has_order(), {"driver_id": EMPLOYEE_ID, "fleet_id": AGENT_UUID}
    account.report(order.assigned("2026-06-28T16:10:00+00:00"))
    account.report(order.job("collected", "2026-06-28T16:30:00+00:00"))
    account.report(order.job("dropped_off", "2026-06-28T16:45:00+00:00"))
    queues.handled("fleet-event", "syrve-command")
    told = published(bus, account, order, STATUS)
    wait_until(lambda: (STATUS, {"order_status": "completed"}) in bus.of_order(account, order), 15)
    told = bus.of_order(account, order)
    assert ("order_created", {"number": order.number}) in told
    assert ("syrve_order_status_updated", {"syrve_status": "WaitCooking"}) in told
    assert ("order_assigned", {"provider": "captain"} | driver) in told
    words = ("assigned_to_driver", "collected", "dropped_off")
    jobs = [{"provider": "captain", "job_delivery_status": word} | driver for word in words]
    assert [detail for name, detail in told if name == JOB] == jobs
    statuses = [detail["order_status"] for name, detail in told if name == STATUS]
    assert statuses == ["in_progress", "completed"]


def test_the_kitchens_progress_is_published_item_by_item_and_once(
    account: Restaurant, queues: Queues, bus: Bus
):
    order = account.has_order()
    created = order.syrve()
    for minute, words in enumerate((["CookingStarted", "Added"], ["Served", "CookingCompleted"])):
        items = [
            item | {"status": word}
            for item, word in zip(created["eventInfo"]["order"]["items"], words, strict=True)
        ]
        at = created["eventInfo"]["timestamp"] + 60_000 * (minute + 1)
        event = order.syrve(timestamp=at, items=items)
        account.announce(event)
        account.announce(event)
        queues.handled("delivery-order")
    item = captain.item_status_updated("prepared", **order.names)
    account.captain(item, items=True)
    queues.handled("fleet-event")

    def of_items() -> list[dict]:
        return [detail for name, detail in bus.of_order(account, order) if name == ITEM]

    wait_until(lambda: len(of_items()) >= 4, 15)
    pizza, lemonade = (item["positionId"] for item in created["eventInfo"]["order"]["items"])
    words = [(detail["item"], detail["item_status"]) for detail in of_items()]
    assert sorted(words) == sorted(
        [
            (pizza, "being_prepared"),
            (pizza, "prepared"),
            (lemonade, "prepared"),
            (item["data"]["item_uuid"], "prepared"),
        ]
    )
    [first] = [d for d in of_items() if d["item_status"] == "being_prepared"]
    assert (first["name"], first["quantity"], first["sequence"]) == ("Pizza Margherita", 1, 1)


def test_a_drivers_estimate_and_a_report_are_published(
    account: Restaurant, queues: Queues, bus: Bus
):
    eta = {"eta_till_available": 1782664800, "eta_arrive_at_home_hub": None}
    ready = captain.analytics_report_ready()
    account.report(captain.agent_eta_updated(**eta), ready, ready)
    queues.handled("fleet-event")

    def of_name(name: str) -> dict[str, dict]:
        events = [event for event in bus.of(account) if event["name"] == name]
        return {event["event_uuid"]: event for event in events}

    wait_until(lambda: of_name("agent_eta_updated") and of_name("analytics_report_ready"), 15)
    [event] = of_name("agent_eta_updated").values()
    assert event["driver_id"] == EMPLOYEE_ID
    assert event["detail"] == {"available_at": "2026-06-28T16:40:00Z", "home_at": None}
    [event] = of_name("analytics_report_ready").values()
    report = {"provider": "captain", "report": ready["data"]["uuid"], "url": None}
    assert event["detail"] == report
