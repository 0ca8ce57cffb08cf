"""The drivers of a restaurant, compared with Syrve's list: what each change of the list does."""

from datetime import datetime

import pytest

from commands import asked
from couriers import (
    driver_commands,
    drivers,
    employs,
    heard,
    hears_back,
    new_courier,
    not_synced,
    shown,
    synced,
    versions,
)
from local.fakes.syrve_people import courier, default_couriers
from local.fakes.syrve_state import TERMINAL_GROUP_ID
from local.payloads import shift
from local.waiting import wait_until
from problems import problem
from queues import Queues
from restaurant import Restaurant

BAR = TERMINAL_GROUP_ID[:-1] + "2"
AT = "2026-06-28 12:{:02}:01.000"
CLOCK_OUT = "/api/1/employees/shift/clockout"


def clocks(restaurant: Restaurant, employee: str, opened: bool, minute: int, group: str) -> None:
    """A shift in Syrve, of which Syrve tells."""
    told = {"employeeId": employee, "terminalGroupId": group}
    own = told | {"organizationId": restaurant.organization_id}
    restaurant.pos.state.record_shift(own, opened)
    at = AT.format(minute)
    restaurant.announce(shift(restaurant.organization_id, employee, opened, at, group))
    restaurant.driver_where(employee, clocked_in=opened)


def test_a_restaurants_couriers_are_all_shown(account: Restaurant):
    """The fake's usual list: two couriers, one who left, and a system account."""
    before = account.get().json()
    assert (before["driver_sync"], before["sync_error"]) == (None, None)
    after = synced(account, created=3)
    sync = after["driver_sync"]
    assert sync["succeeded_at"] == sync["finished_at"]
    began, end = (datetime.fromisoformat(sync[name]) for name in ("started_at", "finished_at"))
    assert 0 <= sync["duration_ms"] <= (end - began).total_seconds() * 1000 + 1
    everybody = [
        person for person in default_couriers() if person["displayName"] != "iikoTransport"
    ]
    assert shown(account, "name", "active", "clocked_in", "synced_at") == {
        person["id"]: (person["displayName"], not person["isDeleted"], False, sync["succeeded_at"])
        for person in everybody
    }
    [first, *_] = everybody
    driver = account.driver(first["id"])
    assert (driver["name"], driver["active"]) == (first["displayName"], True)
    assert (driver["terminal_group_id"], driver["commands"]) == (None, [])


def test_system_accounts_are_left_out_by_any_name(account: Restaurant):
    names = ["iikoTransport", "IIKOTRANSPORT (API)", "Central Delivery 2", "API - do NOT delete!"]
    system = [
        courier(new_courier(account, number)["id"], "Courier", None, "9", displayName=name)
        for number, name in enumerate(names, 50)
    ]
    people = [new_courier(account, 1), new_courier(account, 2, displayName="Deleto Central")]
    employs(account, [*system, *people])
    synced(account, created=2)
    assert shown(account, "name") == {
        people[0]["id"]: ("Courier Number1",),
        people[1]["id"]: ("Deleto Central",),
    }
    # An employee who is one of them and has a shift all the same is not made a courier either.
    clocks(account, system[0]["id"], True, 0, TERMINAL_GROUP_ID)
    synced(account, unchanged=2)
    driver = account.driver(system[0]["id"])
    assert (driver["name"], driver["clocked_in"], driver["synced_at"]) == (None, True, None)


def test_a_waiter_who_has_shifts_is_no_courier_and_left_alone(account: Restaurant, table):
    waiter = new_courier(account, 70)["id"]
    employs(account, 2)
    told = shift(account.organization_id, waiter, True, AT.format(0), TERMINAL_GROUP_ID)
    account.announce(told)
    account.driver_where(waiter, clocked_in=True)
    synced(account, created=2)
    synced(account, unchanged=2)
    driver = account.driver(waiter)
    assert (driver["name"], driver["active"], driver["clocked_in"]) == (None, True, True)
    assert driver["synced_at"] is None
    assert versions(account, table)[waiter] == 1


def test_who_was_known_by_a_shift_becomes_a_courier_and_stays_clocked_in(account: Restaurant):
    [known, _] = employs(account, 2)
    clocks(account, known, True, 0, TERMINAL_GROUP_ID)
    synced(account, created=2)
    driver = account.driver(known)
    assert (driver["name"], driver["clocked_in"]) == ("Courier Number1", True)
    assert driver["terminal_group_id"] == TERMINAL_GROUP_ID


def test_an_unchanged_list_writes_nothing(account: Restaurant, table, requests_of):
    employs(account, 5)
    first = synced(account, created=5)
    written = versions(account, table)
    assert set(written.values()) == {1}
    with requests_of("driver-sync") as log:
        second = synced(account, unchanged=5)
    assert versions(account, table) == written
    assert first["driver_sync"]["succeeded_at"] < second["driver_sync"]["succeeded_at"]
    assert "TransactWriteItems" not in log.requests
    puts = [request["Item"]["sk"]["S"] for request in log.parameters("PutItem")]
    gates = [request["Key"]["sk"]["S"] for request in log.parameters("UpdateItem")]
    asked_for = f"REQUEST#{account.account_id}"
    assert (puts, gates) == ([asked_for, "SYNC", "SYNC"], ["GATE", "GATE"]), log.requests
    assert "PutEvents" not in log.requests
    synced_at = {driver["synced_at"] for driver in drivers(account).values()}
    assert synced_at == {second["driver_sync"]["succeeded_at"]}


def test_a_renamed_driver_has_the_new_name_and_nobody_else_is_written(account: Restaurant, table):
    renamed, *others = employs(account, 4)
    synced(account, created=4)
    account.pos.state.change_courier(account.organization_id, renamed, displayName="Anna Novak")
    synced(account, updated=1, unchanged=3)
    assert account.driver(renamed)["name"] == "Anna Novak"
    assert versions(account, table) == {renamed: 2} | dict.fromkeys(others, 1)
    account.pos.state.change_courier(
        account.organization_id, renamed, displayName=" ", firstName="Ann", lastName=None
    )
    synced(account, updated=1, unchanged=3)
    assert account.driver(renamed)["name"] == "Ann"


def test_a_deleted_driver_is_inactive_and_returns(account: Restaurant, bus):
    gone, _ = employs(account, 2)
    synced(account, created=2)
    account.pos.state.change_courier(account.organization_id, gone, isDeleted=True)
    synced(account, deactivated=1, unchanged=1)
    assert account.driver(gone)["active"] is False
    [asked_for] = driver_commands(account, gone, ["clockout superseded"])
    assert asked_for["last_error"] == "no shift is open"
    synced(account, unchanged=2)
    account.pos.state.change_courier(account.organization_id, gone, isDeleted=False)
    synced(account, updated=1, unchanged=1)
    assert account.driver(gone)["active"] is True
    own = account.organization_id
    assert [e for e in asked(account, CLOCK_OUT) if e["body"]["organizationId"] == own] == []
    assert bus.of_driver(account, gone) == ["driver_deactivated", "driver_activated"]


def test_a_driver_deleted_at_work_is_clocked_out_here_and_in_syrve(
    restaurant: Restaurant, queues: Queues, bus
):
    gone, stays = employs(restaurant, 2)
    synced(restaurant, created=2)
    pos, own = restaurant.pos.state, restaurant.organization_id
    hears_back(restaurant)
    for group in (TERMINAL_GROUP_ID, BAR):
        clocks(restaurant, gone, True, 0, group)
    clocks(restaurant, stays, True, 0, BAR)
    pos.change_courier(own, gone, isDeleted=True)
    synced(restaurant, deactivated=1, unchanged=1)
    restaurant.driver_where(gone, active=False, clocked_in=False)
    driver_commands(restaurant, gone, ["clockout confirmed", "clockout confirmed"])
    closed = [entry["body"] for entry in asked(restaurant, CLOCK_OUT)]
    assert sorted(closed, key=lambda body: body["terminalGroupId"]) == [
        {"organizationId": own, "terminalGroupId": group, "employeeId": gone}
        for group in (TERMINAL_GROUP_ID, BAR)
    ]
    assert [pos.shifts[own, gone, group]["opened"] for group in (TERMINAL_GROUP_ID, BAR)] == [
        False,
        False,
    ]
    assert pos.shifts[own, stays, BAR]["opened"] is True
    wait_until(lambda: [sent["status"] for sent in heard(restaurant)] == [200, 200])
    queues.handled("personal-shift", "syrve-command")
    synced(restaurant, unchanged=2)
    assert len(asked(restaurant, CLOCK_OUT)) == 2
    restaurant.driver_where(stays, clocked_in=True)
    told = sorted(bus.of_driver(restaurant, gone))
    assert told == ["driver_clocked_in", "driver_clocked_out", "driver_deactivated"]


def test_a_shift_that_nobody_told_of_is_closed_when_its_driver_is_deleted(restaurant: Restaurant):
    gone, _ = employs(restaurant, 2)
    synced(restaurant, created=2)
    pos, own = restaurant.pos.state, restaurant.organization_id
    place = {"organizationId": own, "terminalGroupId": BAR, "employeeId": gone}
    pos.record_shift(place, True)
    pos.change_courier(own, gone, isDeleted=True)
    synced(restaurant, deactivated=1, unchanged=1)
    driver_commands(restaurant, gone, ["clockout confirmed"])
    assert [entry["body"] for entry in asked(restaurant, CLOCK_OUT)] == [place]
    assert pos.shifts[own, gone, BAR]["opened"] is False


def test_a_driver_who_vanished_from_the_list_counts_as_deleted(account: Restaurant):
    gone, *others = employs(account, 3)
    synced(account, created=3)
    account.pos.state.remove_courier(account.organization_id, gone)
    synced(account, deactivated=1, unchanged=2)
    assert shown(account, "active") == {gone: (False,)} | dict.fromkeys(others, (True,))
    assert account.driver(gone)["name"] == "Courier Number1"
    synced(account, unchanged=2)
    employs(account, 3)
    synced(account, updated=1, unchanged=2)
    assert account.driver(gone)["active"] is True


def test_a_driver_who_moved_to_another_terminal_group_is_the_same_driver(account, table):
    [moved, _] = employs(account, 2)
    synced(account, created=2)
    clocks(account, moved, True, 0, TERMINAL_GROUP_ID)
    clocks(account, moved, False, 1, TERMINAL_GROUP_ID)
    clocks(account, moved, True, 2, BAR)
    before = versions(account, table)
    synced(account, unchanged=2)
    driver = account.driver_where(moved, terminal_group_id=BAR)
    assert (driver["name"], driver["clocked_in"]) == ("Courier Number1", True)
    assert versions(account, table) == before


def test_a_driver_listed_twice_is_one_driver(account: Restaurant, table):
    people = [new_courier(account, number) for number in (1, 2)]
    employs(account, people + people)
    synced(account, created=2)
    synced(account, unchanged=2)
    old = people[0] | {"isDeleted": True, "displayName": "Old Entry"}
    employs(account, [old, *people, old])
    synced(account, unchanged=2)
    assert shown(account, "name", "active") == {
        person["id"]: (person["displayName"], True) for person in people
    }
    assert set(versions(account, table).values()) == {1}


@pytest.mark.parametrize("known", [0, 3])
def test_an_empty_list_is_not_believed(account: Restaurant, table, known: int):
    people = employs(account, known)
    if known:
        synced(account, created=known)
    employs(account, [])
    assert "lists no couriers" in not_synced(account)
    assert shown(account, "active") == dict.fromkeys(people, (True,))
    assert set(versions(account, table).values()) <= {1}
    employs(account, 3)
    synced(account, created=3 - known, unchanged=known)


def test_a_list_that_lost_more_than_half_is_not_believed_and_half_is(account: Restaurant, table):
    people = employs(account, 10)
    good = synced(account, created=10)["driver_sync"]["succeeded_at"]
    employs(account, 4)
    assert "has lost 6 of 10" in not_synced(account)
    assert shown(account, "active") == dict.fromkeys(people, (True,))
    assert set(versions(account, table).values()) == {1}
    sync = account.get().json()["driver_sync"]
    assert sync["succeeded_at"] == good, "of the last run that ended well"
    assert {driver["synced_at"] for driver in drivers(account).values()} == {good}
    employs(account, 5)
    synced(account, deactivated=5, unchanged=5)
    assert sorted(shown(account, "active").values()) == [(False,)] * 5 + [(True,)] * 5


def test_a_list_that_says_that_everybody_left_is_believed(account: Restaurant):
    people = employs(account, 4)
    synced(account, created=4)
    employs(account, [new_courier(account, n, isDeleted=True) for n in (1, 2, 3, 4)])
    synced(account, deactivated=4)
    assert shown(account, "active") == dict.fromkeys(people, (False,))


def test_who_asks_for_a_sync_must_ask_for_an_account_that_has_one(account, anonymous, new_account):
    path = f"/accounts/{account.account_id}/drivers/sync"
    assert problem(anonymous.post(path))[0] == 401
    assert problem(account.api.get(path))[0] in (404, 405)
    assert problem(account.api.post("/accounts/no-such-account/drivers/sync"))[0] == 404
    for changes in ({"enabled": False}, {"syrve": None}):
        other = new_account(**changes)
        assert problem(account.api.post(f"/accounts/{other.account_id}/drivers/sync"))[0] == 409
    assert account.get().json()["driver_sync"] is None
