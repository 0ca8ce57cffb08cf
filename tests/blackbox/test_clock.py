"""Clocking a driver in and out through the API: what Syrve is asked, and what becomes of it."""

import time

import pytest

from clocks import (
    BAR,
    BY_COURIER,
    CLOCK_IN,
    CLOCK_OUT,
    IS_OPEN,
    ROLE,
    accepted,
    asked_of_shifts,
    clock,
    clocked,
    is_open,
    known_by_shift,
    shift_of,
)
from commands import asked, fault
from couriers import driver_commands, employs, heard, hears_back, new_courier, synced
from local.fakes.syrve_state import TERMINAL_GROUP_ID, Fate
from local.waiting import wait_until
from queues import Queues
from restaurant import Restaurant

TERMINAL_GROUPS = "/api/1/terminal_groups"
ELSEWHERE = TERMINAL_GROUP_ID[:-1] + "7"


@pytest.fixture
def at_work(restaurant: Restaurant) -> Restaurant:
    """A restaurant of three couriers. The first has been at work before, in the kitchen."""
    employs(restaurant, 3)
    synced(restaurant, created=3)
    known_by_shift(restaurant, first(restaurant))
    restaurant.pos.requests.clear()
    return restaurant


def first(restaurant: Restaurant) -> str:
    return new_courier(restaurant, 1)["id"]


def second(restaurant: Restaurant) -> str:
    return new_courier(restaurant, 2)["id"]


def test_a_driver_is_clocked_in_and_out(at_work: Restaurant):
    driver = first(at_work)
    command = accepted(clock(at_work, driver, "in"))
    assert (command["kind"], command["state"], command["attempts"]) == ("clockin", "queued", 0)
    [done] = driver_commands(at_work, driver, ["clockin confirmed"])
    assert (done["id"], done["attempts"], done["last_error"]) == (command["id"], 1, None)
    assert is_open(at_work, driver)
    at_work.driver_where(driver, clocked_in=True, terminal_group_id=TERMINAL_GROUP_ID)
    accepted(clock(at_work, driver, "out"))
    driver_commands(at_work, driver, ["clockin confirmed", "clockout confirmed"])
    assert not is_open(at_work, driver)
    at_work.driver_where(driver, clocked_in=False)


def test_the_payloads_are_what_syrve_wants_and_no_more(at_work: Restaurant):
    driver = first(at_work)
    clocked(at_work, driver, "in")
    clocked(at_work, driver, "out")
    own = {
        "organizationId": at_work.organization_id,
        "terminalGroupId": TERMINAL_GROUP_ID,
        "employeeId": driver,
    }
    assert asked_of_shifts(at_work) == [
        (CLOCK_IN, own | {"roleId": None}),
        (CLOCK_OUT, own),
    ]


@pytest.mark.parametrize("direction", ["in", "out"])
def test_what_is_so_already_needs_no_call(at_work: Restaurant, direction: str):
    driver = first(at_work)
    if direction == "in":
        clocked(at_work, driver, "in")
    before = asked_of_shifts(at_work)
    answer = clock(at_work, driver, direction)
    assert answer.status == 200
    shown = answer.json()["driver"]
    assert (shown["driver_id"], shown["clocked_in"]) == (driver, direction == "in")
    assert asked_of_shifts(at_work) == before
    assert len(at_work.driver(driver)["commands"]) == len(before)


def test_who_asks_twice_at_once_asks_once(at_work: Restaurant, queues: Queues):
    driver = first(at_work)
    with queues.held("syrve-command"):
        commands = [accepted(clock(at_work, driver, "in")) for _ in range(3)]
        assert queues.waiting("syrve-command") == 1
    assert len({command["id"] for command in commands}) == 1
    driver_commands(at_work, driver, ["clockin confirmed"])
    assert len(asked(at_work, CLOCK_IN)) == 1


def test_a_newer_request_supersedes_one_that_still_waits(at_work: Restaurant, queues: Queues):
    driver = first(at_work)
    with queues.held("syrve-command"):
        accepted(clock(at_work, driver, "in"))
        accepted(clock(at_work, driver, "out"))
    superseded, _ = driver_commands(at_work, driver, ["clockin superseded", "clockout confirmed"])
    assert superseded["last_error"] == "a newer request"
    assert asked(at_work, CLOCK_IN) == []
    assert not is_open(at_work, driver)


def test_a_shift_that_is_opened_at_the_till_meanwhile_makes_the_request_pointless(
    at_work: Restaurant, queues: Queues
):
    driver = first(at_work)
    with queues.held("syrve-command"):
        accepted(clock(at_work, driver, "in"))
        at = time.strftime("%Y-%m-%d %H:%M:%S.999", time.gmtime(time.time() + 1))
        at_work.announce(shift_of(at_work, driver, True, at))
        at_work.driver_where(driver, clocked_in=True)
    [command] = driver_commands(at_work, driver, ["clockin superseded"])
    assert command["last_error"] == "a newer shift in Syrve"
    assert asked(at_work, CLOCK_IN) == []


def test_the_webhook_that_a_call_causes_does_not_loop(at_work: Restaurant, queues: Queues, bus):
    """Syrve tells of the shift that the bridge itself has opened, as of any other."""
    hears_back(at_work)
    driver = first(at_work)
    before = len(bus.of_driver(at_work, driver))
    clocked(at_work, driver, "in")
    wait_until(lambda: [sent["status"] for sent in heard(at_work)] == [200])
    clocked(at_work, driver, "out")
    wait_until(lambda: [sent["status"] for sent in heard(at_work)] == [200, 200])
    queues.handled("personal-shift", "syrve-command")
    at_work.driver_where(driver, clocked_in=False)
    assert [path for path, _ in asked_of_shifts(at_work)] == [CLOCK_IN, CLOCK_OUT]
    driver_commands(at_work, driver, ["clockin confirmed", "clockout confirmed"])
    told = bus.of_driver(at_work, driver)[before:]
    assert told == ["driver_clocked_in", "driver_clocked_out"]


def test_a_late_echo_of_a_clock_in_does_not_undo_the_clock_out(at_work: Restaurant, queues: Queues):
    hears_back(at_work)
    driver = first(at_work)
    with queues.held("personal-shift"):
        clocked(at_work, driver, "in")
        clocked(at_work, driver, "out")
        wait_until(lambda: len(heard(at_work)) == 2)
    queues.handled("personal-shift", "syrve-command")
    at_work.driver_where(driver, clocked_in=False)
    assert len(asked_of_shifts(at_work)) == 2


def test_the_role_is_learned_from_a_shift(at_work: Restaurant):
    driver = second(at_work)
    at_work.pos.state.roles_required = {at_work.organization_id}
    known_by_shift(at_work, driver, role=ROLE)
    clocked(at_work, driver, "in")
    [call] = asked(at_work, CLOCK_IN)
    assert call["body"]["roleId"] == ROLE
    assert is_open(at_work, driver)
    clocked(at_work, driver, "out")
    [call] = asked(at_work, CLOCK_OUT)
    assert "roleId" not in call["body"]


def test_a_role_may_be_given_with_the_request(at_work: Restaurant):
    driver = first(at_work)
    at_work.pos.state.roles_required = {at_work.organization_id}
    clocked(at_work, driver, "in", role_id=ROLE)
    assert asked(at_work, CLOCK_IN)[0]["body"]["roleId"] == ROLE
    at_work.driver_where(driver, role_id=ROLE)


def test_the_terminal_group_is_that_of_the_drivers_last_shift(at_work: Restaurant):
    driver = first(at_work)
    known_by_shift(at_work, driver, group=BAR, minute=10)
    clocked(at_work, driver, "in")
    assert asked(at_work, CLOCK_IN)[0]["body"]["terminalGroupId"] == BAR
    clocked(at_work, driver, "out")
    assert asked(at_work, CLOCK_OUT)[0]["body"]["terminalGroupId"] == BAR


def test_a_terminal_group_may_be_given_with_the_request(at_work: Restaurant):
    driver = first(at_work)
    clocked(at_work, driver, "in", terminal_group_id=BAR)
    assert is_open(at_work, driver, BAR)
    assert not is_open(at_work, driver)
    at_work.driver_where(driver, clocked_in=True, terminal_group_id=BAR)


def test_a_driver_at_work_in_two_places_is_clocked_out_of_both(at_work: Restaurant):
    driver = first(at_work)
    clocked(at_work, driver, "in", terminal_group_id=BAR)
    clocked(at_work, driver, "in", terminal_group_id=TERMINAL_GROUP_ID)
    assert is_open(at_work, driver)
    assert is_open(at_work, driver, BAR)
    answer = clock(at_work, driver, "out")
    accepted(answer)
    assert len(answer.json()["commands"]) == 2
    driver_commands(at_work, driver, ["clockin confirmed"] * 2 + ["clockout confirmed"] * 2)
    at_work.driver_where(driver, clocked_in=False)
    assert not is_open(at_work, driver)
    assert not is_open(at_work, driver, BAR)


def test_the_echo_of_a_clock_out_does_not_undo_the_clock_in_behind_it(
    at_work: Restaurant, queues: Queues
):
    driver = first(at_work)
    clocked(at_work, driver, "in")
    with queues.held("syrve-command"):
        accepted(clock(at_work, driver, "out"))
        accepted(clock(at_work, driver, "in"))
        at = time.strftime("%Y-%m-%d %H:%M:%S.999", time.gmtime(time.time() + 1))
        at_work.announce(shift_of(at_work, driver, False, at))
        at_work.driver_where(driver, clocked_in=False)
    driver_commands(
        at_work, driver, ["clockin confirmed", "clockout superseded", "clockin confirmed"]
    )


def test_a_terminal_group_that_is_not_known_is_looked_up(at_work: Restaurant):
    driver = second(at_work)
    own = {"organizationId": at_work.organization_id, "employeeId": driver}
    at_work.pos.state.record_shift(own | {"terminalGroupId": BAR}, True)
    clocked(at_work, driver, "in")
    paths = [path.rsplit("/", 1)[-1] for path, _ in asked_of_shifts(at_work)]
    assert paths == ["by_courier", "clockin"]
    assert asked_of_shifts(at_work)[0][1] == {"employeeId": driver}
    assert asked(at_work, CLOCK_IN)[0]["body"]["terminalGroupId"] == BAR


def test_a_terminal_group_of_another_restaurant_of_the_chain_is_none(new_account, own_syrve):
    account = new_account(own_syrve)
    other = new_account(login_of=account)
    body = account.account.body(own_syrve.url)
    body["syrve"]["terminal_group_id"] = BAR
    assert account.api.put(f"/accounts/{account.account_id}", body).status == 200
    [driver] = employs(account, 1)
    synced(account, created=1)
    elsewhere = {"organizationId": other.organization_id, "employeeId": driver}
    own_syrve.state.record_shift(elsewhere | {"terminalGroupId": ELSEWHERE}, True)
    clocked(account, driver, "in")
    assert [path for path, _ in asked_of_shifts(account)] == [BY_COURIER, CLOCK_IN]
    [question] = asked(account, TERMINAL_GROUPS)
    assert question["body"]["organizationIds"] == [account.organization_id]
    assert is_open(account, driver, BAR)


def test_else_it_is_the_accounts_own(new_account, own_syrve):
    account = new_account(own_syrve)
    body = account.account.body(own_syrve.url)
    body["syrve"]["terminal_group_id"] = BAR
    assert account.api.put(f"/accounts/{account.account_id}", body).status == 200
    [driver] = employs(account, 1)
    synced(account, created=1)
    clocked(account, driver, "in")
    assert [path for path, _ in asked_of_shifts(account)][1:] == [CLOCK_IN]
    assert is_open(account, driver, BAR)


@pytest.mark.parametrize("direction", ["in", "out"])
def test_an_unknown_outcome_is_looked_at_and_not_repeated(at_work: Restaurant, direction: str):
    driver, path = first(at_work), {"in": CLOCK_IN, "out": CLOCK_OUT}[direction]
    if direction == "out":
        clocked(at_work, driver, "in")
        at_work.pos.requests.clear()
    fault(at_work, "hang_then_close", path)
    done = clocked(at_work, driver, direction)
    assert [path for path, _ in asked_of_shifts(at_work)] == [path, IS_OPEN]
    assert (done["attempts"], done["last_error"]) == (1, None)
    assert is_open(at_work, driver) == (direction == "in")


@pytest.mark.parametrize("status", [408, 500])
def test_an_unknown_outcome_of_a_call_that_came_to_nothing_is_called_again(at_work, status: int):
    driver = first(at_work)
    fault(at_work, "status", CLOCK_IN, status=status)
    done = clocked(at_work, driver, "in")
    assert [path for path, _ in asked_of_shifts(at_work)] == [CLOCK_IN, IS_OPEN, CLOCK_IN]
    assert done["attempts"] == 2


@pytest.mark.parametrize("status", [429, 503])
def test_a_call_that_was_not_carried_out_is_made_again(at_work: Restaurant, status: int):
    driver = first(at_work)
    fault(at_work, "status", CLOCK_IN, status=status)
    clocked(at_work, driver, "in")
    assert [path for path, _ in asked_of_shifts(at_work)] == [CLOCK_IN, CLOCK_IN]


def test_a_refusal_of_what_is_so_already_is_none(at_work: Restaurant):
    """Somebody opened the shift at the till, and Syrve has not told of it."""
    driver = first(at_work)
    own = {"organizationId": at_work.organization_id, "employeeId": driver}
    at_work.pos.state.record_shift(own | {"terminalGroupId": TERMINAL_GROUP_ID}, True)
    fault(at_work, "error_field", CLOCK_IN, error="The session is open already")
    clocked(at_work, driver, "in")
    assert [path for path, _ in asked_of_shifts(at_work)] == [CLOCK_IN, IS_OPEN]
    at_work.driver_where(driver, clocked_in=True)


def test_a_slow_terminal_is_asked_until_it_has_opened_the_shift(at_work: Restaurant):
    driver = first(at_work)
    at_work.pos.state.fates.append(Fate(polls=1))
    accepted(clock(at_work, driver, "in"))
    driver_commands(at_work, driver, ["clockin sent"])
    assert at_work.driver(driver)["clocked_in"] is False
    driver_commands(at_work, driver, ["clockin confirmed"])
    assert at_work.driver(driver)["clocked_in"] is True
    assert len(asked(at_work, CLOCK_IN)) == 1
