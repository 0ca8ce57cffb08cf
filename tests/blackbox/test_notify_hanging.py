"""One endpoint that hangs delays nobody else: not the others of its account, and no other account.

Bounds are loose, for machines of every kind: a healthy endpoint must have its event while the call
that hangs is still open. How much a hang costs is measured by `make bench-notify`.
"""

from concurrent.futures import ThreadPoolExecutor

from integrator import Integrator
from local.fakes import captain
from local.waiting import wait_until
from queues import Queues
from restaurant import Restaurant

HEALTHY = 50
AT = "2026-06-28T16:30:00+00:00"


def is_open(one: Integrator) -> bool:
    """Its endpoint has a call, and has not answered it."""
    return one.fake.open[one.path] > 0


def test_fifty_of_one_account_have_what_happens_while_another_one_hangs(account, subscribe):
    hanging = subscribe(account)
    with ThreadPoolExecutor(4) as threads:
        healthy = list(threads.map(lambda _: subscribe(account), range(HEALTHY)))
    hanging.fault("hang", times=None)
    account.report(captain.analytics_report_ready())
    hanging.hears(1)
    for one in healthy:
        one.hears(1, timeout=10)
    assert is_open(hanging)
    assert hanging.attempts() == []
    # The next event, of something else, finds the same.
    account.report(captain.agent_eta_updated())
    for one in healthy:
        one.hears(2, timeout=10)
    assert hanging.attempts() == []
    assert len(hanging.received()) == 2
    one = healthy[0]
    assert [call.attempt for call in one.received()] == [1, 1]
    hanging.fake.faults.clear()
    hanging.fake.release(hanging.path)


def test_fifty_accounts_have_what_happens_while_the_backlog_of_another_one_hangs(
    account: Restaurant, new_account, subscribe, queues: Queues
):
    """The endpoint that hangs has thirty events to be told of, and takes ten calls at a time."""
    hanging = subscribe(account, events=["order_assigned"])
    hanging.fault("hang", times=None)
    with ThreadPoolExecutor(4) as threads:
        others = list(threads.map(lambda _: new_account(), range(HEALTHY)))
        healthy = list(threads.map(subscribe, others))
        orders = [account.new_order() for _ in range(30)]
        account.announce(*(order.syrve() for order in orders))
        queues.handled("delivery-order")
        account.report(*(order.assigned(AT) for order in orders))
        wait_until(lambda: len(hanging.received()) == 10)
        queues.handled("fleet-event")
        list(threads.map(lambda other: other.report(captain.analytics_report_ready()), others))
        for one in healthy:
            one.hears(1, timeout=10)
    assert hanging.attempts() == []
    assert hanging.fake.most_open[hanging.path] <= 10
    hanging.fake.faults.clear()
    hanging.fake.release(hanging.path)
    # Each event had one attempt: what waited for its turn was not counted.
    hanging.settled(*["delivered"] * 30, timeout=60)
    assert {call.attempt for call in hanging.received()} == {1}


def test_failures_narrow_the_line_to_one_call_at_a_time(account, subscribe, queues: Queues):
    """An endpoint that was down for a rush gets what it missed, and is not overrun."""
    one = subscribe(account, events=["order_assigned"])
    orders = [account.new_order() for _ in range(12)]
    account.announce(*(order.syrve() for order in orders))
    queues.handled("delivery-order")
    one.fault("status", status=503, body="text", times=4)
    with queues.held("notify"):
        account.report(*(order.assigned(AT) for order in orders))
        queues.handled("fleet-event")
    one.settled(*["delivered"] * 12, timeout=60)
    calls = one.received()
    assert len(calls) == 16
    assert sorted(call.attempt for call in calls) == [1] * 12 + [2] * 4
    assert one.shown()["failures"] == 0
