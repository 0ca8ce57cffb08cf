"""The end of all tries: a dead letter that says whom it did not reach, and one way back.

The 29 hours before it are tested with a clock of their own; here a notification is told that it
has them behind it.
"""

import json
from collections.abc import Callable

from integrator import Integrator
from local.fakes import captain
from local.waiting import wait_until
from queues import Queues
from restaurant import Restaurant


def exhausted(table: Callable[..., dict], one: Integrator, event_uuid: str) -> None:
    """Only the last of its sixteen tries is left to this notification."""
    own = f"ACCOUNT#{one.restaurant.account_id}#SUBSCRIPTION#{one.subscription['id']}"
    table(
        "update_item",
        Key={"pk": {"S": own}, "sk": {"S": f"EVENT#{event_uuid}"}},
        UpdateExpression="SET #data.attempts = :fifteen",
        ConditionExpression="attribute_exists(pk)",
        ExpressionAttributeNames={"#data": "data"},
        ExpressionAttributeValues={":fifteen": {"N": "15"}},
    )


def test_what_was_given_up_is_a_dead_letter_and_can_be_put_back(
    account: Restaurant, subscribe, queues: Queues, table
):
    dead, alive = subscribe(account), subscribe(account)
    dead.fault("status", status=500, body="text", times=2)
    account.report(captain.analytics_report_ready())
    dead.settled("waiting")
    [first] = dead.received()
    exhausted(table, dead, first.event_uuid)
    [failed] = dead.settled("failed", timeout=20)
    assert failed["attempts"] == 16
    assert "500" in failed["last_error"]
    letters = []
    wait_until(lambda: letters.extend(queues.dead_letters("notify", account.account_id)) or letters)
    [(letter, reason)] = letters
    assert letter["detail"]["event_uuid"] == first.event_uuid
    assert dead.subscription["id"] in reason and "500" in reason
    assert alive.subscription["id"] not in reason and dead.url not in reason
    assert dead.shown()["state"] == "enabled"
    queues.send("notify", json.dumps(letter))
    dead.settled("delivered")
    [_, _, last] = dead.hears(3)
    assert (last.webhook_id, last.attempt, last.lasting) == (first.webhook_id, 17, first.lasting)
    last.verified_by(dead.secret)
    queues.handled("notify")
    assert len(alive.received()) == 1
    assert queues.dead_letters("notify", account.account_id) == []


def test_a_message_that_is_no_event_is_a_dead_letter_at_once(account, queues: Queues):
    queues.send("notify", json.dumps({"replay": {"account_id": account.account_id}}))
    found = []
    wait_until(lambda: found.extend(queues.dead_letters("notify", account.account_id)) or found)
    assert found[0][1]
