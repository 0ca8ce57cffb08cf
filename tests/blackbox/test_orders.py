"""Syrve's order events, as whole payloads: what makes, changes or ends an order, and what not."""

import pytest

from local.fakes.captain import EMPLOYEE_ID
from local.fakes.syrve_state import TERMINAL_GROUP_ID
from queues import Queues
from restaurant import Restaurant, timeline

LATER = 1782662710412 + 60_000
DROPPED = "dropped_off"


def shown(account: Restaurant, name: str) -> dict:
    """The order that a fixture makes."""
    order = account.new_order()
    account.announce(order.syrve(name))
    return account.order(order)


def test_a_courier_order_is_shown_with_all_that_matters(account: Restaurant):
    seen = shown(account, "order_created")
    assert seen["on_delivery"] is True
    assert seen["syrve_status"] == "WaitCooking"
    assert seen["syrve_timestamp"] == "2026-06-28T16:05:10.412Z"
    assert seen["delivery"] is None
    assert seen["commands"] == []
    assert seen["customer"] == {"name": "Testa Example", "surname": None, "phone": "+35310000000"}
    assert seen["terminal_group_id"] == TERMINAL_GROUP_ID
    address = seen["address"]
    assert (address["street"], address["house"], address["city"]) == (
        "Example Street",
        "12",
        "Dublin",
    )
    assert (address["latitude"], address["longitude"]) == (53.349805, -6.26031)
    assert (seen["total"], seen["to_collect"]) == ("22", "22")
    assert timeline(seen) == [("DeliveryOrderUpdate WaitCooking", True)]


def test_times_of_the_restaurant_are_shown_in_utc(account: Restaurant, new_account):
    seen = shown(account, "order_created")
    assert seen["promised_at"] == "2026-06-28T17:00:00Z"
    assert seen["created_at"] == "2026-06-28T16:00:02Z"
    assert shown(new_account(time_zone="America/New_York"), "order_created")["promised_at"] == (
        "2026-06-28T22:00:00Z"
    )


@pytest.mark.parametrize(
    "name", ["order_for_pickup", "order_in_restaurant", "order_without_order_type"]
)
def test_an_order_no_courier_brings_is_none_of_ours(account: Restaurant, queues: Queues, name: str):
    order = account.new_order()
    account.announce(order.syrve(name))
    account.report(order.job(DROPPED))
    queues.handled("delivery-order", "fleet-event")
    assert account.found(order) is None
    assert account.calls(order) == []


@pytest.mark.parametrize("name", ["order_creation_in_progress", "order_creation_error"])
def test_an_order_that_does_not_exist_yet_is_not_shown(account: Restaurant, queues: Queues, name):
    order = account.new_order()
    account.announce(order.syrve(name))
    queues.handled("delivery-order")
    assert account.found(order) is None
    account.announce(order.syrve())
    seen = account.order(order)
    assert len(seen["timeline"]) == 2
    assert seen["syrve_status"] == "WaitCooking"
    failed = name == "order_creation_error"
    assert (seen["creation_error"] or {}).get("code") == (
        "TerminalGroupDisabled" if failed else None
    )


def test_an_order_taken_off_delivery_forgets_the_guest_and_gets_no_command(
    account: Restaurant, queues: Queues
):
    order = account.has_order()
    account.announce(order.syrve("order_for_pickup", LATER))
    seen = account.order(order, lambda o: not o["on_delivery"])
    assert (seen["customer"], seen["address"]) == (
        {"name": None, "surname": None, "phone": None} if seen["customer"] else None,
        None,
    )
    account.report(order.job(DROPPED))
    queues.handled("fleet-event")
    seen = account.found(order)
    assert seen["delivery"]["status"] == DROPPED
    assert seen["commands"] == []
    account.announce(order.syrve("order_created", LATER + 1000))
    account.order(order, lambda o: o["on_delivery"])
    account.commands(order, ["confirmed"], ["Delivered"])


@pytest.mark.parametrize(
    ("name", "status"), [("order_closed", "Closed"), ("order_cancelled", "Cancelled")]
)
def test_an_order_that_is_over_gets_no_command(account, queues, name: str, status: str):
    order = account.has_order()
    account.announce(order.syrve(name))
    seen = account.order(order, lambda o: o["syrve_status"] == status)
    assert seen["to_collect"] == "0"
    account.report(order.job("collected"), order.job(DROPPED))
    queues.handled("fleet-event")
    seen = account.found(order)
    assert timeline(seen, "captain") == [
        ("job_delivery_status_updated collected", True),
        (f"job_delivery_status_updated {DROPPED}", True),
    ]
    assert seen["commands"] == []
    assert account.calls(order) == []


def test_a_cancelled_order_says_why(account: Restaurant):
    seen = shown(account, "order_cancelled")
    assert seen["cancelled"] == {"at": "2026-06-28T16:20:00Z", "reason": "Guest cancelled"}


def test_a_closed_order_that_syrve_reopens_is_told_again(account: Restaurant):
    order = account.has_order()
    account.report(order.job(DROPPED, "2026-06-28T16:48:12+00:00"))
    account.commands(order, ["confirmed"])
    account.announce(order.syrve("order_closed", LATER))
    account.order(order, lambda o: o["syrve_status"] == "Closed")
    account.announce(order.syrve("order_with_courier", LATER + 1))
    account.commands(order, ["confirmed", "confirmed"], ["Delivered", "Delivered"])


def test_an_older_update_changes_nothing(account: Restaurant):
    order = account.new_order()
    account.announce(order.syrve("order_with_courier"), order.syrve("order_created"))
    seen = account.order(order, lambda o: len(o["timeline"]) == 2)
    assert seen["syrve_status"] == "CookingCompleted"
    assert timeline(seen) == [
        ("DeliveryOrderUpdate WaitCooking", False),
        ("DeliveryOrderUpdate CookingCompleted", True),
    ]
    assert seen["courier_id"] == EMPLOYEE_ID


def test_a_moved_order_is_linked_and_not_doubled(account: Restaurant):
    order = account.has_order()
    account.announce(order.syrve("order_moved_away"), order.syrve("order_moved_here"))
    gone = account.order(order, lambda o: o["syrve_status"] == "Cancelled")
    here = account.order(order.moved_id)
    assert gone["moved_to"]["order_id"] == order.moved_id
    assert here["moved_from"]["order_id"] == order.order_id
    assert here["moved_from"]["terminal_group_id"] == TERMINAL_GROUP_ID
    assert here["terminal_group_id"].endswith("2")
    listed = account.get("/orders").json()["items"]
    assert {item["order_id"] for item in listed} == {order.order_id, order.moved_id}


@pytest.mark.parametrize(
    ("name", "total", "to_collect"),
    [
        ("order_created", "22", "22"),
        ("order_partly_prepaid", "22", "12"),
        ("order_with_compound_item", "17.85", "17.85"),
        ("order_closed", "22", "0"),
    ],
)
def test_the_courier_collects_what_is_not_paid(account, name, total, to_collect):
    seen = shown(account, name)
    assert (seen["total"], seen["to_collect"]) == (total, to_collect)


def test_every_kind_of_item_is_shown(account: Restaurant):
    seen = {
        name: shown(account, f"order_with_{name}")["items"]
        for name in ("compound_item", "service_item", "deleted_item_and_modifier")
    }
    assert [item["kind"] for item in seen["compound_item"]] == ["compound", "product"]
    assert " + " in seen["compound_item"][0]["name"]
    assert [item["kind"] for item in seen["service_item"]] == ["product", "service"]
    assert len(seen["deleted_item_and_modifier"]) == 1


def test_guests_addresses_and_problems_of_every_kind(account: Restaurant):
    regular = shown(account, "order_with_regular_customer")["customer"]
    assert regular["name"] and regular["surname"]
    assert shown(account, "order_with_line1_address_only")["address"]["line1"]
    assert shown(account, "order_without_coordinates")["address"]["latitude"] is None
    assert shown(account, "order_without_delivery_point")["address"] is None
    problem = shown(account, "order_with_problem")["problem"]
    assert problem == {"description": "Guest does not answer the phone"}
    assert shown(account, "order_created")["problem"] is None
    assert shown(account, "order_with_iso_event_time")["syrve_status"] == "WaitCooking"


def test_values_nobody_knows_yet_do_not_stop_an_order(account: Restaurant, queues: Queues):
    order = account.has_order()
    event = order.syrve("order_with_unknown_values", LATER)
    event["eventInfo"]["order"]["orderType"]["orderServiceType"] = "DeliveryByCourier"
    account.announce(event)
    seen = account.order(order, lambda o: o["syrve_status"] == "AwaitingRobot")
    assert seen["on_delivery"] is True
    assert seen["items"][0]["kind"] == "unknown"
    assert seen["payments"][0]["kind"] == "Crypto"
    assert timeline(seen)[-1] == ("DeliveryOrderUpdate AwaitingRobot", True)
    assert queues.dead_letters("delivery-order", account.account_id) == []


def test_an_order_without_a_status_is_kept_as_a_dead_letter(account: Restaurant, queues: Queues):
    order = account.new_order()
    account.announce(order.syrve(status=None))
    queues.handled("delivery-order")
    [(letter, reason)] = queues.dead_letters("delivery-order", account.account_id)
    assert "eventInfo.order.status" in reason
    assert letter["body"]["eventInfo"]["id"] == order.order_id
    assert account.found(order) is None
