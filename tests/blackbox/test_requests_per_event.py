"""How many requests to AWS each event costs. They are what the bridge spends time and money on.

Everything is warm: the account was read, and the processes run.
"""

import contextlib
import time
from collections.abc import Callable, Iterator

import pytest

from dispatched import dispatched, says
from local.fakes import captain
from local.fakes.captain import EMPLOYEE_ID
from local.fakes.syrve_state import TERMINAL_GROUP_ID
from local.payloads import shift
from queues import Queues
from restaurant import Restaurant


@pytest.fixture
def warm(account: Restaurant, queues: Queues) -> Restaurant:
    """An account that every function has read within the last seconds."""
    # What others still have to be told does not matter here.
    queues.purge("notify")
    order = account.has_order()
    account.announce(opened(account, 0))
    account.report(order.assigned())
    queues.handled("delivery-order", "personal-shift", "fleet-event", "notify")
    return account


def opened(account: Restaurant, minute: int, is_open: bool = True) -> dict:
    at = f"2026-06-28 12:{minute:02}:00.000"
    return shift(account.organization_id, EMPLOYEE_ID, is_open, at, TERMINAL_GROUP_ID)


@contextlib.contextmanager
def commands_of(requests_of, queues: Queues, name: str, *before: str) -> Iterator[list[str]]:
    """The requests of carrying out what the block asks for, once it has ended."""
    asked = []
    with contextlib.ExitStack() as held:
        held.enter_context(queues.held(name))
        yield asked
        queues.handled(*before)
        # Sooner after another call of the login, the gate takes a second write.
        time.sleep(0.3)
        with requests_of(name) as log:
            held.close()
    asked += log.requests


def test_a_shift_costs_four(warm: Restaurant, requests_of):
    with requests_of("personal-shift") as log:
        warm.announce(opened(warm, 5, is_open=False))
    assert log.requests == ["SendMessageBatch", "GetItem", "TransactWriteItems", "PutEvents"]


def test_a_shift_that_changes_nothing_is_not_published(warm: Restaurant, requests_of):
    with requests_of("personal-shift") as log:
        warm.announce(opened(warm, 5))
    assert log.requests == ["SendMessageBatch", "GetItem", "TransactWriteItems"]


def test_an_order_costs_four(warm: Restaurant, requests_of):
    order = warm.new_order()
    with requests_of("delivery-order") as log:
        warm.announce(order.syrve())
    assert log.requests == ["SendMessageBatch", "GetItem", "TransactWriteItems", "PutEvents"]


def test_a_status_that_syrve_is_told_costs_five(warm: Restaurant, requests_of, queues: Queues):
    order = warm.has_order()
    with queues.held("syrve-command", "notify"), requests_of("fleet-event") as log:
        warm.report(order.job("collected"))
    assert log.requests[:3] == ["SendMessageBatch", "BatchGetItem", "TransactWriteItems"]
    assert sorted(log.requests[3:]) == ["PutEvents", "SendMessageBatch"]


@pytest.mark.parametrize(
    "event",
    [
        lambda order: order.jelp("status_change", "TRANSIT"),
        lambda order: order.radaro("status_changed", "picked_up"),
        lambda order: order.bringg_point("way_point_left", "pickup"),
    ],
    ids=["jelp", "radaro", "bringg"],
)
def test_other_fleets_cost_as_much_and_two_steps_as_one(
    warm: Restaurant, requests_of, queues: Queues, event: Callable
):
    """Once the receiver has read the account, and Bringg's its keys."""
    before, order = warm.has_order(), warm.has_order()
    with queues.held("syrve-command", "notify"):
        warm.report(event(before))
        queues.handled("fleet-event")
        with requests_of("fleet-event") as log:
            warm.report(event(order))
    assert log.requests[:3] == ["SendMessageBatch", "BatchGetItem", "TransactWriteItems"]
    assert sorted(log.requests[3:]) == ["PutEvents", "SendMessageBatch"]
    for one in (before, order):
        warm.commands(one, ["confirmed", "confirmed"])


def test_a_late_status_is_neither_sent_nor_published(warm: Restaurant, requests_of):
    order = warm.has_order()
    warm.report(order.job("dropped_off"))
    warm.commands(order, ["confirmed"])
    with requests_of("fleet-event") as log:
        warm.report(order.job("collected", "2026-06-28T16:30:00+00:00"))
    assert log.requests == ["SendMessageBatch", "BatchGetItem", "TransactWriteItems"]


def test_a_position_costs_three_and_once_a_minute_as_many_more(
    warm: Restaurant, requests_of, queues: Queues
):
    """One notes who moved; of each minute, one queues its message and one notes that. A process
    that has noted a driver in this minute does not do so again.
    """
    logs = []
    with queues.held("notify"):
        for second, latitude in enumerate(("53.341", "53.342")):
            at = f"2026-06-28 16:10:0{second} UTC"
            point = {"latitude": latitude, "longitude": "-6.25", "recorded_at": at}
            agent = {"agent_uuid": "7183bb9f1a65", "locations": [point]}
            with requests_of("fleet-event") as log:
                warm.report(captain.agent_radar_locations_created([agent]))
            logs.append(log.requests)
    each = ["SendMessageBatch", "GetItem", "TransactWriteItems"]
    assert logs[0] == [*each, "UpdateItem", "SendMessageBatch", "UpdateItem"]
    # The next minute may have begun.
    assert logs[1] in (each, logs[0])


def test_twenty_five_events_of_one_call_are_three_batches(warm, requests_of, queues: Queues):
    events = [warm.new_order().syrve() for _ in range(25)]
    with queues.held("delivery-order"), requests_of() as log:
        warm.announce(*events)
    assert log.requests == ["SendMessageBatch"] * 3


def test_a_call_to_syrve_costs_five_and_its_confirmation_three(warm, requests_of, queues: Queues):
    """One of each is the gate's, the call's before anything is written; the queue is told when to
    come back.
    """
    before, order = warm.has_order(), warm.has_order()
    warm.report(before.job("collected"))
    warm.commands(before, ["confirmed"])
    with commands_of(requests_of, queues, "syrve-command", "fleet-event", "notify") as asked:
        warm.report(order.job("collected"))
    call = ["BatchGetItem", "UpdateItem", "TransactWriteItems", "TransactWriteItems"]
    confirmation = ["BatchGetItem", "UpdateItem", "TransactWriteItems"]
    assert asked == [*call, "ChangeMessageVisibility", *confirmation]


def test_a_call_to_captain_costs_four_and_what_it_teaches_two(
    new_account, captain_api, requests_of, queues: Queues
):
    account = new_account(captain=captain_api)
    dispatched(account)
    order = account.new_order()
    with commands_of(requests_of, queues, "fleet-command", "delivery-order") as asked:
        account.announce(order.syrve())
    call = ["BatchGetItem", "UpdateItem", "TransactWriteItems"]
    assert asked == [*call, "BatchGetItem", "TransactWriteItems", "TransactWriteItems"]
    with commands_of(requests_of, queues, "fleet-command", "delivery-order") as asked:
        says(account, order, 5, status="CookingStarted")
    assert asked == [*call, "TransactWriteItems"]
