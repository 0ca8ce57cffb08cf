"""Shifts: who is clocked in, where and as what, by Syrve's events in any order."""

import itertools
import time
import uuid

from local.fakes.captain import EMPLOYEE_ID
from local.fakes.scenario import fixture
from local.fakes.syrve_state import TERMINAL_GROUP_ID
from local.payloads import shift
from queues import Queues
from restaurant import Restaurant

BAR = TERMINAL_GROUP_ID[:-1] + "2"
ROLE = "20e00000-0000-4000-8000-000000000001"


def at(minute: int) -> str:
    return f"2026-06-28 12:{minute:02}:01.000"


def told(account: Restaurant, *shifts: tuple, employee: str = EMPLOYEE_ID) -> None:
    """Each shift: opened, minute, terminal group, role."""
    for opened, minute, *rest in shifts:
        group, role = [*rest, None, None][:2]
        account.announce(
            shift(
                account.organization_id,
                employee,
                opened,
                at(minute),
                group or TERMINAL_GROUP_ID,
                role,
            )
        )


def test_a_driver_clocks_in_and_out(account: Restaurant):
    told(account, (True, 0))
    driver = account.driver_where(EMPLOYEE_ID, clocked_in=True)
    assert driver["terminal_group_id"] == TERMINAL_GROUP_ID
    assert (driver["active"], driver["name"], driver["role_id"]) == (True, None, None)
    told(account, (False, 30))
    account.driver_where(EMPLOYEE_ID, clocked_in=False)


def test_the_fixtures_whole_payloads_are_understood(account: Restaurant):
    for name, expected in (
        ("shift_opened", {"clocked_in": True, "role_id": None}),
        ("shift_closed", {"clocked_in": False}),
    ):
        [event] = fixture("syrve", f"{name}.json")
        account.announce(event | {"organizationId": account.organization_id})
        account.driver_where(EMPLOYEE_ID, **expected)


def test_a_driver_is_in_while_any_terminal_group_is_open(account: Restaurant):
    told(account, (True, 0), (True, 5, BAR))
    account.driver_where(EMPLOYEE_ID, clocked_in=True, terminal_group_id=BAR)
    told(account, (False, 10, BAR))
    account.driver_where(EMPLOYEE_ID, clocked_in=True, terminal_group_id=TERMINAL_GROUP_ID)
    told(account, (False, 15))
    account.driver_where(EMPLOYEE_ID, clocked_in=False)


def test_a_late_event_does_not_bring_a_driver_back(account: Restaurant, queues: Queues):
    told(account, (False, 30), (True, 0))
    queues.handled("personal-shift")
    account.driver_where(EMPLOYEE_ID, clocked_in=False)


def test_every_order_of_arrival_ends_the_same(account: Restaurant, queues: Queues):
    story = [(True, 0), (False, 10), (True, 20, BAR), (False, 30, BAR), (True, 40)]
    employees = {}
    for arrival in itertools.islice(itertools.permutations(story), 0, 120, 9):
        employee = str(uuid.uuid4())
        employees[employee] = arrival
        told(account, *arrival, *arrival[:2], employee=employee)
    queues.handled("personal-shift", timeout=30)
    for employee, arrival in employees.items():
        driver = account.driver(employee)
        shown = (driver["clocked_in"], driver["terminal_group_id"])
        assert shown == (True, TERMINAL_GROUP_ID), arrival


def test_an_employee_nobody_knows_is_remembered(account: Restaurant, queues: Queues):
    employee = str(uuid.uuid4())
    told(account, (False, 0), employee=employee)
    driver = account.driver_where(employee, clocked_in=False)
    assert (driver["name"], driver["terminal_group_id"]) == (None, TERMINAL_GROUP_ID)
    listed = account.get("/drivers").json()
    assert [driver["driver_id"] for driver in listed["items"]] == [employee]
    assert listed["next_cursor"] is None
    assert queues.dead_letters("personal-shift", account.account_id) == []


def test_the_role_is_learned_and_kept(account: Restaurant):
    told(account, (True, 0, TERMINAL_GROUP_ID, ROLE))
    account.driver_where(EMPLOYEE_ID, role_id=ROLE)
    told(account, (True, 5, BAR))
    account.driver_where(EMPLOYEE_ID, role_id=ROLE, terminal_group_id=BAR)


def test_a_shift_that_cannot_be_read_is_kept_as_a_dead_letter(account: Restaurant, queues: Queues):
    event = shift(account.organization_id, EMPLOYEE_ID, True, at(0), TERMINAL_GROUP_ID)
    event["eventInfo"]["opened"] = "yes"
    account.announce(event)
    queues.handled("personal-shift")
    [(letter, reason)] = queues.dead_letters("personal-shift", account.account_id)
    assert letter["kind"] == "PersonalShift"
    assert "eventInfo.opened" in reason
    assert account.driver(EMPLOYEE_ID) is None


def test_a_shift_changes_nothing_in_syrve(account: Restaurant, queues: Queues):
    """Shifts that Syrve opened on our own request come back like any other, and must not loop."""
    since = time.time()
    for minute, opened in enumerate((True, True, False, False, True)):
        told(account, (opened, minute))
    queues.handled("personal-shift")
    account.driver_where(EMPLOYEE_ID, clocked_in=True)
    asked = [entry for entry in account.pos.requests if entry["at"] >= since]
    assert [entry["path"] for entry in asked if "shift" in entry["path"]] == []
