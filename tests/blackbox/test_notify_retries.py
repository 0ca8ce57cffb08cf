"""What an endpoint does not take is sent again, later and as it was, and every call can be seen."""

import time
from datetime import datetime, timedelta

from integrator import Integrator, Received
from leaks import stored
from local.fakes import captain
from local.waiting import wait_until
from queues import Queues
from restaurant import Restaurant

# Ten seconds, a fifth more or less, and a moment in which the queue is looked at again; the next
# pause of the schedule is thirty.
FIRST_PAUSE = (8.0, 20.0)
EVENT = "analytics_report_ready"


def happens(account: Restaurant) -> None:
    """Something that subscribers are told of, in one event."""
    account.report(captain.analytics_report_ready())


def pause(one: Integrator, first: Received, second: Received) -> float:
    """From the end of the first call to the second."""
    [*_, attempt] = one.attempts(first.event_uuid)
    ended = datetime.fromisoformat(attempt["at"]) + timedelta(milliseconds=attempt["duration_ms"])
    return second.at - ended.timestamp()


def is_again(first: Received, second: Received, number: int = 2) -> None:
    """The same notification, told from the first by the count of its attempts alone."""
    assert second.webhook_id == first.webhook_id
    assert second.lasting == first.lasting
    assert second.attempt == number
    assert second.body["metadata"]["sent_at"] > first.body["metadata"]["sent_at"]
    assert set(second.body["metadata"]) == {"sent_at", "delivery_attempt"}


def test_what_is_not_taken_comes_again_until_it_is(account: Restaurant, subscribe):
    """Each of these subscriptions has an endpoint that fails once in its own way."""
    ways = {
        "an error": ({"kind": "status", "status": 500, "body": "text"}, 500, "status"),
        "a refusal": ({"kind": "status", "status": 404, "body": "text"}, 404, "status"),
        "a redirect": ({"kind": "redirect", "location": ...}, 302, "status"),
        "a cut": ({"kind": "hang_then_close"}, None, "connection"),
        "no HTTP": ({"kind": "garbage"}, None, "answer"),
    }
    ones = {name: subscribe(account) for name in ways}
    target = subscribe(account, events=["agent_eta_updated"])
    for name, (fault, _, _) in ways.items():
        if "location" in fault:
            fault = fault | {"location": target.url}
        ones[name].fault(**fault)
    happens(account)
    for name, (_, status, error) in ways.items():
        one = ones[name]
        [first, second] = one.hears(2, timeout=20)
        is_again(first, second)
        assert FIRST_PAUSE[0] <= pause(one, first, second) <= FIRST_PAUSE[1], name
        [done] = one.settled("delivered")
        assert (done["attempts"], done["last_error"], done["next_attempt_at"]) == (2, None, None)
        newest, oldest = one.attempts(first.event_uuid)
        assert (oldest["status"], oldest["error"]) == (status, error), name
        assert (newest["status"], newest["error"], newest["answer"]) == (200, None, "OK")
        wait_until(lambda one=one: one.shown()["failures"] == 0)
    assert target.received() == []


def test_an_endpoint_may_ask_for_a_longer_pause(account: Restaurant, subscribe):
    """Seconds or a date; a shorter one changes nothing."""
    ones = [subscribe(account) for _ in range(3)]
    for one, wanted in zip(ones, (16, None, 1), strict=True):
        if wanted is None:
            moment = time.gmtime(time.time() + 24)
            wanted = time.strftime("%a, %d %b %Y %H:%M:%S GMT", moment)
        one.fault("status", status=503, body="text", retry_after=wanted)
    happens(account)
    pauses = []
    for one in ones:
        first, second = one.hears(2, timeout=45)
        is_again(first, second)
        pauses.append(pause(one, first, second))
    assert 16 <= pauses[0] < 26
    assert 18 <= pauses[1] < 33
    assert FIRST_PAUSE[0] <= pauses[2] <= FIRST_PAUSE[1]


def test_a_call_that_is_not_answered_ends_after_fifteen_seconds(account: Restaurant, subscribe):
    """One says nothing at all, one begins and never comes to an end."""
    silent, slow = subscribe(account), subscribe(account)
    silent.fault("hang")
    slow.fault("drip", part="head")
    happens(account)
    for one in (silent, slow):
        [waiting] = one.settled("waiting", timeout=25)
        assert (waiting["attempts"], waiting["last_error"]) == (1, "timeout")
        [attempt] = one.attempts()
        assert (attempt["status"], attempt["error"], attempt["answer"]) == (None, "timeout", "")
        assert 14_500 <= attempt["duration_ms"] <= 25_000
        wait_until(lambda one=one: one.shown()["failures"] == 1)
        shown = one.shown()
        assert shown["state"] == "enabled"
        assert shown["failing_since"] is not None


def test_an_answer_of_any_size_and_speed_is_survived(account: Restaurant, subscribe, table):
    """The status decides; of the body the beginning is kept, of a token in it nothing."""
    long, quoting = subscribe(account), subscribe(account)
    endless, slow, head = subscribe(account), subscribe(account), subscribe(account)
    long.fault("status", status=201, body="text", text="ab" * 15_000)
    quoting.fault("status", status=200, body="text", text=f"\0 You sent {quoting.token}.")
    endless.fault("huge_body", bytes=20_000_000)
    slow.fault("drip")
    head.fault("huge_head", bytes=4_000_000)
    happens(account)
    for one in (long, quoting, endless, slow):
        one.settled("delivered", timeout=25)
        [attempt] = one.attempts()
        assert (attempt["status"], attempt["error"]) == (201 if one is long else 200, None)
        assert len(attempt["answer"]) <= 20_000
    assert long.attempts()[0]["answer"] == "ab" * 10_000
    assert endless.attempts()[0]["answer"] == "x" * 20_000
    assert quoting.attempts()[0]["answer"] == "\ufffd You sent ***."
    assert stored(table, account.account_id, [quoting.token]) == []
    [attempt] = [a for a in head.attempts() if a["attempt"] == 1]
    assert (attempt["status"], attempt["error"], attempt["answer"]) == (None, "answer", "")


def test_every_call_can_be_seen(account: Restaurant, subscribe, queues: Queues):
    """Newest first, of one event or of all, page by page."""
    one, order = subscribe(account), account.has_order()
    one.fault("status", status=202, body="text", text="thanks")
    account.report(order.assigned("2026-06-28T16:10:00+00:00"))
    queues.handled("fleet-event", "notify")
    account.report(order.job("dropped_off", "2026-06-28T16:40:00+00:00"))
    queues.handled("fleet-event", "notify")
    calls = one.received()
    assert len(calls) >= 3
    found = one.attempts()
    assert sorted(a["event_uuid"] for a in found) == sorted(c.event_uuid for c in calls)
    assert [a["at"] for a in found] == sorted((a["at"] for a in found), reverse=True)
    assert one.attempts(limit=1) == found
    assert one.attempts(limit=2) == found
    [first] = one.attempts(calls[0].event_uuid)
    assert set(first) == {
        "event_uuid",
        "event_name",
        "attempt",
        "replay_id",
        "webhook_id",
        "at",
        "duration_ms",
        "status",
        "error",
        "answer",
    }
    assert first["webhook_id"] == first["event_uuid"] == calls[0].event_uuid
    assert (first["event_name"], first["attempt"], first["replay_id"]) == (calls[0].name, 1, None)
    assert (first["status"], first["error"], first["answer"]) == (202, None, "thanks")
    assert abs(datetime.fromisoformat(first["at"]).timestamp() - calls[0].at) < 5
    assert 0 <= first["duration_ms"] < 5_000
    kept = one.notifications()
    assert sorted(n["event_uuid"] for n in kept) == sorted(c.event_uuid for c in calls)
    assert {n["state"] for n in kept} == {"delivered"}
    assert [n["created_at"] for n in kept] == sorted((n["created_at"] for n in kept), reverse=True)


def test_what_a_subscriber_answers_is_in_no_log(account: Restaurant, subscribe, stack):
    one = subscribe(account)
    word, since = "answer-that-nobody-logs", time.time() - 1
    one.fault("status", status=500, body="text", text=word)
    happens(account)
    one.settled("waiting")
    assert one.attempts()[0]["answer"] == word
    own = one.subscription["id"]
    # Lines are there once the invocation has ended.
    wait_until(lambda: own in str(stack.logs("notify", since)))
    lines = stack.logs("notify", since)
    assert word not in str(lines)
    assert one.url not in str(lines)
