"""What changes in Syrve is told to Captain.AI: each thing once, nothing that it does not show."""

import copy

import pytest

from dispatched import dispatched, says, there, told, written
from local.fakes.captain_api import FakeCaptainApi
from local.fakes.captain_operations import OVER
from local.payloads import Order
from queues import Queues
from restaurant import Restaurant

STATUS = "update_order_status"
CREATED = Order().syrve()["eventInfo"]["order"]
COOKED = {"whenCookingCompleted": "2026-06-28 17:25:00.000"}


@pytest.fixture
def account(new_account, captain_api: FakeCaptainApi) -> Restaurant:
    """A fresh account whose orders are dispatched."""
    return new_account(captain=captain_api)


def changed(name: str, *path: str | int, to: object) -> dict:
    """A field of Syrve's order with one thing in it changed."""
    value = copy.deepcopy(CREATED[name])
    inner = value
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = to
    return {name: value}


@pytest.mark.parametrize(
    ("change", "path", "value"),
    [
        ({"phone": "+35310000009"}, "recipient.phone_number", "+35310000009"),
        (changed("customer", "name", to="Testa Other"), "recipient.full_name", "Testa Other"),
        (
            changed("deliveryPoint", "address", "house", to="14"),
            "delivery_job.dropoff_location.line_1",
            "Example Street 14",
        ),
        (
            changed("deliveryPoint", "address", "flat", to=None),
            "delivery_job.dropoff_location.apartment_number",
            None,
        ),
        (
            changed("deliveryPoint", "comment", to="Red door"),
            "delivery_job.dropoff_location.address_specific_instructions_to_driver",
            "Red door",
        ),
        (changed("items", 1, "amount", to=3), "items.1.quantity", 3),
        ({"items": CREATED["items"][:1]}, "items.0.name", "Pizza Margherita"),
        ({"sum": 25.5}, "financial_record.grand_total_including_tax", "25.50"),
        (
            changed("payments", 0, "isProcessedExternally", to=True),
            "financial_record.remaining_balance",
            "0.00",
        ),
        ({"comment": None}, "special_instructions", None),
        ({"completeBefore": "2026-06-28 18:45:00.000"}, "scheduled_for", "2026-06-28T17:45:00Z"),
        ({"isAsap": True}, "scheduled_for", None),
        ({"number": 99}, "store_order_reference_description", "#99"),
    ],
)
def test_what_captain_shows_is_changed_there(account: Restaurant, change, path: str, value):
    order = dispatched(account)
    says(account, order, 5, **change)
    account.commands(order, ["confirmed"] * 2, ["create_order", "update_order"])
    assert told(account, order) == ["create_order", "update_order"]
    shown = there(account, order)
    for name in path.split("."):
        shown = shown[int(name)] if name.isdigit() else shown[name]
    assert shown == value
    if "items" in change:
        assert len(there(account, order)["items"]) == len(change["items"])


def test_what_only_the_kitchen_sees_is_not_told(account: Restaurant):
    order = dispatched(account)
    courier = Order().syrve("order_with_courier")["eventInfo"]["order"]["courierInfo"]
    for minute, change in enumerate(
        (
            {"status": "ReadyForCooking"},
            {"whenPrinted": "2026-06-28 17:05:05.000"},
            {"cookingStartTime": "2026-06-28 17:08:00.000"},
            {"courierInfo": courier},
            changed("items", 0, "status", to="CookingStarted"),
            {"problem": {"hasProblem": True, "description": "Synthetic problem"}},
            {"terminalGroupId": "a5561d5e-0000-4000-8000-000000000002"},
            {"status": "SomethingNew"},
            {"operator": None, "deliveryZone": "Zone B"},
        ),
        1,
    ):
        says(account, order, minute, **change)
    # Told after all these, so that they were handled by then.
    says(account, order, 20, phone="+35310000009")
    account.commands(order, ["confirmed"] * 2, ["create_order", "update_order"])
    assert told(account, order) == ["create_order", "update_order"]


def test_the_kitchens_progress_is_told_as_it_moves_and_each_step_once(account: Restaurant):
    order = dispatched(account)
    steps = (
        ("CookingStarted", {}, "being_prepared"),
        ("CookingStarted", {"whenPrinted": "2026-06-28 17:05:05.000"}, None),
        ("CookingCompleted", COOKED, "prepared"),
        ("Waiting", COOKED, None),
        ("CookingCompleted", COOKED, None),
        ("OnWay", COOKED, None),
        ("Delivered", COOKED, None),
    )
    labels = ["create_order"]
    for minute, (status, more, expected) in enumerate(steps, 1):
        says(account, order, minute, status=status, **more)
        account.order(order, lambda o, status=status: o["syrve_status"] == status)
        labels += [expected] if expected else []
        account.commands(order, ["confirmed"] * len(labels), labels)
    assert told(account, order) == ["create_order", *(f"{STATUS} {step}" for step in labels[1:])]
    assert there(account, order)["status"] == "prepared"


def test_waiting_means_cooked_only_where_syrve_says_so(account: Restaurant):
    """Syrve is also set to Waiting when a driver accepts, with the food still in the oven."""
    order = dispatched(account)
    says(account, order, 1, status="Waiting")
    account.order(order, lambda o: o["syrve_status"] == "Waiting")
    assert account.found(order)["dispatch"]["kitchen_status"] is None
    says(account, order, 2, status="Waiting", **COOKED)
    account.commands(order, ["confirmed"] * 2, ["create_order", "prepared"])
    assert told(account, order) == ["create_order", f"{STATUS} prepared"]


def test_a_cancelled_order_is_cancelled_there_with_the_reason(account: Restaurant):
    order = dispatched(account)
    says(account, order, 15, "order_cancelled")
    account.commands(order, ["confirmed"] * 2, ["create_order", "cancelled"])
    cancellation = written(account, order)[-1]["body"]
    assert cancellation["status"] == "cancelled"
    assert "Guest cancelled" in cancellation["cancellation_reason"]
    assert there(account, order)["status"] == "cancelled"
    assert account.found(order)["dispatch"]["kitchen_status"] == "cancelled"
    says(account, order, 16, "order_cancelled", comment="Told again")
    account.order(order, lambda o: o["comment"] == "Told again")
    account.commands(order, ["confirmed"] * 2)
    assert told(account, order) == ["create_order", f"{STATUS} cancelled"]


def test_an_order_that_becomes_a_pickup_is_cancelled_there_and_no_person_is_told(account):
    order = dispatched(account)
    says(account, order, 5, "order_for_pickup")
    account.commands(order, ["confirmed"] * 2, ["create_order", "cancelled"])
    assert told(account, order) == ["create_order", f"{STATUS} cancelled"]
    assert written(account, order)[-1]["body"] == {"status": "cancelled"}


@pytest.mark.parametrize("name", ["order_for_pickup", "order_cancelled"])
def test_an_order_that_comes_back_after_its_cancellation_is_not_made_twice(account, queues, name):
    """Captain.AI takes each of our ids once, so a person must be told that nobody carries it."""
    order = dispatched(account)
    says(account, order, 15, name)
    account.commands(order, ["confirmed"] * 2, ["create_order", "cancelled"])
    says(account, order, 20)
    [*_, last] = account.commands(order, ["confirmed", "confirmed", "failed"])
    assert (last["kind"], OVER in last["last_error"]) == ("update_order", True)
    assert told(account, order) == ["create_order", f"{STATUS} cancelled", "update_order"]
    queues.handled("fleet-command")
    [(letter, reason)] = queues.dead_letters("fleet-command", account.account_id)
    assert (letter["order_id"], reason) == (order.order_id, last["last_error"])


def test_an_order_that_comes_back_in_time_is_not_cancelled_there(account, queues: Queues):
    order = dispatched(account)
    with queues.held("fleet-command"):
        says(account, order, 5, "order_for_pickup")
        says(account, order, 6, phone="+35310000009")
        queues.handled("delivery-order")
    account.commands(order, ["confirmed", "superseded", "confirmed"])
    assert told(account, order) == ["create_order", "update_order"]
    assert there(account, order)["recipient"]["phone_number"] == "+35310000009"


def test_the_newest_content_is_sent_when_several_changes_wait(account, queues):
    order = dispatched(account)
    with queues.held("fleet-command"):
        for minute, phone in enumerate(("+35310000007", "+35310000008", "+35310000009"), 1):
            says(account, order, minute, phone=phone)
        queues.handled("delivery-order")
    account.commands(order, ["confirmed", "superseded", "superseded", "confirmed"])
    first, second = written(account, order)
    assert second["body"]["recipient"]["phone_number"] == "+35310000009"
    assert first["operation"] == "create_order"


def test_a_late_word_of_syrves_changes_nothing_there(account: Restaurant):
    order = dispatched(account)
    says(account, order, 10, phone="+35310000009", status="CookingStarted")
    account.commands(order, ["confirmed"] * 3)
    calls = told(account, order)
    says(account, order, 5, phone="+35310000005", status="CookingCompleted")
    says(account, order, 20, phone="+35310000009", status="CookingStarted", comment="Last")
    account.order(order, lambda o: o["comment"] == "Last")
    account.commands(order, ["confirmed"] * 4)
    assert told(account, order) == [*calls, "update_order"]
    assert there(account, order)["recipient"]["phone_number"] == "+35310000009"
