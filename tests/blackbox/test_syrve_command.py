"""Commands to Syrve: what becomes of them when Syrve is slow, busy, broken or says no.

Each test has a fake Syrve of its own, so that its faults and its requests are this test's alone.
"""

import json
from concurrent.futures import ThreadPoolExecutor

import pytest

from local.fakes.syrve import FakeSyrve, running_fake_syrve
from local.fakes.syrve_state import APP_ID, CLIENT_SECRET, Fate
from local.payloads import ACCESS_TOKEN, COMMAND_STATUS, UPDATE_STATUS
from local.stack import NAME
from queues import Queues
from restaurant import Restaurant, timeline

BY_ID = "/api/1/deliveries/by_id"


@pytest.fixture
def restaurant(new_account, own_syrve: FakeSyrve) -> Restaurant:
    return new_account(own_syrve)


def fault(restaurant: Restaurant, kind: str, path: str = UPDATE_STATUS, **more: object) -> None:
    restaurant.pos.faults.add({"path": path, "kind": kind, **more})


def asked(restaurant: Restaurant, path: str) -> list[dict]:
    return [entry for entry in restaurant.pos.requests if entry["path"] == path]


def collected(restaurant: Restaurant):
    """An order whose driver has just collected it, so that Syrve is to be told OnWay."""
    order = restaurant.has_order()
    restaurant.report(order.job("collected"))
    return order


def failed(restaurant: Restaurant, queues: Queues, order) -> str:
    """The words of the order's only command, which failed and was kept as a dead letter."""
    [command] = restaurant.commands(order, ["failed"])
    queues.handled("syrve-command")
    [(letter, reason)] = queues.dead_letters("syrve-command", restaurant.account_id)
    assert (letter["order_id"], letter["command_id"]) == (order.order_id, command["id"])
    assert reason == command["last_error"]
    entry = (f"{command['label']} failed", False)
    assert entry in timeline(restaurant.found(order), "syrve")
    return command["last_error"]


def test_the_rate_limit_is_waited_out_as_long_as_syrve_asks(restaurant: Restaurant):
    fault(restaurant, "status", status=429, retry_after=3)
    order = collected(restaurant)
    [command] = restaurant.commands(order, ["confirmed"])
    first, second = asked(restaurant, UPDATE_STATUS)
    assert (first["status"], second["status"]) == (429, 200)
    assert second["at"] - first["at"] >= 2.9
    assert (command["attempts"], command["last_error"]) == (2, None)


def test_a_gateway_that_is_down_is_tried_again(restaurant: Restaurant):
    fault(restaurant, "status", status=503, body="text", text="down for maintenance")
    order = collected(restaurant)
    [command] = restaurant.commands(order, ["confirmed"])
    assert [entry["status"] for entry in asked(restaurant, UPDATE_STATUS)] == [503, 200]
    assert asked(restaurant, BY_ID) == []
    assert command["attempts"] == 2


@pytest.mark.parametrize("status", [408, 500])
def test_an_unknown_outcome_is_looked_at_before_it_is_repeated(restaurant, status: int):
    fault(restaurant, "status", status=status)
    order = collected(restaurant)
    restaurant.commands(order, ["confirmed"])
    first, second = asked(restaurant, UPDATE_STATUS)
    [look] = asked(restaurant, BY_ID)
    assert first["at"] < look["at"] < second["at"]


def test_a_call_whose_answer_was_lost_is_not_repeated_if_it_worked(restaurant: Restaurant):
    fault(restaurant, "hang_then_close")
    order = collected(restaurant)
    [command] = restaurant.commands(order, ["confirmed"])
    assert restaurant.calls(order) == [("OnWay", None)]
    assert len(asked(restaurant, BY_ID)) == 1
    assert command["attempts"] == 1


def test_an_answer_that_cannot_be_read_is_an_unknown_outcome(restaurant: Restaurant):
    fault(restaurant, "malformed")
    order = collected(restaurant)
    restaurant.commands(order, ["confirmed"])
    assert len(asked(restaurant, BY_ID)) == 1


def test_an_expired_token_is_renewed_once_and_the_call_replayed(restaurant: Restaurant):
    restaurant.commands(collected(restaurant), ["confirmed"])
    assert len(asked(restaurant, ACCESS_TOKEN)) == 1
    restaurant.pos.state.tokens.clear()
    order = collected(restaurant)
    [command] = restaurant.commands(order, ["confirmed"])
    assert len(asked(restaurant, ACCESS_TOKEN)) == 2
    statuses = [entry["status"] for entry in asked(restaurant, UPDATE_STATUS)]
    assert statuses == [200, 401, 200]
    assert command["attempts"] == 1


def test_a_missing_right_is_final(restaurant: Restaurant, queues: Queues):
    fault(restaurant, "rights_401")
    order = collected(restaurant)
    assert "is not allowed for this ApiLogin." in failed(restaurant, queues, order)
    assert len(asked(restaurant, UPDATE_STATUS)) == 1
    assert len(asked(restaurant, ACCESS_TOKEN)) == 1


def test_a_refused_call_is_final_and_syrves_words_are_shown(restaurant, queues: Queues):
    fault(restaurant, "status", status=400, error="ORDER_LOCKED", text="A cashier edits it")
    order = collected(restaurant)
    assert "ORDER_LOCKED: A cashier edits it" in failed(restaurant, queues, order)
    assert len(restaurant.calls(order)) == 1


def test_a_login_that_syrve_does_not_know_is_final(restaurant: Restaurant, queues: Queues):
    restaurant.pos.state.api_logins.clear()
    order = collected(restaurant)
    assert "Login is not authorized" in failed(restaurant, queues, order)
    assert asked(restaurant, UPDATE_STATUS) == []


def test_an_error_that_comes_later_is_final_with_syrves_words(restaurant, queues: Queues):
    words = "WrongDeliveryStatus: the bill is not paid"
    restaurant.pos.state.fates.append(Fate(result="Error", error_reason=words))
    order = collected(restaurant)
    assert failed(restaurant, queues, order) == words
    assert len(restaurant.calls(order)) == 1


def test_an_error_about_an_order_that_is_there_already_is_none(restaurant: Restaurant):
    order = restaurant.new_order()
    event = order.syrve("order_with_courier")
    restaurant.stock(event | {"eventInfo": order.syrve(status="Delivered")["eventInfo"]})
    restaurant.announce(event)
    restaurant.pos.state.fates.append(Fate(result="Error", error_reason="WrongDeliveryStatus"))
    restaurant.report(order.job("collected"))
    restaurant.commands(order, ["confirmed"])
    assert len(restaurant.calls(order)) == 1


def test_a_slow_terminal_is_asked_again_and_again(restaurant: Restaurant):
    restaurant.pos.state.fates.append(Fate(polls=2))
    order = collected(restaurant)
    [command] = restaurant.commands(order, ["sent"])
    assert command["attempts"] == 1
    restaurant.commands(order, ["confirmed"])
    questions = [entry["at"] for entry in asked(restaurant, COMMAND_STATUS)]
    assert len(questions) == 3
    assert questions[2] - questions[1] > questions[1] - questions[0] >= 1.5
    assert len(restaurant.calls(order)) == 1


def test_a_command_that_syrve_forgot_is_looked_up_at_the_order(restaurant: Restaurant):
    fault(restaurant, "status", COMMAND_STATUS, status=410)
    order = collected(restaurant)
    restaurant.commands(order, ["confirmed"])
    assert len(asked(restaurant, BY_ID)) == 1
    assert len(restaurant.calls(order)) == 1


def test_a_newer_status_supersedes_one_that_still_waits(restaurant: Restaurant):
    fault(restaurant, "status", status=429, retry_after=3)
    order = collected(restaurant)
    restaurant.order(order, lambda o: o["commands"] and o["commands"][0]["attempts"] == 1)
    restaurant.report(order.job("dropped_off"))
    restaurant.commands(order, ["superseded", "confirmed"], ["OnWay", "Delivered"])
    assert [status for status, _ in restaurant.calls(order)] == ["OnWay", "Delivered"]
    entry = ("update_order_delivery_status OnWay superseded", False)
    assert entry in timeline(restaurant.found(order), "syrve")


def test_no_order_waits_for_another_ones_retry(restaurant: Restaurant):
    fault(restaurant, "status", status=429, retry_after=6)
    slow = collected(restaurant)
    restaurant.order(slow, lambda o: o["commands"] and o["commands"][0]["attempts"] == 1)
    quick = collected(restaurant)
    restaurant.commands(quick, ["confirmed"])
    assert [c["state"] for c in restaurant.found(slow)["commands"]] == ["queued"]
    restaurant.commands(slow, ["confirmed"])


def test_no_order_waits_for_another_ones_slow_answer(restaurant: Restaurant, queues: Queues):
    fault(restaurant, "slow", seconds=4)
    with queues.held("syrve-command"):
        orders = [collected(restaurant) for _ in range(5)]
        queues.handled("fleet-event")
        assert queues.waiting("syrve-command") == 5
    for order in orders:
        restaurant.commands(order, ["confirmed"])
    times = [entry["at"] for entry in asked(restaurant, UPDATE_STATUS)]
    assert len(times) == 5
    assert times[-1] - times[0] < 2


def test_many_orders_and_processes_share_one_token(restaurant: Restaurant, queues: Queues, stack):
    """The queue's messages are given to four copies of the function at once."""
    with queues.held("syrve-command"):
        orders = [collected(restaurant) for _ in range(8)]
        queues.handled("fleet-event")
        batches = [queues.receive("syrve-command", 2) for _ in range(4)]
        assert [len(batch) for batch in batches] == [2] * 4
        functions = stack.client("lambda")

        def invoke(records: list[dict]) -> dict:
            payload = json.dumps({"Records": records})
            answer = functions.invoke(FunctionName=f"{NAME}-syrve-command", Payload=payload)
            return json.load(answer["Payload"])

        with ThreadPoolExecutor(4) as threads:
            answers = list(threads.map(invoke, batches))
    assert [len(answer["batchItemFailures"]) for answer in answers] == [2] * 4
    for order in orders:
        restaurant.commands(order, ["confirmed"])
    assert len(asked(restaurant, ACCESS_TOKEN)) == 1
    assert len(asked(restaurant, UPDATE_STATUS)) == 8


def test_a_registered_application_gets_its_token_the_newer_way(new_account, own_syrve: FakeSyrve):
    account = new_account(own_syrve)
    body = account.account.body(own_syrve.url)
    body["syrve"] |= {"app_id": APP_ID, "client_secret": CLIENT_SECRET}
    assert account.api.put(f"/accounts/{account.account_id}", body).status == 200
    account.commands(collected(account), ["confirmed"])
    assert asked(account, ACCESS_TOKEN) == []
    assert len(asked(account, "/api/v2/access_token")) == 1


def test_a_syrve_that_cannot_be_reached_is_tried_until_it_can(new_account, api):
    with running_fake_syrve() as fake:
        account = new_account(fake)
        account.commands(collected(account), ["confirmed"])
        order = account.has_order()
    account.report(order.job("collected"))
    account.order(order, lambda o: o["commands"] and o["commands"][0]["last_error"])
    with running_fake_syrve(fake.port) as again:
        again.state.organizations = fake.state.organizations
        again.state.orders = fake.state.orders
        [command] = Restaurant(account.account, api, again).commands(order, ["confirmed"])
        assert command["attempts"] >= 2
        assert again.violations == []
