"""Commands to Syrve: what becomes of them when Syrve is slow, busy, broken or says no.

Each test has a fake Syrve of its own, so that its faults and its requests are this test's alone.
"""

import pytest

from commands import asked, collected, failed, fault
from local.fakes.syrve import running_fake_syrve
from local.fakes.syrve_state import Fate
from local.payloads import COMMAND_STATUS, UPDATE_STATUS
from queues import Queues
from restaurant import Restaurant, timeline

BY_ID = "/api/1/deliveries/by_id"


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


def test_a_refused_call_is_final_and_syrves_words_are_shown(restaurant, queues: Queues):
    fault(restaurant, "status", status=400, error="ORDER_LOCKED", text="A cashier edits it")
    order = collected(restaurant)
    assert "ORDER_LOCKED: A cashier edits it" in failed(restaurant, queues, order)
    assert len(restaurant.calls(order)) == 1


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
    """That one restaurant's terminal is silent says nothing about the next call of the login."""
    fault(restaurant, "status", status=408, times=2)
    slow = collected(restaurant)
    restaurant.order(slow, lambda o: o["commands"] and o["commands"][0]["attempts"] == 2)
    quick = collected(restaurant)
    restaurant.commands(quick, ["confirmed"])
    assert [c["state"] for c in restaurant.found(slow)["commands"]] == ["sent"]
    restaurant.commands(slow, ["confirmed"])


def test_no_login_waits_for_another_ones_rate_limit(restaurant: Restaurant, new_account):
    fault(restaurant, "status", status=429, retry_after=6)
    slow = collected(restaurant)
    restaurant.order(slow, lambda o: o["commands"] and o["commands"][0]["attempts"] == 1)
    other = new_account(restaurant.pos)
    other.commands(collected(other), ["confirmed"])
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
    assert times[-1] - times[0] < 3.5


def test_a_syrve_that_cannot_be_reached_is_tried_until_it_can(new_account, api):
    with running_fake_syrve() as fake:
        account = new_account(fake)
        account.commands(collected(account), ["confirmed"])
        order = account.has_order()
    account.report(order.job("collected"))
    account.order(order, lambda o: o["commands"] and o["commands"][0]["last_error"])
    with running_fake_syrve(fake.port) as again:
        again.state.organizations = fake.state.organizations
        again.state.api_logins = fake.state.api_logins
        again.state.orders = fake.state.orders
        [command] = Restaurant(account.account, api, again).commands(order, ["confirmed"])
        assert command["attempts"] >= 2
        assert again.violations == []
