"""Who is told what: each subscription of an account, what it asked for, once, however often the
cause arrives.
"""

import contextlib
import time

import pytest

from integrator import Integrator
from local.fakes import captain
from queues import Queues
from restaurant import Restaurant

AT = "2026-06-28T16:30:00+00:00"


def again(queues: Queues, name: str) -> None:
    """Every message of a held queue is delivered twice, as SQS may."""
    for message in queues.take(queues.url(name)):
        for _ in range(2):
            queues.deliver(name, message)


def test_two_subscriptions_are_told_each_with_its_own_secrets(account: Restaurant, subscribe):
    first, second = subscribe(account), subscribe(account)
    order = account.has_order()
    account.report(order.assigned(AT))
    calls = [one.hears(1, "order_assigned")[0] for one in (first, second)]
    for one, call in zip((first, second), calls, strict=True):
        assert call.headers["auth-token"] == one.token
        call.verified_by(one.secret)
    assert calls[0].lasting == calls[1].lasting
    assert calls[0].signatures != calls[1].signatures


def test_a_subscription_is_told_what_it_asked_for(account, subscribe, queues: Queues):
    every = subscribe(account)
    some = subscribe(account, events=["job_delivery_status_updated", "agent_eta_updated"])
    items = subscribe(account, events=["item_status_updated"])
    order = account.has_order()
    account.report(
        order.assigned(AT),
        order.job("collected", AT),
        captain.agent_eta_updated(),
        captain.item_status_updated("prepared", **order.names),
    )
    every.hears(1, "agent_eta_updated")
    every.hears(1, "item_status_updated")
    queues.handled("fleet-event", "notify")
    assert {call.name for call in some.received()} == {
        "job_delivery_status_updated",
        "agent_eta_updated",
    }
    assert [call.name for call in items.received()] == ["item_status_updated"]
    assert {call.event_uuid for one in (some, items) for call in one.received()} <= {
        call.event_uuid for call in every.received()
    }


def test_nobody_is_told_of_another_accounts_events(account, new_account, subscribe, queues):
    one, other = subscribe(account), new_account()
    theirs = subscribe(other)
    account.report(captain.analytics_report_ready())
    one.hears(1)
    queues.handled("notify")
    assert theirs.received() == []


def test_a_subscription_is_not_told_of_what_was_before_it(account, subscribe, queues: Queues):
    first = subscribe(account)
    account.report(captain.analytics_report_ready())
    with queues.held("notify"):
        order = account.has_order()
        account.report(order.assigned(AT))
        queues.handled("fleet-event")
        late = subscribe(account)
    first.hears(1, "order_assigned")
    account.report(order.job("collected", AT))
    late.hears(1, "job_delivery_status_updated")
    assert "order_assigned" not in {call.name for call in late.received()}
    assert late.notifications()[-1]["event_name"] != "order_assigned"


def test_a_cause_that_comes_again_tells_nobody_again(account, subscribe, queues: Queues):
    """The same webhook, the same message of it, and the same message of the bus."""
    one, order = subscribe(account), account.has_order()
    event = order.assigned(AT)
    with queues.held("fleet-event", "notify"):
        account.report(event)
        again(queues, "fleet-event")
    one.hears(1, "order_assigned")
    account.report(event)
    queues.handled("fleet-event", "notify")
    with queues.held("notify"):
        account.report(order.job("collected", AT))
        queues.handled("fleet-event")
        again(queues, "notify")
    queues.handled("notify")
    calls = one.received()
    assert len({call.event_uuid for call in calls}) == len(calls)
    assert [call.name for call in calls].count("order_assigned") == 1
    assert {call.attempt for call in calls} == {1}


def test_a_changed_subscription_is_called_as_it_is_now(account, subscribe, queues: Queues):
    one = subscribe(account)
    account.report(captain.analytics_report_ready())
    one.hears(1)
    moved = Integrator(account, one.fake, token=one.token, subscription=one.subscription)
    body = {"url": moved.url, "auth_token": "set", "events": ["agent_eta_updated"]}
    assert one.call("PUT", "", body).status == 200
    another = captain.analytics_report_ready(uuid="5a1e00000002")
    account.report(another, captain.agent_eta_updated())
    [call] = moved.hears(1)
    queues.handled("fleet-event", "notify")
    assert (moved.received(), len(one.received())) == ([call], 1)
    assert (call.name, call.headers["auth-token"]) == ("agent_eta_updated", one.token)
    call.verified_by(one.secret)
    replaced = Integrator(account, one.fake, subscription=one.subscription)
    assert one.call("PUT", "", replaced.body()).status == 200
    # Estimates are told in whole seconds, and of two of the same second either may count.
    later = {"eta_till_available": 1782669900, "calculated_at": int(time.time()) + 1}
    account.report(captain.agent_eta_updated(**later))
    [call] = replaced.hears(1)
    assert call.headers["auth-token"] == replaced.token
    call.verified_by(one.secret)


def test_a_deleted_subscription_is_told_nothing_more(account, subscribe, queues: Queues):
    one, other = subscribe(account), subscribe(account)
    with queues.held("notify"):
        account.report(captain.analytics_report_ready())
        queues.handled("fleet-event")
        assert one.call("DELETE").status == 204
    other.hears(1)
    queues.handled("notify")
    assert one.received() == []


@pytest.mark.parametrize("at_once", [True, False])
def test_events_of_one_order_arrive_in_their_order(
    account, subscribe, queues: Queues, at_once: bool
):
    """From one batch, or from messages that several copies of the function get at the same time."""
    one, order = subscribe(account), account.has_order()
    statuses = ["assigned_to_driver", "assigned_and_accepted_by_driver", "collected", "dropped_off"]
    with queues.held("notify") if at_once else contextlib.nullcontext():
        for minute, status in enumerate(statuses):
            account.report(order.job(status, f"2026-06-28T16:{30 + minute}:00+00:00"))
        queues.handled("fleet-event")
    queues.handled("notify")
    calls = one.received()
    assert [s for call in calls if (s := call.data.get("job_delivery_status"))] == statuses
    assert [s for call in calls if (s := call.data.get("order_status"))] == [
        "in_progress",
        "completed",
    ]
    times = [call.data["published_at"] for call in calls]
    assert times == sorted(times)
