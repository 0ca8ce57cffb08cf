"""Orders that Syrve announces are made in Captain.AI, once, where the account says so."""

import json
import time
import uuid

import pytest

from dispatched import calls_of, dispatched, label, says, there, told, written
from local.fakes.captain_api import FakeCaptainApi
from local.fakes.syrve_state import TERMINAL_GROUP_ID
from local.http import Api
from local.payloads import shift
from problems import problem
from queues import Queues
from restaurant import Restaurant, timeline


@pytest.fixture
def account(new_account, captain_api: FakeCaptainApi) -> Restaurant:
    """A fresh account whose orders are dispatched."""
    return new_account(captain=captain_api)


def test_an_announced_order_is_made_with_all_that_a_driver_needs(account: Restaurant):
    order = dispatched(account)
    [creation] = written(account, order)
    assert creation["status"] == 201
    assert creation["body"] == {
        "partners_unique_internal_order_id": order.order_id,
        "store_order_reference_description": f"#{order.number}",
        "kind": "delivery",
        "placed_at_time": "2026-06-28T16:00:02Z",
        "scheduled_for": "2026-06-28T17:00:00Z",
        "recipient": {"full_name": "Testa Example", "phone_number": "+35310000000"},
        "delivery_job": {
            "dropoff_location": {
                "line_1": "Example Street 12",
                "line_2": "floor 1, doorphone 3#",
                "apartment_number": "3",
                "city": "Dublin",
                "postcode": "D00 X000",
                "latitude": "53.349805",
                "longitude": "-6.26031",
                "address_specific_instructions_to_driver": "Blue door, ring twice",
            }
        },
        "special_instructions": "No cutlery please",
        "items": [
            {
                "name": "Pizza Margherita",
                "quantity": 1,
                "price": "12.50",
                "addons": ["Extra mozzarella", "2 x Olives"],
            },
            {"name": "Lemonade", "quantity": 2, "price": "6.20"},
        ],
        "financial_record": {
            "grand_total_including_tax": "22.00",
            "payment_status": "unpaid",
            "payment_method": "Cash",
            "payment_amount_received": "0.00",
            "remaining_balance": "22.00",
        },
        "preparation": {"auto_prepare": False},
        "custom_fields": {
            "courier_bridge_account_id": account.account_id,
            "syrve_order_id": order.order_id,
            "syrve_organization_id": account.organization_id,
            "syrve_order_number": order.number,
        },
    }


def test_the_order_shows_what_captain_made_of_it(account: Restaurant):
    order = dispatched(account)
    seen, made = account.found(order), there(account, order)
    assert seen["dispatch"] == {
        "provider": "captain",
        "made": True,
        "fleet_order_id": made["uuid"],
        "kitchen_status": None,
        "tracking_url": made["tracking_link"],
    }
    [command] = seen["commands"]
    assert (command["kind"], command["attempts"], command["last_error"]) == (
        "create_order",
        1,
        None,
    )
    assert timeline(seen, "captain") == [
        ("order_dispatched", True),
        ("create_order confirmed", True),
    ]
    assert seen["delivery"] is None
    account.report(order.job("collected"))
    seen = account.order(order, lambda o: o["delivery"])
    assert seen["delivery"]["tracking_url"] == made["tracking_link"]


@pytest.mark.parametrize(
    "name",
    [
        "order_with_unknown_values",
        "order_without_coordinates",
        "order_without_delivery_point",
        "order_with_line1_address_only",
        "order_with_compound_item",
        "order_with_deleted_item_and_modifier",
        "order_with_service_item",
        "order_with_regular_customer",
        "order_partly_prepaid",
        "order_with_problem",
    ],
)
def test_every_kind_of_courier_order_is_taken_by_captain(account: Restaurant, name: str):
    """The fake refuses, and the fixtures complain of, whatever its contract forbids."""
    order = account.new_order()
    by_courier = {"name": "Any", "orderServiceType": "DeliveryByCourier", "id": str(uuid.uuid4())}
    says(account, order, 0, name, orderType=by_courier, status="WaitCooking")
    account.commands(order, ["confirmed"], ["create_order"])
    assert there(account, order)["custom_fields"]["syrve_order_id"] == order.order_id


@pytest.mark.parametrize(
    "change",
    [
        {"phone": "01 000 0000"},
        {"phone": ""},
        {"phone": "+353 (0)1 000-0000 ext. 7"},
        {"customer": None},
        {"customer": {"type": "one-time", "name": " \u202e"}},
        {"comment": "x" * 5000},
        {"completeBefore": None},
        {"whenCreated": None},
        {"sum": None},
        {"sum": -3},
        {"payments": None},
        {"items": []},
        {"number": None},
    ],
)
def test_an_order_that_lacks_something_is_taken_all_the_same(account: Restaurant, change: dict):
    order = account.new_order()
    says(account, order, 0, **change)
    account.commands(order, ["confirmed"], ["create_order"])
    assert there(account, order)["custom_fields"]["syrve_order_id"] == order.order_id


def test_an_order_that_is_told_again_and_again_is_made_once(account: Restaurant, queues: Queues):
    order = account.new_order()
    first, again = order.syrve(), order.syrve()
    again["correlationId"] = str(uuid.uuid4())
    account.announce(first, again, first, again)
    account.announce(first)
    queues.handled("delivery-order", "fleet-command")
    account.commands(order, ["confirmed"], ["create_order"])
    assert told(account, order) == ["create_order"]


def test_an_order_whose_cooking_began_is_made_and_its_progress_told(account: Restaurant):
    order = account.new_order()
    says(account, order, 0, "order_with_courier")
    account.commands(order, ["confirmed"] * 2, ["create_order", "prepared"])
    assert told(account, order) == ["create_order", "update_order_status prepared"]
    assert there(account, order)["status"] == "prepared"


@pytest.mark.parametrize("status", ["OnWay", "Delivered", "Closed", "Cancelled"])
def test_an_order_that_is_carried_or_over_is_offered_to_nobody(account, queues, status: str):
    order = account.new_order()
    says(account, order, 0, status=status)
    queues.handled("delivery-order", "fleet-command")
    seen = account.order(order)
    assert (seen["dispatch"], seen["commands"]) == (None, [])
    assert written(account, order) == []


@pytest.mark.parametrize(
    "name", ["order_for_pickup", "order_in_restaurant", "order_without_order_type"]
)
def test_an_order_that_is_not_for_a_courier_is_offered_to_nobody(account, queues, name: str):
    order = account.new_order()
    says(account, order, 0, name)
    queues.handled("delivery-order", "fleet-command")
    assert written(account, order) == []


def test_an_account_that_dispatches_nowhere_writes_nothing(
    new_account, captain_api, queues: Queues
):
    account = new_account(captain=captain_api, dispatch_to=None)
    order = account.has_order()
    says(account, order, 5, status="CookingStarted", comment="Ring the bell")
    employee, now = str(uuid.uuid4()), "2026-06-28 12:00:00.000"
    account.announce(shift(account.organization_id, employee, True, now, TERMINAL_GROUP_ID))
    account.api.post(f"/accounts/{account.account_id}/drivers/sync")
    account.driver_where(employee, clocked_in=True)
    account.report(order.job("collected"))
    account.commands(order, ["confirmed"], ["OnWay"])
    queues.handled("delivery-order", "personal-shift", "driver-sync", "fleet-command")
    assert account.found(order)["dispatch"] is None
    assert calls_of(account) == []


def test_orders_of_two_accounts_go_to_their_own(new_account, captain_api: FakeCaptainApi):
    accounts = [new_account(captain=captain_api) for _ in range(2)]
    for account in accounts:
        order = dispatched(account)
        uuids = captain_api.state.order_accounts
        assert uuids[there(account, order)["uuid"]] == account.account.captain_account_uuid
        assert [label(entry) for entry in calls_of(account)] == ["create_order"]


@pytest.mark.parametrize(
    ("path", "value", "named"),
    [
        ("fleets.captain.account_uuid", None, "fleets.captain.account_uuid"),
        ("fleets.captain.integration_key", None, "fleets.captain.integration_key"),
        ("fleets.captain.developer_key", None, "fleets.captain.developer_key"),
        ("fleets.captain.requests_per_minute", 0, "fleets.captain.requests_per_minute"),
        ("fleets.captain", None, "dispatch_to"),
        ("match_orders_by", "number", "match_orders_by"),
        ("match_orders_by", "external_number", "match_orders_by"),
    ],
)
def test_what_dispatching_takes_is_demanded_by_name(account, api: Api, path, value, named: str):
    body = account.account.body(account.pos.url, account.fleet.url)
    *names, last = path.split(".")
    target = body
    for name in names:
        target = target[name]
    target[last] = value
    new = f"new-{uuid.uuid4().hex[:8]}"
    answer = api.put(f"/accounts/{new}", body)
    assert problem(answer) == (400, named)
    assert account.account.captain_developer_key not in json.dumps(answer.json())
    assert api.get(f"/accounts/{new}").status == 404


def test_an_order_is_with_captain_a_moment_after_it_was_announced(account: Restaurant):
    dispatched(account)
    took = []
    for _ in range(3):
        order = account.new_order()
        started = time.time()
        account.announce(order.syrve())
        account.commands(order, ["confirmed"])
        [creation] = written(account, order)
        took.append(creation["at"] - started)
    assert min(took) < 2, "the machine may be busy once, but not three times"
