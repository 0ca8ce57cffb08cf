"""The way of an order through the bridge, from Syrve's announcement to Syrve's own confirmation.

Told in order, out of order and doubled: the end is the same, and Syrve hears each status once, in
the right order, or not at all when it is no longer true.
"""

import random

import pytest

from local.fakes.captain import EMPLOYEE_ID
from local.payloads import Order
from queues import Queues
from restaurant import Restaurant, timeline

ACCEPTED, COLLECTED, DROPPED = "assigned_and_accepted_by_driver", "collected", "dropped_off"
DELIVERED_AT = "2026-06-28T16:48:12.500+00:00"
DELIVERED_LOCAL = "2026-06-28 17:48:12.500"
EVENTS = ("delivery-order", "fleet-event")


def report(order: Order) -> list[dict]:
    """What Captain.AI says of a delivery, in the order in which it happened."""
    return [
        order.assigned("2026-06-28T16:10:00+00:00"),
        order.job(ACCEPTED, "2026-06-28T16:11:00+00:00"),
        order.job(COLLECTED, "2026-06-28T16:30:00+00:00"),
        order.job(DROPPED, DELIVERED_AT),
    ]


def test_a_delivery_told_in_order_sets_three_statuses(account: Restaurant):
    order = account.has_order()
    told = []
    for event, status in zip(report(order), (None, "Waiting", "OnWay", "Delivered"), strict=True):
        account.report(event)
        told += [status] if status else []
        account.commands(order, ["confirmed"] * len(told), told)
    assert account.calls(order) == [
        ("Waiting", None),
        ("OnWay", None),
        ("Delivered", DELIVERED_LOCAL),
    ]
    assert account.pos.state.orders[order.order_id]["order"]["status"] == "Delivered"
    seen = account.found(order)
    assert seen["delivery"] == {
        "provider": "captain",
        "status": DROPPED,
        "driver": {
            "driver_id": EMPLOYEE_ID,
            "fleet_id": "7183bb9f1a65",
            "name": None,
            "phone": None,
            "carrier": None,
        },
        "occurred_at": "2026-06-28T16:48:12.5Z",
        "delivered_at": "2026-06-28T16:48:12.5Z",
        "tracking_url": None,
        "order_status": None,
        "eta": None,
        "deliver_before": None,
        "description": None,
        "end_reason": None,
        "confirmation": None,
        "notes": [],
    }
    assert list(seen["deliveries"]) == ["captain"]
    assert timeline(seen, "captain") == [
        ("order_assigned", True),
        *((f"job_delivery_status_updated {status}", True) for status in (ACCEPTED, COLLECTED)),
        (f"job_delivery_status_updated {DROPPED}", True),
    ]
    assert timeline(seen, "syrve") == [
        ("DeliveryOrderUpdate WaitCooking", True),
        *(
            (f"update_order_delivery_status {status} confirmed", True)
            for status in ("Waiting", "OnWay", "Delivered")
        ),
    ]
    assert [command["attempts"] for command in seen["commands"]] == [1, 1, 1]


def test_a_late_assignment_tells_who_drives_and_nothing_else(account: Restaurant):
    """Events of a status name the driver by Captain.AI's id only, the assignment by both."""
    order = account.has_order()
    assigned, _, _, dropped = report(order)
    account.report(dropped)
    account.commands(order, ["confirmed"], ["Delivered"])
    driver = account.found(order)["delivery"]["driver"]
    assert (driver["driver_id"], driver["fleet_id"]) == ("captain:7183bb9f1a65", "7183bb9f1a65")
    account.report(assigned)
    seen = account.order(order, lambda o: o["delivery"]["driver"]["driver_id"] == EMPLOYEE_ID)
    assert seen["delivery"]["status"] == DROPPED
    assert account.calls(order) == [("Delivered", DELIVERED_LOCAL)]


def test_syrves_own_webhooks_about_it_come_back_and_cause_nothing(account: Restaurant):
    target = {"url": account.url("syrve"), "token": account.account.syrve_token, "filter": None}
    account.pos.state.webhooks[account.organization_id] = target
    order = account.has_order()
    for count, event in enumerate(report(order)):
        account.report(event)
        account.commands(order, ["confirmed"] * count)
    seen = account.order(order, lambda o: o["syrve_status"] == "Delivered")
    echoes = [entry for entry in timeline(seen, "syrve") if entry[0].startswith("DeliveryOrder")]
    assert [event.split()[-1] for event, _ in echoes] == [
        "WaitCooking",
        "Waiting",
        "OnWay",
        "Delivered",
    ]
    assert len(account.calls(order)) == 3


def test_a_late_event_is_shown_as_not_applied_and_not_told_to_syrve(
    account: Restaurant, queues: Queues
):
    order = account.has_order()
    assigned, accepted, collected, dropped = report(order)
    account.report(assigned, dropped)
    account.commands(order, ["confirmed"], ["Delivered"])
    account.report(collected, accepted)
    queues.handled(*EVENTS)
    seen = account.found(order)
    assert timeline(seen, "captain") == [
        ("order_assigned", True),
        (f"job_delivery_status_updated {ACCEPTED}", False),
        (f"job_delivery_status_updated {COLLECTED}", False),
        (f"job_delivery_status_updated {DROPPED}", True),
    ]
    assert seen["delivery"]["status"] == DROPPED
    assert account.calls(order) == [("Delivered", DELIVERED_LOCAL)]
    assert len(seen["commands"]) == 1


@pytest.mark.parametrize("seed", range(5))
def test_any_order_of_arrival_with_repeats_ends_the_same(
    account: Restaurant, queues: Queues, seed: int
):
    """Each event goes through its receiver once; what comes out is delivered shuffled, twice."""
    order = account.new_order()
    created, cooked = order.syrve(), order.syrve("order_with_courier")
    account.stock(created)
    with queues.held(*EVENTS):
        account.announce(created, cooked)
        account.report(*report(order))
        messages = [(name, m) for name in EVENTS for m in queues.take(queues.url(name))]
    assert len(messages) == 6
    deliveries = messages * 2
    random.Random(seed).shuffle(deliveries)
    with queues.held("syrve-command"):
        for name, message in deliveries:
            queues.deliver(name, message)
            queues.handled(name)
    seen = account.order(order, lambda o: all(c["state"] != "queued" for c in o["commands"]))
    states = [command["state"] for command in seen["commands"]]
    assert set(states[:-1]) <= {"superseded"}
    account.commands(order, [*states[:-1], "confirmed"])
    assert account.calls(order) == [("Delivered", DELIVERED_LOCAL)]
    events = [e for e in seen["timeline"] if "update_order_delivery_status" not in e["event"]]
    assert len(events) == 6
    assert (seen["syrve_status"], seen["syrve_timestamp"]) == (
        "CookingCompleted",
        "2026-06-28T16:25:30Z",
    )
    assert (seen["courier_id"], seen["customer"]["name"]) == (EMPLOYEE_ID, "Testa Example")
    assert seen["delivery"]["status"] == DROPPED
    assert seen["delivery"]["delivered_at"] == "2026-06-28T16:48:12.5Z"
    assert seen["delivery"]["driver"]["driver_id"] == EMPLOYEE_ID


def test_a_status_that_a_newer_one_overtook_is_never_sent(account: Restaurant, queues: Queues):
    order = account.has_order()
    with queues.held("syrve-command"):
        account.report(*report(order)[:3])
        queues.handled("fleet-event")
        account.commands(order, ["queued", "queued"], ["Waiting", "OnWay"])
    account.commands(order, ["superseded", "confirmed"])
    assert account.calls(order) == [("OnWay", None)]


@pytest.mark.parametrize(
    ("utc", "local"),
    [
        ("2026-10-25T00:30:00+00:00", "2026-10-25 01:30:00.000"),
        ("2026-10-25T01:30:00+00:00", "2026-10-25 01:30:00.000"),
        ("2026-03-29T01:30:00+00:00", "2026-03-29 02:30:00.000"),
        ("2026-01-05T23:59:59.999+00:00", "2026-01-05 23:59:59.999"),
    ],
)
def test_the_delivery_date_is_the_restaurants_wall_clock(account: Restaurant, utc: str, local: str):
    """Dublin's clocks go back on 25 October 2026 at 01:00 UTC, and forward on 29 March."""
    order = account.has_order()
    account.report(order.job(DROPPED, utc))
    account.commands(order, ["confirmed"], ["Delivered"])
    assert account.calls(order) == [("Delivered", local)]


def test_a_restaurant_elsewhere_gets_its_own_time(new_account):
    account = new_account(time_zone="Australia/Sydney")
    order = account.has_order()
    account.report(order.job(DROPPED, DELIVERED_AT))
    account.commands(order, ["confirmed"])
    assert account.calls(order) == [("Delivered", "2026-06-29 02:48:12.500")]
