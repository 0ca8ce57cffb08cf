"""Syrve's couriers as Captain.AI's drivers: who is there, active and on duty, and in which order it
was told so.
"""

import uuid
from datetime import UTC, datetime, timedelta

import pytest

from couriers import employs, new_courier, synced
from dispatched import calls_of, fleet_fault
from local.fakes.captain import EMPLOYEE_ID
from local.fakes.captain_api import FakeCaptainApi
from local.fakes.syrve_state import TERMINAL_GROUP_ID
from local.payloads import shift
from local.waiting import wait_until
from queues import Queues
from restaurant import Restaurant

SECOND_EMPLOYEE = EMPLOYEE_ID[:-1] + "8"
FORMER_EMPLOYEE = EMPLOYEE_ID[:-1] + "9"
UPSERT, IN, OUT = "upsert_driver", "clock_in_driver", "clock_out_driver"


@pytest.fixture
def account(new_account, captain_api: FakeCaptainApi) -> Restaurant:
    """A fresh account whose drivers are told to Captain.AI."""
    return new_account(captain=captain_api)


def there(account: Restaurant, driver_id: str = EMPLOYEE_ID) -> dict | None:
    """The driver as Captain.AI has them."""
    return account.fleet.state.driver_of(account.account.captain_account_uuid, driver_id)


def told(account: Restaurant, driver_id: str = EMPLOYEE_ID) -> list[tuple[str, bool | None]]:
    """The calls about a driver, oldest first, an upsert with whether it says active."""
    found = there(account, driver_id)
    return [
        (entry["operation"], (entry["body"] or {}).get("active"))
        for entry in calls_of(account)
        if (entry["body"] or {}).get("partners_external_identifier") == driver_id
        or (found and f"/{found['uuid']}/" in entry["path"])
    ]


def settled(account: Restaurant, *states: str, driver_id: str = EMPLOYEE_ID) -> list[dict]:
    """The driver's commands once there are so many and all have ended, confirmed if not said."""

    def look() -> list[dict] | None:
        commands = account.driver(driver_id)["commands"]
        shown = {command["label"]: command["state"] for command in commands}
        assert sorted(command["state"] for command in commands) == sorted(states), shown
        return commands

    return wait_until(look, 20)


def clocks(account: Restaurant, opened: bool, driver_id: str = EMPLOYEE_ID) -> None:
    """A shift is opened or closed at the terminal."""
    now = datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")[:-3]
    account.announce(shift(account.organization_id, driver_id, opened, now, TERMINAL_GROUP_ID))
    account.driver_where(driver_id, clocked_in=opened)


def on_duty(account: Restaurant, queues: Queues) -> None:
    """The first employee is a driver there, and on duty."""
    synced(account)
    clocks(account, True)
    wait_until(lambda: there(account) and there(account)["on_duty"])
    queues.handled("fleet-command")


def test_the_couriers_of_syrves_list_are_captains_drivers(account: Restaurant, queues: Queues):
    """Not those who left before, nor a system account."""
    synced(account)
    settled(account, "confirmed")
    settled(account, "confirmed", driver_id=SECOND_EMPLOYEE)
    queues.handled("fleet-command")
    bodies = [entry["body"] for entry in calls_of(account)]
    assert sorted(bodies, key=lambda body: body["partners_external_identifier"]) == [
        {
            "partners_external_identifier": EMPLOYEE_ID,
            "first_name": "Courier",
            "last_name": "Seventeen",
            "active": True,
        },
        {
            "partners_external_identifier": SECOND_EMPLOYEE,
            "first_name": "Courier",
            "last_name": "Eighteen",
            "active": True,
        },
    ]
    for employee in (EMPLOYEE_ID, SECOND_EMPLOYEE):
        driver = account.driver(employee)
        assert driver["fleet_ids"] == {"captain": there(account, employee)["uuid"]}
        assert [command["kind"] for command in driver["commands"]] == [UPSERT]
    synced(account, unchanged=3)
    queues.handled("fleet-command")
    assert len(calls_of(account)) == 2


def test_a_shift_puts_a_driver_on_duty_and_its_end_takes_them_off(account, queues: Queues):
    on_duty(account, queues)
    assert told(account) == [(UPSERT, True), (IN, None)]
    clocks(account, False)
    settled(account, *["confirmed"] * 3)
    assert not there(account)["on_duty"]
    assert told(account) == [(UPSERT, True), (IN, None), (OUT, None)]
    assert told(account, SECOND_EMPLOYEE) == [(UPSERT, True)]


def test_a_driver_who_moves_to_another_kitchen_stays_on_duty(account: Restaurant, queues: Queues):
    on_duty(account, queues)
    later = (datetime.now(UTC) + timedelta(seconds=1)).strftime("%Y-%m-%d %H:%M:%S.000")
    bar = TERMINAL_GROUP_ID[:-1] + "2"
    account.announce(
        shift(account.organization_id, EMPLOYEE_ID, False, later, TERMINAL_GROUP_ID),
        shift(account.organization_id, EMPLOYEE_ID, True, later[:-1] + "1", bar),
    )
    account.driver_where(EMPLOYEE_ID, terminal_group_id=bar)
    queues.handled("personal-shift", "fleet-command")
    assert there(account)["on_duty"]
    assert there(account)["active"]


def test_who_is_no_courier_is_never_told_of(account: Restaurant, queues: Queues):
    """Shifts are those of all employees: cooks and cashiers have them too."""
    synced(account)
    cook = str(uuid.uuid4())
    clocks(account, True, cook)
    clocks(account, False, cook)
    clocks(account, True, FORMER_EMPLOYEE)
    queues.handled("fleet-command")
    assert account.driver(cook)["commands"] == []
    assert (there(account, cook), there(account, FORMER_EMPLOYEE)) == (None, None)
    assert {entry["operation"] for entry in calls_of(account)} == {UPSERT}


def test_a_shift_before_the_first_sync_is_told_with_the_driver(account: Restaurant):
    clocks(account, True)
    synced(account)
    settled(account, "confirmed", "confirmed")
    assert told(account) == [(UPSERT, True), (IN, None)]
    assert there(account)["on_duty"]


def test_a_deleted_driver_goes_off_duty_and_then_inactive(account: Restaurant, queues: Queues):
    on_duty(account, queues)
    account.pos.state.change_courier(account.organization_id, EMPLOYEE_ID, isDeleted=True)
    synced(account, deactivated=1, unchanged=2)
    wait_until(lambda: not there(account)["active"])
    assert told(account) == [(UPSERT, True), (IN, None), (OUT, None), (UPSERT, False)]
    assert not there(account)["on_duty"]
    account.pos.state.change_courier(account.organization_id, EMPLOYEE_ID, isDeleted=False)
    synced(account, updated=1, unchanged=2)
    wait_until(lambda: there(account)["active"])
    assert told(account)[4:] == [(UPSERT, True)]
    assert len(account.fleet.state.drivers_of(account.account.captain_account_uuid)) == 2


def test_a_renamed_driver_is_renamed_there(account: Restaurant, queues: Queues):
    synced(account)
    account.pos.state.change_courier(
        account.organization_id, EMPLOYEE_ID, displayName="Courier van Seventeen"
    )
    synced(account, updated=1, unchanged=2)
    settled(account, "confirmed", "confirmed")
    driver = there(account)
    assert (driver["first_name"], driver["last_name"]) == ("Courier van", "Seventeen")


def test_a_hundred_drivers_are_there_after_the_first_sync(account: Restaurant, queues: Queues):
    employed = employs(account, 100)
    synced(account, created=100)
    queues.handled("fleet-command", timeout=30)
    drivers = account.fleet.state.drivers_of(account.account.captain_account_uuid)
    assert sorted(d["partners_external_identifier"] for d in drivers) == sorted(employed)
    assert len(calls_of(account)) == 100


def test_a_driver_whom_captain_refuses_fails_with_its_words_and_the_rest_goes_on(
    new_account, own_captain_api: FakeCaptainApi, queues: Queues
):
    account = new_account(captain=own_captain_api)
    fleet_fault(account, UPSERT, "status", status=422, text="First name is reserved")
    one = new_courier(account, 1)
    employs(account, [one])
    synced(account, created=1)
    [command] = settled(account, "failed", driver_id=one["id"])
    assert "First name is reserved" in command["last_error"]
    queues.handled("fleet-command")
    [(letter, reason)] = queues.dead_letters("fleet-command", account.account_id)
    assert (letter["driver_id"], reason) == (one["id"], command["last_error"])
    clocks(account, True, one["id"])
    settled(account, "failed", "confirmed", driver_id=one["id"])
    assert there(account, one["id"])["on_duty"]


def test_a_change_that_was_overtaken_is_told_by_its_end_only(account: Restaurant, queues: Queues):
    synced(account)
    settled(account, "confirmed")
    with queues.held("fleet-command"):
        clocks(account, True)
        clocks(account, False)
        clocks(account, True)
    settled(account, "confirmed", "confirmed", "superseded", "confirmed")
    assert told(account) == [(UPSERT, True), (IN, None), (IN, None)]
    assert there(account)["on_duty"]
