"""No chain of invocations for one notification is longer than three, however often it is retried.

Lambda stops a chain of functions and queues after about sixteen, and a notification is tried
sixteen times. So the message waits in its queue for the next try, and is never sent anew.
"""

import json

import pytest

from chain import FIRST, Functions, Invocation, handed_on, invocations
from local.fakes import captain
from local.payloads import Order
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


def from_captain(account: Restaurant, order: Order) -> tuple[str, dict, object, str]:
    token = {"auth-token": account.account.captain_token}
    return "captain-webhook", token, order.assigned(AT), "fleet-event"


def from_syrve(account: Restaurant, order: Order) -> tuple[str, dict, object, str]:
    token = {"authorization": account.account.syrve_token}
    event = order.syrve("order_cancelled", timestamp=1_782_669_000_000)
    return "syrve-webhook", token, [event], "delivery-order"


@pytest.mark.parametrize("cause", [from_captain, from_syrve])
def test_a_notification_and_its_retries_end_a_chain_of_three(
    account: Restaurant, subscribe, stack: Stack, queues: Queues, cause
):
    one, functions, order = subscribe(account), Functions(stack), account.has_order()
    one.fault("status", status=500, body="text", times=None)
    webhook, token, body, name = cause(account, order)
    with queues.held(name, "notify"):
        receiver = functions.webhook(webhook, account, token, body, FIRST)
        assert (receiver.answer["statusCode"], receiver.traces) == (200, {FIRST})
        trace = handed_on(FIRST)
        messages = received(queues, name, account)
        event = functions.invoke(name, {"Records": messages}, trace)
        done(queues, name, messages)
        assert (event.kept, event.traces) == ([], {trace})
        assert "PutEvents" in event.starting
        trace = handed_on(trace)
        assert invocations(trace) == LONGEST
        waiting = received(queues, "notify", account)
        first = functions.invoke("notify", {"Records": waiting}, trace)
        assert_ends_the_chain(first, trace)
        left = {record["messageId"] for record in waiting}
        assert left == set(first.kept) and one.received()
        one.fake.faults.clear()
        # The same messages come back by themselves, and so with the same header.
        while left:
            again = received(queues, "notify", account)
            assert {record["messageId"] for record in again} <= left
            next_one = functions.invoke("notify", {"Records": again}, trace)
            assert_ends_the_chain(next_one, trace)
            taken = [record for record in again if record["messageId"] not in next_one.kept]
            done(queues, "notify", taken)
            left -= {record["messageId"] for record in taken}
    assert 2 in {call.attempt for call in one.received()}
    assert set(one.states().values()) == {"delivered"}


def assert_ends_the_chain(notify: Invocation, trace: str) -> None:
    """It went to the subscriber, it carries the header on, and nobody is started by it."""
    assert notify.requests
    assert notify.traces == {trace}
    assert notify.starting == []


def test_one_event_is_one_message_however_often_it_is_sent(
    account: Restaurant, subscribe, requests_of
):
    """To two subscriptions, one of which takes it at the second try."""
    one, other = subscribe(account), subscribe(account)
    one.fault("status", status=500, body="text")
    with requests_of("notify") as log:
        account.report(captain.analytics_report_ready())
        # Nobody asks the API meanwhile, whose requests would be in the log too.
        one.hears(2, timeout=25)
    assert (len(one.received()), len(other.received())) == (2, 1)
    told = log.about(account.account_id)
    sent = [name for name in told if name.startswith(("Send", "PutEvents"))]
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
