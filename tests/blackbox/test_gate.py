"""The gate before every call: rates over all functions, Retry-After, failures and refused logins.

Each test has a fake Syrve of its own, so that all that it counts is this test's.
"""

import json
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from commands import asked, collected, fault, waiting
from couriers import employs, synced
from local.fakes.syrve_groups import GROUPS
from local.payloads import ACCESS_TOKEN, UPDATE_STATUS, Order
from local.stack import NAME
from local.waiting import wait_until
from queues import Queues
from restaurant import Restaurant

pytestmark = pytest.mark.usefixtures("nothing_left")

GROUP = GROUPS[UPDATE_STATUS]
BLOCKED = "Apilogin has been blocked."
# A rate of 20 is five calls at once and then one every 3.75 s, see shared/domain/src/gate.rs.
PER_MINUTE, AT_ONCE, SPACING = 20, 5, 60 / 16
# Of Captain.AI's rate a quarter is for drivers, so this leaves 20 for orders.
WITH_DRIVERS = 26


def all_collected(account: Restaurant, count: int) -> list[Order]:
    """So many orders that Syrve is to be told OnWay of."""
    orders = [account.new_order() for _ in range(count)]
    events = [order.syrve() for order in orders]
    for event in events:
        account.stock(event)
    account.announce(*events)
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(lambda order: account.report(order.job("collected")), orders))
    return orders


def at_once(stack, queues: Queues, function: str, copies: int) -> None:
    """So many copies of a function are given ten messages each, all at the same time."""
    batches = [queues.receive(function, 10) for _ in range(copies)]
    assert [len(batch) for batch in batches] == [10] * copies
    client = stack.client("lambda")

    def invoke(records: list[dict]) -> None:
        payload = json.dumps({"Records": records})
        answer = client.invoke(FunctionName=f"{NAME}-{function}", Payload=payload)
        assert "FunctionError" not in answer

    with ThreadPoolExecutor(copies) as threads:
        list(threads.map(invoke, batches))


def commands(account: Restaurant, orders: list[Order]) -> list[dict]:
    return [command for order in orders for command in account.found(order)["commands"]]


def assert_no_more(calls: int, began: float) -> None:
    """Those that may be made at once, and what became due since."""
    assert AT_ONCE <= calls <= AT_ONCE + (time.time() - began) / SPACING


def assert_evenly(times: list[float], until: float) -> None:
    """What a rate of 20 a minute allows from the first call on, and not much less."""
    for first, start in enumerate(times):
        for last, at in enumerate(times[first:], 1):
            # A call takes a moment from its permission to its arrival.
            assert last <= AT_ONCE + (at - start + 1.5) / SPACING
    assert len(times) >= AT_ONCE + int((until - times[0] - 3) / SPACING)


def test_a_login_keeps_to_its_rate_over_many_functions(new_account, own_syrve, stack, queues):
    """Forty orders in four copies of the function, then ten seconds of what they do alone."""
    account = new_account(own_syrve, rates={"order_status": PER_MINUTE})
    with queues.held("syrve-command"):
        orders = all_collected(account, 40)
        queues.handled("fleet-event")
        began = time.time()
        at_once(stack, queues, "syrve-command", copies=4)
        assert_no_more(len(asked(account, UPDATE_STATUS)), began)
    time.sleep(10)
    until, times = time.time(), [entry["at"] for entry in asked(account, UPDATE_STATUS)]
    assert_evenly(times, until)
    assert own_syrve.limits.busiest(account.account.api_login, GROUP, 59) <= PER_MINUTE
    told = commands(account, orders)
    waiting = [command for command in told if command["state"] == "queued"]
    assert {command["state"] for command in told} <= {"queued", "sent", "confirmed"}
    assert len(told) - len(waiting) == len(times)
    assert {command["attempts"] for command in waiting} == {0}
    assert all("calls are held back" in command["last_error"] for command in waiting)


def test_keys_of_captain_keep_to_their_rate(new_account, own_captain_api, stack, queues):
    """Two accounts share them, as one integration's do."""
    first = new_account(captain=own_captain_api)
    second = new_account(captain=own_captain_api)
    keys = {
        "integration_key": first.account.captain_integration_key,
        "developer_key": first.account.captain_developer_key,
        "requests_per_minute": WITH_DRIVERS,
    }
    own_captain_api.state.add_keys(keys["integration_key"], keys["developer_key"])
    for account in (first, second):
        body = account.account.body(account.pos.url, own_captain_api.url)
        body["fleets"]["captain"] |= keys
        assert account.api.put(f"/accounts/{account.account_id}", body).status == 200
    with queues.held("fleet-command"):
        for account in (first, second):
            account.announce(*(account.new_order().syrve() for _ in range(20)))
        queues.handled("delivery-order")
        began = time.time()
        at_once(stack, queues, "fleet-command", copies=4)
        assert_no_more(len(own_captain_api.requests), began)
    time.sleep(8)
    assert_evenly([entry["at"] for entry in own_captain_api.requests], time.time())
    assert own_captain_api.limits.busiest(keys["integration_key"], "requests", 59) <= PER_MINUTE


def test_an_order_does_not_wait_behind_the_drivers_of_a_first_sync(new_account, own_captain_api):
    """Six calls a minute are for drivers here, one at a time."""
    account = new_account(captain=own_captain_api)
    body = account.account.body(account.pos.url, own_captain_api.url)
    body["fleets"]["captain"]["requests_per_minute"] = WITH_DRIVERS
    assert account.api.put(f"/accounts/{account.account_id}", body).status == 200
    employs(account, 20)
    synced(account, created=20)
    account.commands(account.has_order(), ["confirmed"], ["create_order"], timeout=9)
    told = [entry["operation"] for entry in own_captain_api.requests]
    assert told.count("upsert_driver") <= 2


def test_what_syrve_asks_of_one_call_holds_for_all_of_the_login(new_account, own_syrve, queues):
    account, other = new_account(own_syrve), new_account(own_syrve)
    fault(account, "status", status=429, retry_after=8)
    first = collected(account)
    account.order(first, lambda o: o["commands"] and o["commands"][0]["attempts"] == 1)
    orders = [first, *all_collected(account, 5)]
    quick = collected(other)
    other.commands(quick, ["confirmed"])
    for order in orders:
        account.commands(order, ["confirmed"])
    entries = [entry for entry in asked(account, UPDATE_STATUS) if entry["status"] != 429]
    [refused] = [entry for entry in asked(account, UPDATE_STATUS) if entry["status"] == 429]
    times = {entry["body"]["orderId"]: entry["at"] - refused["at"] for entry in entries}
    assert times.pop(quick.order_id) < 8
    assert len(times) == 6
    assert min(times.values()) >= 8
    attempts = [command["attempts"] for command in commands(account, orders)]
    assert attempts == [2, 1, 1, 1, 1, 1]


def test_after_failures_calls_are_held_back_and_resume_one_at_a_time(restaurant, queues: Queues):
    fault(restaurant, "status", status=503, times=None)
    with queues.held("syrve-command"):
        orders = all_collected(restaurant, 8)
        queues.handled("fleet-event")
    # Each has been asked or told to wait, so no call of before is still on its way.
    wait_until(lambda: all(told["last_error"] for told in commands(restaurant, orders)))
    restaurant.pos.faults.clear()
    fault(restaurant, "slow", seconds=2)
    for order in orders:
        restaurant.commands(order, ["confirmed"], timeout=90)
    entries = asked(restaurant, UPDATE_STATUS)
    times, statuses = ([entry[name] for entry in entries] for name in ("at", "status"))
    failures = statuses.count(503)
    assert 5 <= failures <= 8
    assert statuses == [503] * failures + [200] * 8
    probe, *later = times[failures:]
    assert probe - times[4] >= 4.9
    assert min(later) - probe >= 2


def test_a_blocked_login_is_shown_and_not_used_until_the_account_is_written(restaurant: Restaurant):
    restaurant.commands(collected(restaurant), ["confirmed"])
    login = restaurant.pos.state.api_logins[restaurant.account.api_login]
    login.blocked = True
    refused = collected(restaurant)
    waiting(restaurant, refused, BLOCKED)
    shown = restaurant.get().json()["syrve"]["login_error"]
    assert shown["message"] == BLOCKED
    calls = len(restaurant.pos.requests)
    held = [collected(restaurant) for _ in range(3)]
    for order in held:
        waiting(restaurant, order, BLOCKED)
    assert len(restaurant.pos.requests) == calls

    login.blocked = False
    body = restaurant.account.body(restaurant.pos.url)
    answer = restaurant.api.put(f"/accounts/{restaurant.account_id}", body)
    assert answer.json()["syrve"]["login_error"] is None
    restaurant.commands(collected(restaurant), ["confirmed"], timeout=15)
    assert restaurant.get().json()["syrve"]["login_error"] is None
    assert len(asked(restaurant, ACCESS_TOKEN)) == 1


def test_a_login_that_was_switched_off_before_its_first_use_is_shown(restaurant: Restaurant):
    restaurant.pos.state.api_logins[restaurant.account.api_login].inactive = True
    waiting(restaurant, collected(restaurant), "ApiLogin is inactive")
    assert restaurant.get().json()["syrve"]["login_error"]["message"] == "ApiLogin is inactive"
    assert [entry["path"] for entry in restaurant.pos.requests] == [ACCESS_TOKEN]
