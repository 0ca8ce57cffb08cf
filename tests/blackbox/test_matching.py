"""Orders that a fleet knows by another name than Syrve's id: by the number on the bill, or by the
number that an outside system gave them.
"""

import pytest

from local.payloads import Order
from queues import Queues
from restaurant import Restaurant, timeline

TODAY = "2026-06-28T16:30:00+00:00"


@pytest.fixture(params=["number", "external_number"])
def matched_by(request) -> str:
    return request.param


@pytest.fixture
def restaurant(new_account, matched_by: str) -> Restaurant:
    return new_account(match_orders_by=matched_by)


def announced(order: Order, matched_by: str, name: str = "order_created", **changes) -> dict:
    event = order.syrve(name, **changes)
    if matched_by == "external_number":
        event["eventInfo"]["externalNumber"] = f"web-{order.number}"
    return event


def known_as(order: Order, matched_by: str) -> str:
    return str(order.number) if matched_by == "number" else f"web-{order.number}"


def collected(order: Order, matched_by: str, at: str = TODAY) -> dict:
    event = order.job("collected", at)
    event["data"]["partners_unique_internal_order_id"] = known_as(order, matched_by)
    return event


def test_an_event_finds_the_order_by_the_name_the_fleet_uses(
    restaurant: Restaurant, matched_by: str
):
    order = restaurant.new_order()
    event = announced(order, matched_by)
    restaurant.stock(event)
    restaurant.announce(event)
    restaurant.order(order)
    restaurant.report(collected(order, matched_by, "2026-06-28T16:31:00+00:00"))
    restaurant.commands(order, ["confirmed"], ["OnWay"])
    assert restaurant.found(order)["delivery"]["status"] == "collected"


def test_an_event_waits_under_its_name_until_the_order_is_announced(
    restaurant: Restaurant, matched_by: str, queues: Queues
):
    order = restaurant.new_order()
    assigned = order.assigned(TODAY)
    assigned["data"]["partners_unique_internal_order_id"] = known_as(order, matched_by)
    restaurant.report(assigned, collected(order, matched_by))
    queues.handled("fleet-event")
    event = announced(order, matched_by)
    restaurant.stock(event)
    restaurant.announce(event)
    seen = restaurant.order(order, lambda o: o["delivery"])
    assert timeline(seen, "captain") == [
        ("order_assigned", True),
        ("job_delivery_status_updated collected", True),
    ] or timeline(seen, "captain") == [
        ("job_delivery_status_updated collected", True),
        ("order_assigned", True),
    ]
    restaurant.commands(order, ["confirmed"], ["OnWay"])
    assert restaurant.calls(order) == [("OnWay", None)]


def test_a_name_leads_only_to_orders_of_its_own_account(
    restaurant: Restaurant, new_account, matched_by: str, queues: Queues
):
    other, order = new_account(match_orders_by=matched_by), restaurant.new_order()
    restaurant.announce(announced(order, matched_by))
    restaurant.order(order)
    other.report(collected(order, matched_by))
    queues.handled("fleet-event")
    assert restaurant.found(order)["delivery"] is None


def test_syrves_id_is_no_name_of_an_order_for_such_an_account(
    restaurant: Restaurant, matched_by: str, queues: Queues
):
    order = restaurant.new_order()
    restaurant.announce(announced(order, matched_by))
    restaurant.order(order)
    restaurant.report(order.job("collected", TODAY))
    queues.handled("fleet-event")
    assert restaurant.found(order)["delivery"] is None


def test_a_number_that_comes_back_belongs_to_the_newer_order(new_account):
    restaurant = new_account(match_orders_by="number")
    first = restaurant.new_order()
    second = Order(restaurant.organization_id, number=first.number)
    for order in (first, second):
        event = order.syrve()
        restaurant.stock(event)
        restaurant.announce(event)
        restaurant.order(order)
    restaurant.report(collected(second, "number"))
    restaurant.commands(second, ["confirmed"], ["OnWay"])
    assert restaurant.found(first)["delivery"] is None


def test_captains_own_id_leads_to_the_order_once_both_names_were_seen(account: Restaurant):
    """Item events often carry nothing but Captain.AI's id, at the end of the tracking link."""
    order = account.has_order()
    account.report(order.assigned(TODAY))
    account.order(order, lambda o: o["delivery"])
    link = f"https://tracking.example/t/{order.captain_id}"
    item = order.captain("item_status_updated", tracking_link=link)
    for name in ("order_uuid", "partners_unique_internal_order_id", "order_description"):
        del item["data"][name]
    answer = account.captain(item, items=True)
    assert answer.json()["queued"] == 1
    seen = account.order(order, lambda o: o["kitchen_items"])
    assert seen["kitchen_items"][0]["name"] == "Pizza Margherita"
