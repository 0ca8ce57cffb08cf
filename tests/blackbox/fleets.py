"""What tests of Jelp, Radaro and Bringg share: an order's story in each one's words, told in any
order of arrival, and that Syrve was told exactly the steps.
"""

import random
from collections.abc import Iterable

from local.fakes import jelp
from local.fakes.fleet import Event
from local.payloads import Order
from local.waiting import wait_until
from queues import Queues
from restaurant import Restaurant

STEPS = ("Waiting", "OnWay", "Delivered")
DELIVERED_AT = "2026-06-28T16:48:12.5Z"
DELIVERED_LOCAL = "2026-06-28 17:48:12.500"
LINK = "https://tracking.example/t/7K2MRT9"
# What people wrote; it must show on the order, and in no log.
REMARK = "I stand before the blue gate and nobody comes"
REASON = "Handed to the neighbour"
EVENTS = ("delivery-order", "fleet-event")
OVER = {"confirmed", "failed", "superseded"}


def at(minutes: str) -> str:
    """A time of the hour in which the stories happen."""
    return f"2026-06-28T16:{minutes}Z"


def jelp_story(order: Order) -> list[Event]:
    reason = {"_id": "1", "code": "D-02", "description": REASON, "reference": "CompletedReason"}
    return [
        order.jelp("order_new", at=at("06:00")),
        order.jelp("assign_driver", jelp.OWN_DRIVER, at=at("10:00")),
        order.jelp("tracking", LINK, at=at("10:30")),
        order.jelp("status_change", "TRANSIT", at=at("30:00")),
        order.jelp("comment", REMARK, at=at("35:00")),
        order.jelp("complete_order", at=DELIVERED_AT, endedReason=reason),
    ]


def radaro_story(order: Order) -> list[Event]:
    told = {"driver": 7946734}
    return [
        order.radaro("created", "not_assigned", at=at("06:00")),
        order.radaro("status_changed", "assigned", at=at("10:00"), **told),
        order.radaro("status_changed", "pickup", "assigned", at=at("11:00"), **told),
        order.radaro("status_changed", "picked_up", "pickup", at=at("30:00"), **told),
        order.radaro("status_changed", "in_progress", "picked_up", at=at("31:00"), **told),
        order.radaro("status_changed", "delivered", "in_progress", at=DELIVERED_AT, **told),
        order.radaro("rated", 4, REMARK, at=at("55:00"), **told),
    ]


def bringg_story(order: Order) -> list[Event]:
    return [
        order.bringg("order_created", at("06:00")),
        order.bringg("order_assigned", at("10:00")),
        order.bringg("order_accepted", at("11:00")),
        order.bringg("driver_on_the_way", at("12:00"), to="pickup"),
        order.bringg_point("way_point_arrived", "pickup", at=at("20:00")),
        order.bringg_point("way_point_left", "pickup", at=at("30:00")),
        order.bringg("driver_on_the_way", at("30:30"), to="dropoff"),
        order.bringg("task_checked_in", at("45:00"), to="dropoff"),
        order.bringg("task_done", DELIVERED_AT, to="dropoff"),
    ]


def told(restaurant: Restaurant, order: Order, *steps: str) -> dict:
    """The order once Syrve has confirmed these steps, each asked for once, in this order."""
    commands = restaurant.commands(order, ["confirmed"] * len(steps))
    # Those that one event asked for are of the same moment, and shown in no order.
    assert sorted(command["label"].split()[-1] for command in commands) == sorted(steps)
    calls = [status for status, _ in restaurant.calls(order)]
    assert calls == list(steps), calls
    return restaurant.found(order)


def settled(restaurant: Restaurant, queues: Queues, order: Order, *names: str) -> dict | None:
    """What the API says of the order once nothing is on its way to it, or from it to Syrve."""
    queues.handled(*(names or EVENTS))

    def look() -> bool:
        seen = restaurant.found(order)
        return seen is None or all(command["state"] in OVER for command in seen["commands"])

    wait_until(look, 20)
    return restaurant.found(order)


def tell_shuffled(
    restaurant: Restaurant, queues: Queues, order: Order, events: list[Event], seed: int
) -> dict:
    """Each event goes through its receiver once; what comes out is delivered shuffled, twice.

    So is Syrve's announcement. Before the next is delivered, Syrve has done what it was asked.
    """
    restaurant.stock(order.syrve())
    with queues.held(*EVENTS):
        restaurant.announce(order.syrve())
        restaurant.report(*events)
        messages = [(name, m) for name in EVENTS for m in queues.take(queues.url(name))]
    assert len(messages) > len(events)
    deliveries = messages * 2
    random.Random(seed).shuffle(deliveries)
    for name, message in deliveries:
        queues.deliver(name, message)
        settled(restaurant, queues, order, name)
    return restaurant.found(order)


def events_of(order: dict, source: str) -> list[str]:
    """What a fleet said, whether or not it changed anything, by the fleet's time."""
    return [entry["event"] for entry in order["timeline"] if entry["source"] == source]


def unlike(event: Event, value: object, keep: Iterable[str]) -> Event:
    """The event with this value in every field of its body, at any depth, but those to keep."""
    kept = set(keep)

    def replaced(content: object) -> object:
        if isinstance(content, dict):
            return {n: inner if n in kept else replaced(inner) for n, inner in content.items()}
        if isinstance(content, list):
            return [replaced(inner) for inner in content]
        return value

    return event.having(**replaced(event.body))
