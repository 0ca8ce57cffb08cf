"""Phase one of the driver sync: the schedule finds all accounts and queues each login's turn.

What is queued is read from the log of AWS requests, since nobody can look at a message before its
turn. A turn that has come is the same message, sent without its delay.
"""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from commands import asked
from couriers import COURIERS, ORGANIZATIONS, drivers, employs, ended
from local.settings import ROOT
from local.stack import NAME, Stack
from queues import Queues
from restaurant import Restaurant

# As the stack of the tests is deployed; a queue keeps no message back for longer than 15 minutes.
INTERVAL = timedelta(minutes=1440)
LONGEST_DELAY = 900


class Phase:
    """Runs of the schedule whose messages nobody receives."""

    def __init__(self, stack: Stack, requests_of, queues: Queues) -> None:
        self.functions, self.requests_of, self.queues = stack.client("lambda"), requests_of, queues
        self.event = json.loads((ROOT / "events" / "driver-sync.json").read_text())

    def run(self, at: datetime) -> list[tuple[dict, int]]:
        """What a run of that time queued: each message with its delay in seconds."""
        event = json.dumps(self.event | {"time": at.strftime("%Y-%m-%dT%H:%M:%SZ")})
        with self.queues.held("driver-sync"):
            with self.requests_of() as log:
                answer = self.functions.invoke(FunctionName=f"{NAME}-driver-sync", Payload=event)
            told = json.load(answer["Payload"])
            assert self.queues.waiting("driver-sync") == told["messages"]
            self.queues.purge("driver-sync")
        queued = [
            (json.loads(entry["MessageBody"]), int(entry["DelaySeconds"]))
            for batch in log.parameters("SendMessageBatch")
            if batch["QueueUrl"] == self.queues.url("driver-sync")
            for entry in batch["Entries"]
        ]
        accounts = sum(len(message["accounts"]) for message, _ in queued)
        assert told == {"accounts": accounts, "messages": len(queued)}
        return queued

    def of(self, at: datetime, *restaurants: Restaurant) -> list[tuple[dict, int]]:
        """Those of them that are about these restaurants."""
        ours = {restaurant.account_id for restaurant in restaurants}
        return [(told, delay) for told, delay in self.run(at) if ours & set(told["accounts"])]

    def turn(self, *messages: dict) -> None:
        """The turn of these messages has come."""
        for message in messages:
            self.queues.send("driver-sync", json.dumps(message))


@pytest.fixture
def phase(stack: Stack, requests_of, queues: Queues) -> Phase:
    queues.purge("driver-sync")
    return Phase(stack, requests_of, queues)


def now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)


def test_the_schedule_is_as_the_template_says(stack: Stack):
    scheduler = stack.client("scheduler")
    schedule = scheduler.get_schedule(Name=f"{NAME}-driver-sync")
    assert (schedule["State"], schedule["ScheduleExpression"]) == ("ENABLED", "rate(1440 minutes)")
    target = schedule["Target"]
    function = stack.client("lambda").get_function(FunctionName=f"{NAME}-driver-sync")
    assert target["Arn"] == function["Configuration"]["FunctionArn"]
    retries = {"MaximumRetryAttempts": 2, "MaximumEventAgeInSeconds": 300}
    assert target["RetryPolicy"] == retries
    role = target["RoleArn"].split("/")[-1]
    iam = stack.client("iam")
    [statement] = iam.get_role_policy(RoleName=role, PolicyName="driver-sync-schedule")[
        "PolicyDocument"
    ]["Statement"]
    assert (statement["Action"], statement["Resource"]) == ("lambda:InvokeFunction", target["Arn"])


def test_accounts_of_one_login_are_one_message_and_only_those_that_are_due(phase, new_account):
    first, other = new_account(), new_account()
    second = new_account(login_of=first)
    disabled = new_account(login_of=first, enabled=False)
    without_syrve = new_account(syrve=None)
    at = now()
    queued = phase.of(at, first, second, other, disabled, without_syrve)
    accounts = sorted(message["accounts"] for message, _ in queued)
    together = sorted([first.account_id, second.account_id])
    assert accounts == sorted([together, [other.account_id]])
    for message, delay in queued:
        assert datetime.fromisoformat(message["run_at"]) == at
        assert 0 <= delay < LONGEST_DELAY
        good_until = datetime.fromisoformat(message["good_until"])
        assert good_until == at + INTERVAL + timedelta(seconds=delay), "its successor's turn"


def test_logins_are_spread_over_the_interval_and_have_the_same_turn_in_every_run(
    phase, new_account: Callable[..., Restaurant]
):
    restaurants = [new_account() for _ in range(30)]
    runs = [phase.of(now() + n * INTERVAL, *restaurants) for n in range(2)]
    turns = [{told["accounts"][0]: delay for told, delay in run} for run in runs]
    assert len(turns[0]) == 30
    assert turns[0] == turns[1]
    thirds = [sum(n <= delay < n + 300 for delay in turns[0].values()) for n in (0, 300, 600)]
    assert min(thirds) >= 1, thirds


def test_no_more_than_fifty_accounts_are_in_a_message_and_one_call_fetches_them(
    phase, new_account: Callable[..., Restaurant], own_syrve
):
    first = new_account(own_syrve)
    restaurants = [first, *(new_account(login_of=first) for _ in range(50))]
    for restaurant in restaurants:
        employs(restaurant, 2)
    since = datetime.now(UTC)
    queued = phase.of(now(), *restaurants)
    (full, delay), (rest, later) = sorted(queued, key=lambda one: -len(one[0]["accounts"]))
    assert (len(full["accounts"]), len(rest["accounts"])) == (50, 1)
    assert (later - delay) % LONGEST_DELAY == 65, "not in one minute, where the rate is one call"
    phase.turn(full)
    together = [one for one in restaurants if one.account_id in full["accounts"]]
    for restaurant in together:
        account = ended(restaurant, "succeeded", since)
        assert account["driver_sync"]["created"] == 2
    assert len(asked(first, ORGANIZATIONS)) == 1
    [call] = asked(first, COURIERS)
    organizations = {restaurant.organization_id for restaurant in together}
    assert set(call["body"]["organizationIds"]) == organizations
    assert len(call["body"]["organizationIds"]) == 50
    assert len(drivers(together[-1])) == 2


def test_a_run_whose_successor_has_its_turn_is_not_done_too(
    phase, new_account: Callable[..., Restaurant], own_syrve, queues: Queues
):
    first, other = new_account(own_syrve), new_account(own_syrve)
    second = new_account(login_of=first)
    restaurants = [first, second, other]
    for restaurant in restaurants:
        employs(restaurant, 2)
    since = datetime.now(UTC)
    newest = now() - timedelta(seconds=LONGEST_DELAY)
    queued = [phase.of(at, *restaurants) for at in (newest - INTERVAL, newest)]
    assert [len(messages) for messages in queued] == [2, 2]
    with queues.held("driver-sync"):
        phase.turn(*(message for messages in queued for message, _ in messages))
    for restaurant in restaurants:
        account = ended(restaurant, "succeeded", since)
        assert account["driver_sync"]["created"] == 2
    queues.handled("driver-sync")
    assert len(asked(first, ORGANIZATIONS)) == 2, "one for each login"
    calls = sorted(sorted(entry["body"]["organizationIds"]) for entry in asked(first, COURIERS))
    together = sorted([first.organization_id, second.organization_id])
    assert calls == sorted([together, [other.organization_id]])


def test_a_schedule_that_fires_twice_is_one_run(phase, restaurant: Restaurant, queues: Queues):
    employs(restaurant, 2)
    since, at = datetime.now(UTC), now()
    first, second = phase.of(at, restaurant), phase.of(at, restaurant)
    assert first == second
    phase.turn(first[0][0])
    account = ended(restaurant, "succeeded", since)
    phase.turn(second[0][0])
    queues.handled("driver-sync")
    assert restaurant.get().json() == account
    assert len(asked(restaurant, COURIERS)) == 1
