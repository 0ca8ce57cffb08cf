"""Driver syncs that cannot be done: nothing is touched, the account says why, and the next one
that can be done clears it.
"""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from commands import asked, fault
from couriers import (
    COURIERS,
    ORGANIZATIONS,
    asks_for_sync,
    drivers,
    employs,
    ended,
    fetched,
    forget_retry,
    message,
    not_synced,
    shown,
    synced,
    versions,
)
from local.fakes.syrve import FakeSyrve
from local.payloads import ACCESS_TOKEN
from local.stack import Stack
from local.waiting import wait_until
from queues import Queues
from restaurant import Restaurant


@pytest.fixture
def known(restaurant: Restaurant) -> Restaurant:
    """A restaurant whose drivers were synchronised, and whose list has changed since."""
    people = employs(restaurant, 3)
    synced(restaurant, created=3)
    restaurant.pos.state.change_courier(restaurant.organization_id, people[0], isDeleted=True)
    restaurant.pos.requests.clear()
    return restaurant


def is_untouched(restaurant: Restaurant, table: Callable[..., dict]) -> None:
    assert set(shown(restaurant, "active").values()) == {(True,)}
    assert set(versions(restaurant, table).values()) == {1}


def is_done_next_time(restaurant: Restaurant) -> None:
    synced(restaurant, deactivated=1, unchanged=2)
    assert restaurant.get().json()["syrve"]["login_error"] is None


def put(restaurant: Restaurant, **syrve: object) -> None:
    """Write the account as it is, or with other fields of its `syrve`."""
    body = restaurant.account.body(restaurant.pos.url)
    body["syrve"] |= syrve
    answer = restaurant.api.put(f"/accounts/{restaurant.account_id}", body)
    assert answer.status == 200, answer


@pytest.mark.parametrize("path", [ORGANIZATIONS, COURIERS])
@pytest.mark.parametrize(
    ("kind", "more", "words"),
    [
        ("status", {"status": 500, "text": "Out of order"}, "failed with status 500: Out of order"),
        ("status", {"status": 503}, "is unavailable (status 503)"),
        ("status", {"status": 408}, "got no answer from the restaurant's terminal in time"),
        ("cut_body", {}, "did not answer"),
        ("hang_then_close", {}, "did not answer"),
        ("malformed", {}, "gave an answer that cannot be read"),
    ],
)
def test_a_broken_answer_touches_nothing_and_is_asked_for_again(
    known: Restaurant, table, queues: Queues, path: str, kind: str, more: dict, words: str
):
    fault(known, kind, path, **more)
    error = not_synced(known)
    assert error.startswith(f"Syrve {words}")
    assert len(asked(known, path)) == 1
    is_untouched(known, table)
    forget_retry(queues)
    is_done_next_time(known)


@pytest.mark.parametrize("path", [ORGANIZATIONS, COURIERS])
def test_a_refused_call_is_not_repeated(known: Restaurant, table, queues: Queues, path: str):
    fault(known, "status", path, status=400, error="BAD", text="Parameter organizationIds")
    assert "refused the call with status 400: BAD: Parameter organizationIds" in not_synced(known)
    queues.handled("driver-sync")
    assert len(asked(known, path)) == 1
    is_untouched(known, table)
    is_done_next_time(known)


def test_a_rate_limit_in_the_middle_of_a_run_is_waited_out(
    known: Restaurant, table, requests_of, queues: Queues
):
    """The one test that waits until the message comes back."""
    fault(known, "status", COURIERS, status=429, retry_after=33, text="Too many requests")
    with requests_of() as log:
        since = asks_for_sync(known)
        account = ended(known, "failed", since)
        assert account["sync_error"] == "Syrve is called too often: Too many requests"
        is_untouched(known, table)
        account = ended(known, "succeeded", since, timeout=60)
    asked_for = log.parameters("ChangeMessageVisibility")
    own = queues.url("driver-sync")
    [back] = [change for change in asked_for if change["QueueUrl"] == own]
    assert 33 <= back["VisibilityTimeout"] <= 35
    assert account["sync_error"] is None
    assert account["driver_sync"]["deactivated"] == 1
    first, second = asked(known, COURIERS)
    assert (first["status"], second["status"]) == (429, 200)
    assert second["at"] - first["at"] >= 33


def test_a_run_that_the_rate_holds_back_has_not_failed(
    new_account, own_syrve, queues: Queues, stack: Stack
):
    """One call a minute with this login: the second run asks later."""
    account = new_account(own_syrve, rates={"drivers": 1})
    synced(account, created=3)
    since = asks_for_sync(account)
    running = ended(account, "running", since)

    def put_off() -> list[dict]:
        lines = [line["fields"] for line in stack.logs("driver-sync-account", since.timestamp())]
        own = [line for line in lines if line.get("account") == account.account_id]
        return [line for line in own if line["outcome"] == "sync_put_off"]

    [line] = wait_until(put_off)
    assert 50 <= line["seconds"] <= 61
    assert running == account.get().json(), "nothing has gone wrong"
    assert (running["sync_error"], running["driver_sync"]["finished_at"]) == (None, None)
    forget_retry(queues)
    assert fetched(account) == [[account.organization_id]]
    assert {driver["synced_at"] is None for driver in drivers(account).values()} == {False}


def test_an_organization_that_the_login_does_not_see_is_left_out(
    new_account, own_syrve: FakeSyrve, queues: Queues
):
    first = new_account(own_syrve)
    hidden, other = new_account(login_of=first), new_account(login_of=first)
    login = own_syrve.state.api_logins[first.account.api_login]
    login.organizations.remove(hidden.organization_id)
    since = datetime.now(UTC)
    queues.send("driver-sync", message([first, hidden, other]))
    for account in (first, other):
        assert ended(account, "succeeded", since)["driver_sync"]["created"] == 3
    words = ended(hidden, "failed", since)["sync_error"]
    assert words == "the organization is not among those that the API login may see"
    assert drivers(hidden) == {}
    [organizations] = fetched(first)
    assert sorted(organizations) == sorted([first.organization_id, other.organization_id])
    queues.handled("driver-sync")
    login.organizations.add(hidden.organization_id)
    synced(hidden, created=3)


def test_a_right_that_is_missing_is_said_and_no_new_token_asked_for(
    new_account, own_syrve: FakeSyrve, queues: Queues
):
    account = new_account(own_syrve)
    login = own_syrve.state.api_logins[account.account.api_login]
    login.rights_missing.add(COURIERS)
    error = not_synced(account)
    right = COURIERS.removeprefix("/")
    assert f"Right {right} is not allowed for this ApiLogin." in error
    queues.handled("driver-sync")
    assert len(asked(account, COURIERS)) == 1
    assert len(asked(account, ACCESS_TOKEN)) == 1
    assert account.get().json()["syrve"]["login_error"] is None, "it is of use for other calls"
    assert drivers(account) == {}
    login.rights_missing.clear()
    synced(account, created=3)
    assert len(asked(account, ACCESS_TOKEN)) == 1


def test_an_expired_token_is_renewed_once(known: Restaurant):
    known.pos.state.tokens.clear()
    is_done_next_time(known)
    assert len(asked(known, ACCESS_TOKEN)) == 1
    assert [entry["status"] for entry in asked(known, ORGANIZATIONS)] == [401, 200]


@pytest.mark.parametrize(
    ("change", "words"),
    [("blocked", "Apilogin has been blocked."), ("inactive", "ApiLogin is inactive")],
)
def test_a_blocked_login_is_not_used_until_its_account_is_written(
    known: Restaurant, new_account, table, queues: Queues, change: str, words: str
):
    other = new_account(login_of=known)
    login = known.pos.state.api_logins[known.account.api_login]
    setattr(login, change, True)
    assert not_synced(known) == f"Syrve blocked the login: {words}"
    asked_so_far = len(known.pos.requests)
    for account in (known, other):
        shown = account.get().json()["syrve"]["login_error"]
        assert shown["message"] == words
        since, until = (datetime.fromisoformat(shown[f]) for f in ("since", "tried_again_at"))
        assert until - since == timedelta(minutes=10)
        error = not_synced(account)
        assert error == f"Syrve is not called now: it refused the login: {words}"
    setattr(login, change, False)
    assert "is not called now" in not_synced(known)
    queues.handled("driver-sync")
    assert len(known.pos.requests) == asked_so_far, "not one call since"
    is_untouched(known, table)
    put(known)
    assert known.get().json()["syrve"]["login_error"] is None
    is_done_next_time(known)
    synced(other, created=3)


def test_a_login_that_syrve_does_not_know_is_tried_once_and_then_mended(
    new_account, own_syrve: FakeSyrve, queues: Queues
):
    account = new_account(own_syrve)
    own_syrve.state.api_logins.clear()
    words = "Login is not authorized"
    assert not_synced(account) == f"Syrve refused the login with status 401: {words}"
    assert account.get().json()["syrve"]["login_error"]["message"] == words
    for _ in range(2):
        assert f"it refused the login: {words}" in not_synced(account)
    queues.handled("driver-sync")
    assert [entry["path"] for entry in own_syrve.requests] == [ACCESS_TOKEN]
    assert drivers(account) == {}
    own_syrve.state.add_login("login-that-is-right-now", [account.organization_id])
    put(account, api_login="login-that-is-right-now")
    assert account.get().json()["syrve"]["login_error"] is None
    # What a process read of an account's secrets counts for three seconds, even if it is doubted.
    time.sleep(3)
    synced(account, created=3)


def test_a_sync_error_is_shown_with_its_own_account_only(known: Restaurant, new_account):
    healthy = new_account(login_of=known)
    fault(known, "status", COURIERS, status=400)
    assert not_synced(known)
    synced(healthy, created=3)
    assert known.get().json()["sync_error"] is not None
    is_done_next_time(known)
