"""A subscription that is given up, what becomes of its events, and how they are sent again."""

import uuid
from datetime import UTC, datetime, timedelta

import pytest
from standardwebhooks import WebhookVerificationError

from bus import Bus
from integrator import Integrator, Received
from local.fakes import captain
from local.waiting import wait_until
from problems import problem
from queues import Queues
from restaurant import Restaurant


def happens(account: Restaurant, count: int = 1) -> None:
    for _ in range(count):
        account.report(captain.analytics_report_ready(uuid=uuid.uuid4().hex[:12]))


def is_replayed(call: Received) -> bool:
    return "webhook-replay" in call.headers


def is_first(call: Received) -> bool:
    """Neither asked for nor a retry."""
    return call.attempt == 1 and not is_replayed(call)


def gone(one: Integrator) -> dict:
    """The subscription once its endpoint has answered that it is gone for good."""
    one.fault("gone")
    happens(one.restaurant)
    wait_until(lambda: one.shown()["state"] == "disabled")
    return one.shown()


def replayed(one: Integrator, **what: str) -> dict:
    answer = one.call("POST", "/replay", what)
    assert answer.status == 202, answer
    assert set(answer.json()) == {"replay_id", "queued", "left_out", "next_since"}
    return answer.json()


def test_an_endpoint_that_is_gone_is_not_called_any_more(
    account: Restaurant, subscribe, queues: Queues, bus: Bus, stack
):
    one, other = subscribe(account), subscribe(account)
    shown = gone(one)
    assert "410" in shown["disabled"]["reason"]
    age = datetime.now(UTC) - datetime.fromisoformat(shown["disabled"]["at"])
    assert abs(age) < timedelta(seconds=30)
    [call] = one.received()
    happens(account, 2)
    other.hears(3)
    # The refused one is found stopped when its retry is due, the later ones at once.
    one.settled("stopped", "stopped", "stopped", timeout=20)
    assert one.received() == [call]
    assert other.shown()["state"] == "enabled"
    told = [event for event in bus.of(account) if event["name"] == "subscription_disabled"]
    [detail] = {event["event_uuid"]: event["detail"] for event in told}.values()
    assert (detail["subscription_id"], detail["url"]) == (one.subscription["id"], "url")
    assert "410" in detail["reason"]
    lines = [line["fields"] for line in stack.logs("notify") if "fields" in line]
    ended = [f for f in lines if f.get("outcome") == "subscription_disabled"]
    assert one.subscription["id"] in {fields["subscription"] for fields in ended}
    names = {call.name for call in other.received()}
    assert names == {"analytics_report_ready"}


def test_the_url_for_items_stands_and_falls_by_itself(account: Restaurant, subscribe, bus: Bus):
    one, order = subscribe(account), account.has_order()
    events = ["item_status_updated", "analytics_report_ready"]
    assert one.call("PUT", "", one.body(items_url=one.items_url, events=events)).status == 200
    one.fault("gone", path=f"{one.path}/items")
    account.report(captain.item_status_updated("prepared", **order.names))
    wait_until(lambda: one.shown()["items_disabled"])
    shown = one.shown()
    assert (shown["state"], shown["disabled"], shown["failures"]) == ("enabled", None, 0)
    assert (shown["items_failures"], shown["failing_since"]) == (1, None)
    assert shown["items_failing_since"]
    assert "410" in shown["items_disabled"]["reason"]
    happens(account)
    assert one.hears(1, "analytics_report_ready")[0].path == one.path
    told = [event for event in bus.of(account) if event["name"] == "subscription_disabled"]
    assert {event["detail"]["url"] for event in told} == {"items_url"}
    event_uuid = one.received("item_status_updated")[0].event_uuid
    refused = one.call("POST", "/replay", {"event_uuid": event_uuid})
    assert problem(refused) == (409, "items_url")
    answer = replayed(one, since=shown["created_at"])
    assert (answer["queued"], answer["left_out"]) == (1, 1)
    assert one.hears(1, when=is_replayed)[0].path == one.path
    assert one.call("POST", "/enable", {}).json()["items_disabled"] is None
    replayed(one, event_uuid=event_uuid)
    again = one.hears(2, when=is_replayed)
    assert (again[-1].path, again[-1].event_uuid) == (f"{one.path}/items", event_uuid)


def test_a_url_is_called_that_was_written_in_place_of_one_that_is_gone(
    account: Restaurant, subscribe
):
    one, order = subscribe(account), account.has_order()
    one.call("PUT", "", one.body(items_url=one.items_url))
    one.fault("gone", path=f"{one.path}/items")
    account.report(captain.item_status_updated("being_prepared", **order.names))
    wait_until(lambda: one.shown()["items_disabled"])
    # Without it items go where all else does, also those that were missed.
    assert one.call("PUT", "", one.body()).json()["items_disabled"] is None
    event_uuid = one.received("item_status_updated")[0].event_uuid
    replayed(one, event_uuid=event_uuid)
    [call] = one.hears(1, when=is_replayed)
    assert (call.path, call.event_uuid) == (one.path, event_uuid)
    # With another one they go there.
    assert one.call("PUT", "", one.body(items_url=one.items_url)).json()["items_disabled"] is None
    account.report(captain.item_status_updated("prepared", **order.names))
    calls = one.hears(2, "item_status_updated", when=is_first)
    assert {call.path for call in calls} == {f"{one.path}/items"}


def test_a_person_stops_a_subscription_and_starts_it_again(
    account: Restaurant, subscribe, queues: Queues, bus: Bus
):
    one, other = subscribe(account), subscribe(account)
    happens(account)
    one.hears(1)
    since = datetime.now(UTC).isoformat()
    answer = one.call("POST", "/disable", {"reason": "it holds up others"})
    assert answer.status == 200, answer
    assert answer.json()["disabled"]["reason"] == "it holds up others"
    assert answer.json() == one.shown()
    again = one.call("POST", "/disable")
    assert (again.status, again.json()) == (200, answer.json())
    assert problem(one.call("POST", "/replay", {"since": since})) == (409, "url")
    happens(account, 2)
    other.hears(3)
    one.settled("delivered", "stopped", "stopped")
    queues.handled("notify")
    assert len(one.received()) == 1
    told = [event for event in bus.of(account) if event["name"] == "subscription_disabled"]
    [detail] = {event["event_uuid"]: event["detail"] for event in told}.values()
    own = {"subscription_id": one.subscription["id"], "url": "url"}
    # What the operator wrote is for those who read the subscription.
    assert detail == own | {"reason": "disabled by an operator"}
    assert one.call("POST", "/enable", {}).json()["state"] == "enabled"
    assert replayed(one, since=since)["queued"] == 2
    one.hears(3)
    happens(account)
    one.hears(4)
    assert one.call("POST", "/disable").json()["disabled"]["reason"] == "disabled by an operator"
    assert problem(one.call("POST", "/disable", {"reason": "x" * 201})) == (400, "reason")


@pytest.mark.parametrize(
    ("failures", "since", "reason"),
    [
        (99, None, "100 calls in a row failed"),
        (15, "2026-01-01T00:00:00Z", "every call failed for 5 days"),
    ],
)
def test_an_endpoint_that_fails_for_long_is_given_up(
    account: Restaurant, subscribe, table, failures: int, since: str | None, reason: str
):
    """What it takes to get there is written into its line; the next failure is the last."""
    one = subscribe(account)
    one.fault("status", status=500, body="text", times=None)
    happens(account)
    one.settled("waiting")
    wait_until(lambda: one.shown()["failures"] == 1)
    began = since or one.shown()["failing_since"]
    own = f"ACCOUNT#{account.account_id}#SUBSCRIPTION#{one.subscription['id']}"
    table(
        "update_item",
        Key={"pk": {"S": own}, "sk": {"S": "LINE"}},
        UpdateExpression=(
            "SET #data.failures = :failures, #data.failing_since = :since ADD version :one"
        ),
        ConditionExpression="attribute_exists(pk)",
        ExpressionAttributeNames={"#data": "data"},
        ExpressionAttributeValues={
            ":failures": {"N": str(failures)},
            ":since": {"S": began},
            ":one": {"N": "1"},
        },
    )
    happens(account)
    wait_until(lambda: one.shown()["state"] == "disabled")
    shown = one.shown()
    assert shown["disabled"]["reason"] == reason
    assert (shown["failures"], len(one.received())) == (failures + 1, 2)


def test_what_was_missed_is_sent_after_enabling(account: Restaurant, subscribe, queues: Queues):
    one, other = subscribe(account), subscribe(account)
    since = datetime.now(UTC).isoformat()
    gone(one)
    happens(account, 2)
    other.hears(3)
    one.settled("stopped", "stopped", "stopped", timeout=20)
    assert problem(one.call("POST", "/replay", {"since": since}))[0] == 409
    enabled = one.call("POST", "/enable", {})
    assert enabled.status == 200, enabled
    assert (enabled.json()["state"], enabled.json()["disabled"]) == ("enabled", None)
    assert (enabled.json()["failures"], enabled.json()["failing_since"]) == (0, None)
    assert enabled.json() == one.shown()
    answer = replayed(one, since=since)
    assert (answer["queued"], answer["next_since"]) == (3, None)
    calls = one.hears(3, when=lambda call: call.webhook_id != call.event_uuid)
    assert {c.event_uuid for c in calls} == {c.event_uuid for c in other.received()}
    for call in calls:
        is_replay(one, call, answer["replay_id"])
    queues.handled("notify")
    assert len(one.received()) == 4
    happens(account)
    assert "webhook-replay" not in one.hears(5)[-1].headers
    assert len(other.received()) == 4


def is_replay(one: Integrator, call, replay_id: str) -> None:
    """Marked as what it is, so that no receiver takes it for a repetition; else the same event."""
    assert call.webhook_id == f"{call.event_uuid}_{replay_id}"
    assert call.headers["webhook-replay"] == "true"
    assert (call.body["metadata"]["replay"], call.attempt) == (True, 1)
    call.verified_by(one.secret)
    # The call is recorded after it was answered.
    [own] = wait_until(
        lambda: [a for a in one.attempts(call.event_uuid) if a["replay_id"] == replay_id]
    )
    assert (own["webhook_id"], own["attempt"], own["status"]) == (call.webhook_id, 1, 200)


def test_one_event_is_sent_again_as_often_as_one_asks(account, subscribe, queues: Queues):
    one, other, order = subscribe(account), subscribe(account), account.has_order()
    account.report(order.assigned("2026-06-28T16:10:00+00:00"))
    [first] = one.hears(1, "order_assigned")
    queues.handled("fleet-event", "notify")
    before = len(one.received())
    # What it says is what was said then, whatever became of the order since.
    account.report(order.job("dropped_off", "2026-06-28T16:40:00+00:00"))
    queues.handled("fleet-event", "notify")
    ids = set()
    for count in (1, 2):
        answer = replayed(one, event_uuid=first.event_uuid)
        assert (answer["queued"], answer["next_since"]) == (1, None)
        again = one.hears(count, when=lambda c: "webhook-replay" in c.headers)
        assert again[-1].lasting == first.lasting
        is_replay(one, again[-1], answer["replay_id"])
        ids.add(again[-1].webhook_id)
    assert len(ids) == 2
    assert len(one.attempts(first.event_uuid)) == 3
    queues.handled("notify")
    assert len(other.received()) == len(one.received()) - 2 > before
    # A replay is no new event of the subscription.
    assert len({n["event_uuid"] for n in one.notifications()}) == len(one.notifications())


def test_a_replay_that_fails_is_tried_again_with_its_own_id(account, subscribe):
    one = subscribe(account)
    happens(account)
    [first] = one.hears(1)
    one.settled("delivered")
    one.fault("status", status=503, body="text")
    answer = replayed(one, event_uuid=first.event_uuid)
    calls = one.hears(2, when=lambda c: "webhook-replay" in c.headers, timeout=20)
    assert {c.webhook_id for c in calls} == {f"{first.event_uuid}_{answer['replay_id']}"}
    assert [c.attempt for c in calls] == [1, 2]
    assert 7.5 <= calls[1].at - calls[0].at <= 20


def test_since_is_when_the_bridge_learned_of_it(account: Restaurant, subscribe, queues: Queues):
    """All of that time whatever became of it, and nothing older."""
    one = subscribe(account)
    for count in (1, 2, 3):
        happens(account)
        one.hears(count)
    created = [n["created_at"] for n in one.settled("delivered", "delivered", "delivered")]
    assert replayed(one, since=created[1])["queued"] == 2
    calls = one.hears(2, when=lambda c: "webhook-replay" in c.headers)
    events = [call.event_uuid for call in one.received()[:3]]
    assert sorted(c.event_uuid for c in calls) == sorted(events[1:])
    late = "2999-01-01T00:00:00Z"
    assert replayed(one, since=late)["queued"] == 0


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        ({}, 400, None),
        ({"since": "yesterday"}, 400, "since"),
        ({"since": 5}, 400, "since"),
        ({"event_uuid": "12"}, 400, "event_uuid"),
        ({"event_uuid": str(uuid.UUID(int=7))}, 404, None),
        ({"since": "2026-01-01T00:00:00Z", "event_uuid": str(uuid.UUID(int=7))}, 400, None),
        ({"everything": True}, 400, "everything"),
    ],
)
def test_a_replay_says_what_of(account, subscribe, body: dict, status: int, field: str | None):
    found = problem(subscribe(account).call("POST", "/replay", body))
    assert found[0] == status
    assert field in (None, found[1])


def test_every_key_signs_for_a_day_after_it_was_replaced(account: Restaurant, subscribe):
    """However often it is replaced; at the sixth time in a day, that would be too many."""
    one = subscribe(account)
    keys = [one.secret]
    for count in range(1, 6):
        answer = one.call("POST", "/rotate_secret", {})
        assert answer.status == 200, answer
        keys.insert(0, answer.json()["signing_secret"])
        one.fake.expect(one.path, one.token, keys)
        happens(account)
        call = one.hears(count)[-1]
        assert call.signatures == [call.signature_by(key) for key in keys]
        for key in keys:
            call.verified_by(key)
    assert problem(one.call("POST", "/rotate_secret", {}))[0] == 409
    with pytest.raises(WebhookVerificationError):
        call.verified_by(subscribe(account).secret)
