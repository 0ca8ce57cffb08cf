"""No chain of invocations for one notification is longer than three, however often it is retried.

Lambda stops a chain of functions and queues after about sixteen, and a notification is tried
sixteen times. So the message waits in its queue for the next try, and is never sent anew.
"""

import json

import pytest

from chain import FIRST, Functions, Invocation, handed_on, invocations
from local.fakes import captain
from local.stack import Stack
from local.waiting import wait_until
from queues import Queues
from restaurant import Restaurant

LONGEST = 3
AT = "2026-06-28T16:30:00+00:00"


def received(queues: Queues, name: str, account: Restaurant) -> list[dict]:
    """The account's messages in a queue, as its function gets them, once there are some."""

    def look() -> list[dict]:
        return [r for r in queues.receive(name, 10) if account.account_id in r["body"]]

    return wait_until(look, 20, every=0.2)


def done(queues: Queues, name: str, records: list[dict]) -> None:
    """SQS deletes what a function has handled."""
    for record in records:
        queues.client.delete_message(
            QueueUrl=queues.url(name), ReceiptHandle=record["receiptHandle"]
        )


def from_captain(functions: Functions, account: Restaurant) -> tuple[Invocation, str]:
    order = account.has_order()
    token = {"auth-token": account.account.captain_token}
    event = order.assigned(AT)
    return functions.webhook("captain-webhook", account, token, event, FIRST), "fleet-event"


def from_syrve(functions: Functions, account: Restaurant) -> tuple[Invocation, str]:
    order = account.has_order()
    token = {"authorization": account.account.syrve_token}
    event = [order.syrve("order_cancelled", timestamp=1_782_669_000_000)]
    return functions.webhook("syrve-webhook", account, token, event, FIRST), "delivery-order"


@pytest.mark.parametrize("cause", [from_captain, from_syrve])
def test_a_notification_and_its_retries_end_a_chain_of_three(
    account: Restaurant, subscribe, stack: Stack, queues: Queues, cause
):
    one, functions = subscribe(account), Functions(stack)
    one.fault("status", status=500, body="text", times=None)
    queues.handled("delivery-order", "fleet-event", "syrve-command")
    with queues.held("delivery-order", "fleet-event", "notify"):
        receiver, name = cause(functions, account)
        if name == "fleet-event":
            # The order that it is about.
            order = received(queues, "delivery-order", account)
            functions.invoke("delivery-order", {"Records": order}, FIRST)
            done(queues, "delivery-order", order)
        assert (receiver.answer["statusCode"], receiver.traces) == (200, {FIRST})
        trace = handed_on(FIRST)
        messages = received(queues, name, account)
        event = functions.invoke(name, {"Records": messages}, trace)
        done(queues, name, messages)
        assert event.kept == []
        assert event.traces == {trace}
        assert "PutEvents" in event.starting
        trace = handed_on(trace)
        assert invocations(trace) == LONGEST
        waiting = received(queues, "notify", account)
        first = functions.invoke("notify", {"Records": waiting}, trace)
        assert_ends_the_chain(first, trace)
        assert sorted(first.kept) == sorted(record["messageId"] for record in waiting)
        [*_, failed] = one.received()
        # The same message, and so the same header, comes back.
        one.fake.faults.clear()
        again = received(queues, "notify", account)
        assert {r["messageId"] for r in again} <= {r["messageId"] for r in waiting}
        second = functions.invoke("notify", {"Records": again}, trace)
        assert_ends_the_chain(second, trace)
        assert second.kept == []
        done(queues, "notify", again)
        assert (failed.attempt, one.received()[-1].attempt) == (1, 2)


def assert_ends_the_chain(notify: Invocation, trace: str) -> None:
    """It went to the subscriber, it carries the header on, and nobody is started by it."""
    assert notify.requests
    assert notify.traces == {trace}
    assert notify.starting == []


def test_one_event_is_one_message_however_often_it_is_sent(
    account: Restaurant, subscribe, queues: Queues, requests_of
):
    """To two subscriptions, one of which takes it at the second try."""
    one, other = subscribe(account), subscribe(account)
    one.fault("status", status=500, body="text")
    with requests_of() as log:
        account.report(captain.analytics_report_ready())
        one.settled("delivered", timeout=25)
        queues.handled("notify")
    assert (len(one.received()), len(other.received())) == (2, 1)
    sent = [name for name in log.requests if name.startswith(("Send", "PutEvents"))]
    assert sorted(sent) == ["PutEvents", "SendMessageBatch"]
    assert "ChangeMessageVisibility" in log.requests


def test_what_notify_publishes_itself_does_not_come_back(stack: Stack):
    client, bus = stack.client("events"), stack.outputs["EventBusName"]
    own = {"agent.radar_locations.created", "subscription_disabled"}
    notify = stack.client("sqs").get_queue_attributes(
        QueueUrl=stack.outputs["NotifyQueueUrl"], AttributeNames=["QueueArn"]
    )["Attributes"]["QueueArn"]
    leading = []
    for rule in client.list_rules(EventBusName=bus)["Rules"]:
        targets = client.list_targets_by_rule(Rule=rule["Name"], EventBusName=bus)["Targets"]
        if notify in {target["Arn"] for target in targets}:
            leading.append(json.loads(rule["EventPattern"]))
    [pattern] = leading
    assert pattern["source"] == ["courier-bridge"]
    assert own.isdisjoint(pattern["detail-type"])
    assert len(pattern["detail-type"]) == 7
