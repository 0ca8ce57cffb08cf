"""Runs of the driver sync that meet: two copies of a message, and two runs of one account at once.

The queue is a standard one: it may deliver a message twice, and gives several to copies of the
function at the same time.
"""

import contextlib
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from commands import asked, fault
from couriers import (
    COUNTS,
    COURIERS,
    ORGANIZATIONS,
    drivers,
    employs,
    ended,
    fetched,
    forget_retry,
    message,
    new_courier,
    synced,
    versions,
)
from local.fakes.syrve_state import TERMINAL_GROUP_ID
from local.payloads import shift
from local.stack import NAME, Stack
from local.waiting import wait_until
from queues import Queues
from restaurant import Restaurant


def runs_of(stack: Stack, restaurant: Restaurant) -> list[dict]:
    """What each run of an account counted, by the log."""
    lines = [line["fields"] for line in stack.logs("driver-sync-account")]
    return [
        {name: line[name] for name in COUNTS}
        for line in lines
        if line.get("outcome") == "synced" and line["account"] == restaurant.account_id
    ]


def broken_off(stack: Stack, restaurant: Restaurant) -> bool:
    lines = [line["fields"] for line in stack.logs("driver-sync-account")]
    own = [line["outcome"] for line in lines if line.get("account") == restaurant.account_id]
    return own == ["sync_broken_off"]


def has_the_last_word(queues: Queues, told: str) -> None:
    """The message is delivered once more, when no run is at work any more.

    Messages that met a run at work wait for a minute and a half, for which the test does not.
    """

    def deliver() -> bool:
        queues.purge("driver-sync")
        queues.send("driver-sync", told)
        queues.handled("driver-sync", timeout=2)
        return True

    wait_until(deliver, 30)


@contextlib.contextmanager
def without_right(stack: Stack, function: str, action: str) -> Iterator[None]:
    """The function's role may not do this inside the block."""
    iam, name = stack.client("iam"), f"{NAME}-{function}"
    configuration = stack.client("lambda").get_function_configuration(FunctionName=name)
    role = configuration["Role"].split("/")[-1]
    denied = {"Effect": "Deny", "Action": action, "Resource": "*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [denied]})
    iam.put_role_policy(RoleName=role, PolicyName="denied", PolicyDocument=policy)
    try:
        yield
    finally:
        iam.delete_role_policy(RoleName=role, PolicyName="denied")


def test_a_run_that_is_cut_off_half_way_is_taken_up_again(
    restaurant: Restaurant, queues: Queues, table, stack: Stack
):
    """In the middle of it the table does not take any more writes."""
    people = employs(restaurant, 3_000)
    told, since = message([restaurant]), datetime.now(UTC)
    queues.send("driver-sync", told)
    wait_until(lambda: versions(restaurant, table), every=0.01)
    with without_right(stack, "driver-sync-account", "dynamodb:PutItem"):
        wait_until(lambda: broken_off(stack, restaurant))
    written = versions(restaurant, table)
    assert 0 < len(written) < 3_000
    sync = restaurant.get().json()["driver_sync"]
    assert (sync["state"], sync["succeeded_at"]) == ("running", None)
    # It comes back when its lease is over; here both are said to be so now.
    forget_retry(queues)
    key = {"pk": {"S": f"ACCOUNT#{restaurant.account_id}"}, "sk": {"S": "SYNC"}}
    table(
        "update_item",
        Key=key,
        UpdateExpression="SET #data.leased_until = :now",
        ExpressionAttributeNames={"#data": "data"},
        ExpressionAttributeValues={":now": {"S": since.isoformat()}},
    )
    queues.send("driver-sync", told)
    account = ended(restaurant, "succeeded", since)
    counts = {name: account["driver_sync"][name] for name in COUNTS}
    old, new = len(written), 3_000 - len(written)
    assert counts == dict.fromkeys(COUNTS, 0) | {"created": new, "unchanged": old}
    assert versions(restaurant, table) == dict.fromkeys(people, 1)
    queues.handled("driver-sync")


def test_a_message_that_is_delivered_again_and_again_is_one_run(
    restaurant: Restaurant, queues: Queues, table, stack: Stack
):
    people = employs(restaurant, 40)
    told, since = message([restaurant]), datetime.now(UTC)
    with queues.held("driver-sync"):
        for _ in range(4):
            queues.send("driver-sync", told)
    account = ended(restaurant, "succeeded", since - timedelta(seconds=1))
    assert account["driver_sync"]["created"] == 40
    has_the_last_word(queues, told)
    assert restaurant.get().json() == account
    assert fetched(restaurant) == [[restaurant.organization_id]]
    assert versions(restaurant, table) == dict.fromkeys(people, 1)
    assert runs_of(stack, restaurant) == [dict.fromkeys(COUNTS, 0) | {"created": 40}]


def test_a_newer_run_waits_for_the_older_one_that_is_at_work(
    restaurant: Restaurant, queues: Queues, table, stack: Stack
):
    people = employs(restaurant, 40)
    now = datetime.now(UTC)
    fault(restaurant, "slow", COURIERS, seconds=1.5)
    queues.send("driver-sync", message([restaurant], now - timedelta(seconds=5)))
    wait_until(lambda: asked(restaurant, COURIERS))
    newer = message([restaurant], now)
    queues.send("driver-sync", newer)
    ended(restaurant, "succeeded", now - timedelta(seconds=1))
    assert len(asked(restaurant, ORGANIZATIONS)) == 1
    # It comes back when the older one's lease is over, for which the test does not wait.
    forget_retry(queues)
    queues.send("driver-sync", newer)
    queues.handled("driver-sync")
    account = restaurant.get().json()
    assert account["driver_sync"]["unchanged"] == 40
    assert len(asked(restaurant, COURIERS)) == 2
    assert versions(restaurant, table) == dict.fromkeys(people, 1)


def test_an_older_run_gives_way_to_a_newer_one(restaurant: Restaurant, queues: Queues, table):
    people = employs(restaurant, 40)
    now = datetime.now(UTC)
    older = message([restaurant], now - timedelta(seconds=5))
    fault(restaurant, "slow", COURIERS, seconds=1.5)
    queues.send("driver-sync", message([restaurant], now))
    wait_until(lambda: asked(restaurant, COURIERS))
    queues.send("driver-sync", older)
    account = ended(restaurant, "succeeded", now - timedelta(seconds=1))
    queues.send("driver-sync", older)
    queues.handled("driver-sync")
    assert restaurant.get().json() == account
    assert len(asked(restaurant, COURIERS)) == 1
    assert versions(restaurant, table) == dict.fromkeys(people, 1)


def test_many_runs_at_once_end_in_the_right_state(
    restaurant: Restaurant, queues: Queues, table, stack: Stack
):
    people = employs(restaurant, 60)
    now = datetime.now(UTC)
    told = [message([restaurant], now - timedelta(seconds=number)) for number in range(6)]
    with queues.held("driver-sync"):
        for one in (*told, *told):
            queues.send("driver-sync", one)
    ended(restaurant, "succeeded", now - timedelta(seconds=1))

    has_the_last_word(queues, told[0])
    assert versions(restaurant, table) == dict.fromkeys(people, 1)
    # A run is in the log once its invocation has ended.
    wait_until(lambda: len(runs_of(stack, restaurant)) == len(asked(restaurant, COURIERS)))
    counted = runs_of(stack, restaurant)
    assert sum(run["created"] for run in counted) == 60
    assert [sum(run.values()) for run in counted] == [60] * len(counted)
    assert sorted(drivers(restaurant)) == sorted(people)
    assert restaurant.get().json()["sync_error"] is None
    assert len(asked(restaurant, COURIERS)) == len(counted)


def test_shifts_that_open_and_close_during_a_run_are_kept(restaurant: Restaurant, queues: Queues):
    people = employs(restaurant, 30)
    fault(restaurant, "slow", COURIERS, seconds=0.5)
    now = datetime.now(UTC)
    queues.send("driver-sync", message([restaurant], now))
    wait_until(lambda: asked(restaurant, COURIERS))
    at, own = "2026-06-28 12:00:01.000", restaurant.organization_id
    restaurant.announce(*(shift(own, one, True, at, TERMINAL_GROUP_ID) for one in people))
    ended(restaurant, "succeeded", now - timedelta(seconds=1))
    queues.handled("personal-shift", "driver-sync")
    listed = drivers(restaurant)
    assert {(driver["name"] is None, driver["clocked_in"]) for driver in listed.values()} == {
        (False, True)
    }
    assert len(listed) == 30


def test_two_accounts_of_one_organization_are_both_done(new_account, own_syrve, queues: Queues):
    """Odd, and allowed: the list is fetched once and compared with each account's drivers."""
    first = new_account(own_syrve)
    second = new_account(login_of=first)
    body = second.account.body(own_syrve.url)
    body["syrve"]["organization_id"] = first.organization_id
    assert second.api.put(f"/accounts/{second.account_id}", body).status == 200
    employs(first, [new_courier(first, 1)])
    now = datetime.now(UTC)
    queues.send("driver-sync", message([first, second]))
    for account in (first, second):
        ended(account, "succeeded", now - timedelta(seconds=1))
        assert len(drivers(account)) == 1
    assert fetched(first) == [[first.organization_id]]


def test_a_message_of_accounts_that_are_not_due_any_more_is_done_with(new_account, queues: Queues):
    account = new_account()
    gone = new_account()
    body = account.account.body(account.pos.url) | {"enabled": False}
    assert account.api.put(f"/accounts/{account.account_id}", body).status == 200
    assert gone.api.delete(f"/accounts/{gone.account_id}").status == 204
    queues.send("driver-sync", message([account, gone]))
    queues.handled("driver-sync")
    assert account.get().json()["driver_sync"] is None
    assert queues.dead_letters("driver-sync", account.account_id) == []


def test_a_message_whose_successor_has_its_turn_is_dropped(restaurant: Restaurant, queues: Queues):
    queues.send("driver-sync", message([restaurant], datetime.now(UTC) - timedelta(minutes=11)))
    queues.handled("driver-sync")
    assert restaurant.get().json()["driver_sync"] is None
    assert restaurant.pos.requests == []
    synced(restaurant, created=3)


def test_a_message_that_cannot_be_read_is_a_dead_letter(account: Restaurant, queues: Queues):
    told = f'{{"accounts": ["{account.account_id}"], "run_at": "yesterday"}}'
    queues.send("driver-sync", told)
    queues.handled("driver-sync")
    [(letter, reason)] = queues.dead_letters("driver-sync", account.account_id)
    assert letter["accounts"] == [account.account_id]
    assert reason.startswith("the message is no sync (line 1")
    assert "yesterday" not in reason
