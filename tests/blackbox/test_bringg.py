"""An order that Bringg's own fleet carries: its whole story in any order and in every shape of
body, and what Syrve is told of it.
"""

import pytest

from fleets import (
    DELIVERED_AT,
    DELIVERED_LOCAL,
    STEPS,
    at,
    bringg_story,
    events_of,
    settled,
    tell_shuffled,
    told,
)
from local.fakes import bringg
from local.fakes.fleet import Event
from queues import Queues
from restaurant import Restaurant, timeline

DRIVER = "bringg:77484"
ACCEPTED = "assigned_and_accepted_by_driver"


def told_of(event: str) -> tuple:
    """The steps that Syrve is told when this is the first that Bringg says."""
    return {
        "order_accepted": STEPS[:1],
        "driver_on_the_way": STEPS[:1],
        "task_checked_in": STEPS[:1],
        "task_done": STEPS,
    }.get(event, ())


def whole(account: Restaurant, order: dict) -> None:
    """What every test of the whole story expects at its end."""
    delivery = order["delivery"]
    assert (delivery["provider"], delivery["status"]) == ("bringg", "dropped_off")
    assert delivery["delivered_at"] == DELIVERED_AT == delivery["occurred_at"]
    driver = {n: delivery["driver"][n] for n in ("driver_id", "fleet_id", "carrier")}
    assert driver == {"driver_id": DRIVER, "fleet_id": "77484", "carrier": None}
    said = [event.split()[0] for event in events_of(order, "bringg")]
    assert said == [event.name for event in bringg_story(account.new_order())]


def test_a_delivery_told_in_order_sets_three_statuses(account: Restaurant, queues: Queues):
    order = account.has_order()
    known = [(), (), *[STEPS[:1]] * 3, *[STEPS[:2]] * 3, STEPS]
    for event, steps in zip(bringg_story(order), known, strict=True):
        account.report(event)
        queues.handled("fleet-event")
        told(account, order, *steps)
    assert account.calls(order) == [
        ("Waiting", None),
        ("OnWay", None),
        ("Delivered", DELIVERED_LOCAL),
    ]
    seen = account.found(order)
    whole(account, seen)
    delivery = seen["delivery"]
    assert seen["deliveries"] == {"bringg": {n: v for n, v in delivery.items() if n != "provider"}}


@pytest.mark.parametrize("seed", range(4))
def test_any_order_of_arrival_with_repeats_ends_the_same(
    account: Restaurant, queues: Queues, seed: int
):
    """Bringg itself says that it does not keep the order of its webhooks."""
    order = account.new_order()
    seen = tell_shuffled(account, queues, order, bringg_story(order), seed)
    told(account, order, *STEPS)
    assert account.calls(order)[2] == ("Delivered", DELIVERED_LOCAL)
    whole(account, seen)


def test_an_event_that_is_sent_again_is_applied_once(account: Restaurant, queues: Queues):
    order = account.has_order()
    story = bringg_story(order)
    for event in story:
        account.report(event, event)
        settled(account, queues, order)
    account.report(*story)
    seen = settled(account, queues, order)
    told(account, order, *STEPS)
    whole(account, seen)


@pytest.mark.parametrize("wrapped", [False, True])
@pytest.mark.parametrize("name", list(bringg.STATUSES))
def test_every_event_of_a_task_is_understood_bare_and_wrapped(
    account: Restaurant, queues: Queues, name: str, wrapped: bool
):
    order = account.has_order()
    account.report(order.bringg(name, at("30:00"), wrapped=wrapped))
    seen = settled(account, queues, order)
    told(account, order, *told_of(name))
    assert (
        seen["deliveries"]["bringg"]["status"]
        == {
            "order_created": "unassigned_to_driver",
            "order_assigned": "assigned_to_driver",
            "order_unassigned": "unassigned_to_driver",
            "order_accepted": ACCEPTED,
            "order_rejected": "unassigned_to_driver",
            "driver_on_the_way": ACCEPTED,
            "task_checked_in": ACCEPTED,
            "task_done": "dropped_off",
            "order_cancelled": "cancelled",
        }[name]
    )


def test_the_name_of_an_event_is_trusted_over_a_status(account: Restaurant):
    """A published sample of task_done has status 6, accepted."""
    orders = []
    for status in (6, "6", "TASK_REJECTED", "on the moon", None, []):
        for wrapped in (False, True):
            orders.append(account.has_order())
            done = orders[-1].bringg("task_done", DELIVERED_AT, wrapped=wrapped, status=status)
            account.report(done)
    for order in orders:
        told(account, order, *STEPS)


@pytest.mark.parametrize("wrapped", [False, True])
@pytest.mark.parametrize(
    ("name", "place", "status", "steps"),
    [
        ("way_point_arrived", "pickup", ACCEPTED, STEPS[:1]),
        ("way_point_left", "pickup", "collected", STEPS[:2]),
        ("way_point_arrived", "dropoff", "collected", STEPS[:2]),
        ("way_point_left", "dropoff", "collected", STEPS[:2]),
    ],
)
def test_an_event_of_a_place_is_understood_bare_and_wrapped(
    account: Restaurant, queues: Queues, name, place, status, steps, wrapped: bool
):
    order = account.has_order()
    account.report(order.bringg_point(name, place, at=at("30:00"), wrapped=wrapped))
    seen = settled(account, queues, order)
    told(account, order, *steps)
    assert seen["delivery"]["status"] == status


def test_on_the_way_to_the_pickup_is_not_on_the_way_to_the_customer(account, queues: Queues):
    order = account.has_order()
    account.report(order.bringg("driver_on_the_way", at("12:00"), to="pickup"))
    seen = settled(account, queues, order)
    told(account, order, "Waiting")
    assert seen["delivery"]["status"] == ACCEPTED
    account.report(order.bringg("driver_on_the_way", at("30:00"), to="dropoff"))
    told(account, order, "Waiting", "OnWay")


@pytest.mark.parametrize(
    "change",
    [
        {"active_way_point_id": ...},
        {"way_points": []},
        {"way_points": None},
        {"way_points": [7, {}, {"position": "far"}]},
        {"active_way_point_id": 4},
    ],
)
def test_where_the_driver_goes_is_not_guessed(account: Restaurant, queues: Queues, change: dict):
    order = account.has_order()
    event = order.bringg("driver_on_the_way", at("30:00"), to="dropoff").having(**change)
    account.report(event)
    settled(account, queues, order)
    told(account, order, "Waiting")


def test_an_order_with_one_place_has_only_the_customers(account: Restaurant):
    order = account.has_order()
    event = order.bringg("driver_on_the_way", at("30:00"))
    event.body["way_points"].pop(0)
    account.report(event.having(active_way_point_id=...))
    told(account, order, "Waiting", "OnWay")


@pytest.mark.parametrize(
    ("status", "shown"),
    [
        (0, "unassigned_to_driver"),
        (1, "assigned_to_driver"),
        (6, ACCEPTED),
        ("6", ACCEPTED),
        (2, ACCEPTED),
        (3, ACCEPTED),
        (4, "dropped_off"),
        ("done", "dropped_off"),
        (7, "cancelled"),
        (8, "unassigned_to_driver"),
        ("TASK_REJECTED", "unassigned_to_driver"),
        (5, None),
        (9, None),
        (77, None),
        ("Assigned to Delivery Provider", None),
    ],
)
def test_at_the_one_url_a_bare_task_says_only_its_status(
    account: Restaurant, queues: Queues, status: object, shown: str | None
):
    order = account.has_order()
    account.report(order.bringg("task_done", at("30:00"), status=status).at_one_url())
    seen = settled(account, queues, order)
    assert len(events_of(seen, "bringg")) == 1
    known = seen["deliveries"].get("bringg")
    assert (known and known["status"]) == shown


def test_at_the_one_url_a_webhook_type_is_enough(account: Restaurant, queues: Queues):
    order = account.has_order()
    account.report(
        order.bringg("driver_on_the_way", at("12:00"), wrapped=True).at_one_url(),
        order.bringg_point("way_point_left", "pickup", at=at("30:00")).at_one_url(),
        order.bringg("task_done", DELIVERED_AT, wrapped=True).at_one_url(),
    )
    seen = settled(account, queues, order)
    told(account, order, *STEPS)
    said = [event.split()[0] for event in events_of(seen, "bringg")]
    assert said == ["driver_on_the_way", "way_point_left", "task_done"]


def test_what_leaves_its_event_open_is_kept_and_not_guessed(account: Restaurant, queues: Queues):
    order = account.has_order()
    eta = order.bringg_point("order_eta_changed", "dropoff").at_one_url()
    account.report(eta)
    seen = settled(account, queues, order)
    assert (events_of(seen, "bringg"), seen["delivery"]) == ([], None)
    [(letter, reason)] = queues.dead_letters("fleet-event", account.account_id)
    assert "event" in reason
    assert letter["body"]["task_id"] == order.bringg_id


def test_a_rejected_order_waits_for_another_driver(account: Restaurant, queues: Queues):
    order = account.has_order()
    account.report(
        order.bringg("order_assigned", at("10:00")),
        order.bringg("order_rejected", at("11:00")),
    )
    seen = settled(account, queues, order)
    assert seen["delivery"]["status"] == "unassigned_to_driver"
    account.report(
        order.bringg("order_assigned", at("12:00"), user_id=9),
        order.bringg("order_accepted", at("13:00"), user_id=9),
    )
    seen = settled(account, queues, order)
    assert seen["delivery"]["driver"]["driver_id"] == "bringg:9"
    told(account, order, "Waiting")


def test_a_cancelled_order_is_not_cancelled_in_syrve(account: Restaurant, queues: Queues):
    order = account.has_order()
    account.report(
        order.bringg("order_accepted", at("10:00")),
        order.bringg("order_cancelled", at("20:00")),
    )
    seen = settled(account, queues, order)
    told(account, order, "Waiting")
    assert seen["delivery"]["status"] == "cancelled"
    assert account.pos.state.orders[order.order_id]["order"]["status"] == "Waiting"


def test_an_event_without_a_time_moves_forward_and_never_back(account: Restaurant, queues: Queues):
    """Restaurants choose the fields themselves, and the times are among them."""
    order = account.has_order()
    timeless = {"updated_at": ..., "way_points": ..., "created_at": ..., "started_time": ...}
    timeless |= {"scheduled_at": ..., "last_assigned_time": ..., "run_start_time": ...}

    def bare(name: str) -> Event:
        return order.bringg(name).having(**timeless)

    account.report(bare("order_accepted"))
    settled(account, queues, order)
    told(account, order, "Waiting")
    account.report(bare("task_done"))
    told(account, order, *STEPS)
    account.report(bare("order_assigned"))
    seen = settled(account, queues, order)
    assert seen["delivery"]["status"] == "dropped_off"
    told(account, order, *STEPS)


def test_ids_are_numbers_or_texts(account: Restaurant, queues: Queues):
    order = account.has_order()
    account.report(
        order.bringg("order_assigned", at("10:00")),
        order.bringg(
            "order_accepted", at("11:00"), id=str(order.bringg_id), user_id="77484", status="6"
        ),
    )
    seen = settled(account, queues, order)
    told(account, order, "Waiting")
    assert [applied for _, applied in timeline(seen, "bringg")] == [True, True]
    assert seen["delivery"]["driver"]["driver_id"] == DRIVER
