"""Clock-ins and clock-outs that cannot be: refused by the API at once, or by Syrve later."""

import json

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
    known_by_shift,
)
from commands import asked, fault
from couriers import driver_commands, employs, new_courier, synced
from local.fakes import captain
from local.fakes.syrve_state import TERMINAL_GROUP_ID, Fate
from local.http import Api
from problems import problem
from queues import Queues
from restaurant import Restaurant


@pytest.fixture
def driver(restaurant: Restaurant) -> str:
    """A courier of the restaurant who has been at work before."""
    [driver, _] = employs(restaurant, 2)
    synced(restaurant, created=2)
    known_by_shift(restaurant, driver)
    restaurant.pos.requests.clear()
    return driver


def refused(restaurant: Restaurant, queues: Queues, bus, driver: str, kind: str) -> str:
    """The words of the driver's only command, which failed and was kept as a dead letter."""
    [command] = driver_commands(restaurant, driver, [f"{kind} failed"])
    queues.handled("syrve-command")
    [(letter, reason)] = queues.dead_letters("syrve-command", restaurant.account_id)
    assert (letter["driver_id"], letter["command_id"]) == (driver, command["id"])
    assert reason == command["last_error"]
    [event] = [event for event in bus.of(restaurant) if event["name"] == "command_failed"]
    assert (event["driver_id"], event.get("order_id")) == (driver, None)
    told = {"command_id": command["id"], "kind": kind, "error": reason}
    assert event["detail"] == told
    return reason


def test_syrves_refusal_with_status_200_fails_the_command(restaurant, driver, queues, bus):
    words = "The employee has no personal session role"
    fault(restaurant, "error_field", CLOCK_IN, error=words)
    accepted(clock(restaurant, driver, "in"))
    error = refused(restaurant, queues, bus, driver, "clockin")
    assert error == f"Syrve refused the call: {words}"
    assert [path for path, _ in asked_of_shifts(restaurant)] == [CLOCK_IN, IS_OPEN]
    assert restaurant.driver(driver)["clocked_in"] is False
    # It was that request's end and nothing more: the next one is carried out.
    accepted(clock(restaurant, driver, "in"))
    driver_commands(restaurant, driver, ["clockin failed", "clockin confirmed"])


def test_a_restaurant_that_uses_roles_says_so(restaurant, driver, queues, bus):
    restaurant.pos.state.roles_required = {restaurant.organization_id}
    accepted(clock(restaurant, driver, "in"))
    assert "RoleRequired" in refused(restaurant, queues, bus, driver, "clockin")
    assert asked(restaurant, CLOCK_IN)[0]["body"]["roleId"] is None


def test_a_terminal_group_that_syrve_does_not_know_fails_the_command(
    restaurant, driver, queues, bus
):
    wrong = "b5561d5e-0000-4000-8000-000000000009"
    accepted(clock(restaurant, driver, "in", terminal_group_id=wrong))
    assert "TerminalGroupUnregistered" in refused(restaurant, queues, bus, driver, "clockin")


def test_a_refused_clock_out_leaves_the_driver_clocked_in(restaurant, driver, queues, bus):
    clocked(restaurant, driver, "in")
    fault(restaurant, "error_field", CLOCK_OUT, error="The cash register is not closed")
    accepted(clock(restaurant, driver, "out"))
    _, failed = driver_commands(restaurant, driver, ["clockin confirmed", "clockout failed"])
    assert failed["last_error"] == "Syrve refused the call: The cash register is not closed"
    assert restaurant.driver(driver)["clocked_in"] is True
    assert len(queues.dead_letters("syrve-command", restaurant.account_id)) == 1


def test_a_refusal_that_comes_later_fails_the_command(restaurant, driver, queues, bus):
    words = "EmployeeIsOnVacation: till Monday"
    restaurant.pos.state.fates.append(Fate(result="Error", error_reason=words))
    accepted(clock(restaurant, driver, "in"))
    assert refused(restaurant, queues, bus, driver, "clockin") == words
    assert len(asked(restaurant, CLOCK_IN)) == 1
    assert restaurant.driver(driver)["clocked_in"] is False


def test_a_bad_request_fails_the_command(restaurant, driver, queues, bus):
    fault(restaurant, "status", CLOCK_IN, status=400, error="WRONG", text="Shift cannot be opened")
    accepted(clock(restaurant, driver, "in"))
    error = refused(restaurant, queues, bus, driver, "clockin")
    assert error == "Syrve refused the call with status 400: WRONG: Shift cannot be opened"
    assert len(asked(restaurant, CLOCK_IN)) == 1


def test_a_right_that_is_missing_fails_the_command(restaurant, driver, queues, bus):
    login = restaurant.pos.state.api_logins[restaurant.account.api_login]
    login.rights_missing.add(CLOCK_IN)
    accepted(clock(restaurant, driver, "in"))
    assert "is not allowed for this ApiLogin" in refused(restaurant, queues, bus, driver, "clockin")
    assert len(asked(restaurant, CLOCK_IN)) == 1


def test_without_any_terminal_group_it_is_said_what_is_missing(restaurant, driver, queues, bus):
    other = new_courier(restaurant, 2)["id"]
    accepted(clock(restaurant, other, "in"))
    error = refused(restaurant, queues, bus, other, "clockin")
    assert error.startswith("no terminal group is known for this driver")
    assert "syrve.terminal_group_id" in error
    assert [path for path, _ in asked_of_shifts(restaurant)] == [BY_COURIER]


def test_a_terminal_group_that_cannot_be_looked_up_now_is_looked_up_later(restaurant, driver):
    other = new_courier(restaurant, 2)["id"]
    own = {"organizationId": restaurant.organization_id, "employeeId": other}
    restaurant.pos.state.record_shift(own | {"terminalGroupId": BAR}, True)
    fault(restaurant, "cut_body", BY_COURIER)
    clocked(restaurant, other, "in")
    paths = [path for path, _ in asked_of_shifts(restaurant)]
    assert paths == [BY_COURIER, BY_COURIER, CLOCK_IN]


@pytest.mark.parametrize(
    ("direction", "body", "field"),
    [
        ("in", {"surprise": 1}, "surprise"),
        ("out", {"surprise": 1}, "surprise"),
        ("in", {"terminal_group_id": "kitchen"}, "terminal_group_id"),
        ("in", {"terminal_group_id": 5}, "terminal_group_id"),
        ("in", {"role_id": "courier"}, "role_id"),
        ("out", {"role_id": ROLE}, "role_id"),
        ("in", b"{", "body"),
        ("in", b"[]", "body"),
        ("in", b"{}{}", "body"),
    ],
)
def test_a_wrong_body_is_refused_and_the_field_named(restaurant, driver, direction, body, field):
    path = f"/accounts/{restaurant.account_id}/drivers/{driver}/clock_{direction}"
    answer = restaurant.api("POST", path, body)
    assert problem(answer) == (400, field)
    if isinstance(body, dict):
        [value] = body.values()
        assert f'"{value}"' not in answer.json()["detail"]
    assert restaurant.driver(driver)["commands"] == []


@pytest.mark.parametrize("body", [{}, {"role_id": None, "terminal_group_id": None}])
def test_an_empty_body_is_as_good_as_none(restaurant, driver, body: dict):
    path = f"/accounts/{restaurant.account_id}/drivers/{driver}/clock_in"
    accepted(restaurant.api.post(path, body))
    driver_commands(restaurant, driver, ["clockin confirmed"])


def test_an_inactive_driver_is_not_clocked_in_but_may_be_clocked_out(restaurant, driver):
    clocked(restaurant, driver, "in")
    state, own = restaurant.pos.state, restaurant.organization_id
    gone = new_courier(restaurant, 2)["id"]
    state.change_courier(own, gone, isDeleted=True)
    synced(restaurant, deactivated=1, unchanged=1)
    answer = clock(restaurant, gone, "in", terminal_group_id=TERMINAL_GROUP_ID)
    assert problem(answer)[0] == 409
    assert "inactive" in answer.json()["detail"]
    assert clock(restaurant, gone, "out").status == 200
    assert asked(restaurant, CLOCK_OUT) == []


def test_a_driver_whom_only_the_fleet_knows_has_no_shifts(restaurant, queues: Queues):
    agent = {
        "agent_uuid": "7183bb9f1a65",
        "agent_partners_external_identifier": None,
        "locations": [
            {"latitude": "53.3", "longitude": "-6.2", "recorded_at": "2026-06-28 16:28:50 UTC"}
        ],
    }
    restaurant.report(captain.agent_radar_locations_created([agent]))
    queues.handled("fleet-event")
    for name in ("captain:7183bb9f1a65", "captain%3A7183bb9f1a65"):
        for direction in ("in", "out"):
            answer = clock(restaurant, name, direction)
            assert problem(answer)[0] == 409
            assert "fleet" in answer.json()["detail"]


@pytest.mark.parametrize(
    "name", ["ffc60000-0000-4000-8000-00000000ffff", "captain:unknown", "nobody", "%FF"]
)
def test_an_unknown_driver_is_not_found(restaurant, driver, name: str):
    assert problem(clock(restaurant, name, "in"))[0] == 404


def test_an_unknown_account_is_not_found(restaurant, driver):
    path = f"/accounts/no-such-account/drivers/{driver}/clock_in"
    assert problem(restaurant.api.post(path))[0] == 404


@pytest.mark.parametrize("changes", [{"enabled": False}, {"syrve": None}])
def test_an_account_that_is_off_or_has_no_syrve_clocks_nobody(restaurant, driver, changes: dict):
    body = restaurant.account.body(restaurant.pos.url) | changes
    assert restaurant.api.put(f"/accounts/{restaurant.account_id}", body).status == 200
    assert problem(clock(restaurant, driver, "in"))[0] == 409
    assert asked_of_shifts(restaurant) == []


@pytest.mark.parametrize("direction", ["in", "out"])
def test_it_takes_a_token_and_a_post(restaurant, driver, anonymous: Api, direction: str):
    path = f"/accounts/{restaurant.account_id}/drivers/{driver}/clock_{direction}"
    assert problem(anonymous.post(path))[0] == 401
    wrong = Api(anonymous.base_url, "not-the-token")
    assert problem(wrong.post(path))[0] == 401
    answer = restaurant.api.get(path)
    assert (problem(answer)[0], answer.headers["allow"]) == (405, "POST")
    assert restaurant.driver(driver)["commands"] == []


def test_another_accounts_driver_is_not_found(restaurant, driver, new_account):
    other = new_account()
    assert problem(clock(other, driver, "in"))[0] == 404
    assert json.loads(other.get("/drivers").body)["items"] == []
