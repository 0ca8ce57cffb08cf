"""What becomes of an order when Captain.AI does not answer, does not take it, or does not take us.

Each test has a fake Captain.AI of its own, so that its faults and requests are this test's alone.
"""

import json
import time
from dataclasses import replace

import pytest

from commands import waiting
from dispatched import (
    calls_of,
    dispatched,
    fleet_fault,
    label,
    refused,
    says,
    there,
    told,
    written,
)
from local.fakes.captain_api import FakeCaptainApi
from local.fakes.captain_operations import OVER
from local.waiting import wait_until
from queues import Queues
from restaurant import Restaurant

pytestmark = pytest.mark.usefixtures("nothing_left")

CREATE, LOOK = "create_order", "list_orders"
CANCELLED = "update_order_status cancelled"


@pytest.fixture
def account(new_account, own_captain_api: FakeCaptainApi) -> Restaurant:
    """A fresh account whose Captain.AI is this test's alone."""
    return new_account(captain=own_captain_api)


def all_calls(account: Restaurant) -> list[str]:
    return [label(entry) for entry in account.fleet.requests]


@pytest.mark.parametrize("kind", ["hang_then_close", "cut_body"])
def test_an_order_whose_answer_was_lost_is_found_and_not_made_twice(account, kind: str):
    fleet_fault(account, CREATE, kind)
    order = dispatched(account)
    assert all_calls(account) == [CREATE, LOOK]
    [made] = account.fleet.state.orders.values()
    seen = account.found(order)
    assert seen["dispatch"]["fleet_order_id"] == made["uuid"]
    assert seen["dispatch"]["tracking_url"] == made["tracking_link"]
    assert seen["commands"][0]["attempts"] == 1
    says(account, order, 5, phone="+35310000009")
    account.commands(order, ["confirmed"] * 2)
    assert made["recipient"]["phone_number"] == "+35310000009"


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "status", "status": 500},
        {"kind": "status", "status": 504, "body": "text", "text": "<html>Gateway Timeout</html>"},
        {"kind": "status", "status": 408},
        {"kind": "malformed"},
    ],
)
def test_after_an_unknown_outcome_it_looks_before_it_makes_the_order(account, fault: dict):
    fleet_fault(account, CREATE, **fault)
    order = dispatched(account)
    assert all_calls(account) == [CREATE, LOOK, CREATE]
    assert len(account.fleet.state.orders) == 1
    assert account.found(order)["commands"][0]["attempts"] == 2


def test_an_order_that_captain_has_already_is_taken_for_made(account: Restaurant):
    order = account.new_order()
    uuid = account.account.captain_account_uuid
    name = {"partners_unique_internal_order_id": order.order_id, "recipient": {}}
    made = account.fleet.state.create_order(uuid, name)
    says(account, order, 0)
    account.commands(order, ["confirmed"], [CREATE])
    assert [entry["status"] for entry in calls_of(account)] == [422, 200]
    assert account.found(order)["dispatch"]["fleet_order_id"] == made["uuid"]
    assert len(account.fleet.state.orders) == 1


TREE = {"errors": {"recipient": {"phone_number": ["is not a mobile number"]}, "kind": ["is odd"]}}


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ({"text": "Recipient is unknown"}, "Recipient is unknown"),
        (
            {"body": "text", "text": json.dumps(TREE)},
            "recipient.phone_number: is not a mobile number; kind: is odd",
        ),
        ({"body": "text", "text": "No"}, "No"),
    ],
)
def test_an_order_that_captain_refuses_fails_with_its_words(account, queues, fault, words: str):
    fleet_fault(account, CREATE, "status", status=422, **fault)
    order = account.has_order()
    reason = refused(account, queues, order)
    assert reason.startswith("Captain.AI refused the call with status 422")
    for part in words.split("; "):
        assert part in reason
    assert told(account, order) == [CREATE]


def test_what_captain_refused_is_offered_again_with_syrves_next_word(account, queues: Queues):
    fleet_fault(account, CREATE, "status", status=422, text="Recipient is unknown")
    order = account.has_order()
    refused(account, queues, order)
    says(account, order, 5, phone="+35310000009", status="CookingStarted")
    account.commands(order, ["failed", "confirmed", "confirmed"])
    assert told(account, order) == [CREATE, CREATE, "update_order_status being_prepared"]
    assert there(account, order)["recipient"]["phone_number"] == "+35310000009"
    assert account.found(order)["dispatch"]["made"]


def test_a_change_of_an_order_that_is_over_there_fails_and_the_next_is_tried(account, queues):
    order = dispatched(account)
    account.fleet.state.set_order_status(there(account, order), "cancelled")
    says(account, order, 5, phone="+35310000009")
    account.commands(order, ["confirmed", "failed"], [CREATE, "update_order"])
    assert OVER in account.found(order)["commands"][1]["last_error"]
    queues.handled("fleet-command")
    [(letter, _)] = queues.dead_letters("fleet-command", account.account_id)
    assert letter["order_id"] == order.order_id
    account.fleet.state.set_order_status(there(account, order), "created")
    says(account, order, 6, phone="+35310000008")
    account.commands(order, ["confirmed", "failed", "confirmed"])
    assert there(account, order)["recipient"]["phone_number"] == "+35310000008"


def test_the_rate_limit_is_waited_out_as_long_as_captain_asks(account: Restaurant):
    fleet_fault(account, CREATE, "status", status=429, retry_after=3)
    order = account.has_order()
    account.order(order, lambda o: o["commands"] and o["commands"][0]["attempts"] == 1)
    other = account.has_order()
    for each in (order, other):
        account.commands(each, ["confirmed"])
    first, *later = account.fleet.requests
    assert first["status"] == 429
    assert len(later) == 2
    assert min(entry["at"] for entry in later) - first["at"] >= 2.9


def test_wrong_keys_are_shown_and_not_used_until_they_are_corrected(account: Restaurant):
    own = account.account
    account.fleet.state.keys.clear()
    first = account.has_order()
    waiting(account, first, "Unauthorized")
    shown = account.get().json()["fleets"]["captain"]
    assert shown["key_error"]["message"] == "Unauthorized"
    assert shown["key_error"]["since"] < shown["key_error"]["tried_again_at"]
    held = account.has_order()
    waiting(account, held, "Unauthorized")
    assert all_calls(account) == [CREATE]

    right = replace(own, captain_integration_key="integration-right")
    keys = (right.captain_integration_key, right.captain_developer_key)
    account.fleet.state.add_keys(*keys, [own.captain_account_uuid])
    body = right.body(account.pos.url, account.fleet.url)
    answer = account.api.put(f"/accounts/{account.account_id}", body)
    assert answer.json()["fleets"]["captain"]["key_error"] is None
    # What a process read of an account's secrets counts for three seconds, even if it is doubted.
    time.sleep(3)
    new = account.has_order()
    account.commands(new, ["confirmed"], timeout=15)
    for order in (first, held):
        account.commands(order, ["confirmed"], timeout=40)
    assert account.get().json()["fleets"]["captain"]["key_error"] is None
    assert len(account.fleet.state.orders) == 3


@pytest.mark.parametrize("fault", [{"kind": "slow"}, {"kind": "hang_then_close"}])
def test_an_order_cancelled_while_captain_makes_it_is_cancelled_there(account, fault: dict):
    fleet_fault(account, CREATE, seconds=2, **fault)
    order = account.has_order()
    wait_until(lambda: account.fleet.requests)
    says(account, order, 15, "order_cancelled")
    account.commands(order, ["confirmed"] * 2, [CREATE, "cancelled"])
    assert told(account, order) == [CREATE, CANCELLED]
    assert there(account, order)["status"] == "cancelled"


@pytest.mark.parametrize("status", [500, 503])
def test_an_order_cancelled_after_its_creation_was_tried_is_made_and_cancelled(account, status):
    fleet_fault(account, CREATE, "status", status=status)
    order = account.has_order()
    account.order(order, lambda o: o["commands"] and o["commands"][0]["attempts"] == 1)
    says(account, order, 15, "order_cancelled")
    account.commands(order, ["confirmed"] * 2, [CREATE, "cancelled"])
    looks = [LOOK] if status == 500 else []
    assert all_calls(account) == [CREATE, *looks, CREATE, CANCELLED]
    assert there(account, order)["status"] == "cancelled"


@pytest.mark.parametrize("status", [500, 503])
def test_an_order_that_captain_makes_after_its_error_is_cancelled_there(account, status):
    """It is in no list yet when the bridge looks, and cancelled in Syrve by then."""
    fleet_fault(account, CREATE, "status", status=status)
    fleet_fault(account, LOOK, "status", status=200, body="text", text="[]")
    order = account.has_order()
    account.order(order, lambda o: o["commands"] and o["commands"][0]["attempts"] == 1)
    says(account, order, 15, "order_cancelled")
    [first] = account.fleet.requests
    made = account.fleet.state.create_order(account.account.captain_account_uuid, first["body"])
    account.commands(order, ["confirmed"] * 2, [CREATE, "cancelled"])
    assert made["status"] == "cancelled"
    assert all_calls(account).count(CREATE) == 2
    assert len(account.fleet.state.orders) == 1


def test_an_order_that_a_driver_of_the_restaurants_took_is_not_made_any_more(account: Restaurant):
    fleet_fault(account, CREATE, "status", status=503)
    order = account.has_order()
    account.order(order, lambda o: o["commands"] and o["commands"][0]["attempts"] == 1)
    says(account, order, 10, status="OnWay")
    [command] = account.commands(order, ["superseded"])
    assert "on its way" in command["last_error"]
    assert account.fleet.state.orders == {}


def test_kitchen_and_content_wait_for_the_order_to_be_made(account: Restaurant):
    fleet_fault(account, CREATE, "status", status=503)
    order = account.has_order()
    account.order(order, lambda o: o["commands"] and o["commands"][0]["attempts"] == 1)
    says(account, order, 5, status="CookingStarted", phone="+35310000009")
    account.commands(order, ["confirmed"] * 3)
    assert all_calls(account)[:2] == [CREATE, CREATE]
    second = written(account, order)[1]["body"]
    assert second["recipient"]["phone_number"] == "+35310000009"
    assert sorted(all_calls(account)[2:]) == ["update_order", "update_order_status being_prepared"]
