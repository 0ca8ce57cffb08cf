"""What tests of clocking in and out share: the request, what Syrve was asked, how its shift is."""

from couriers import driver_commands
from local.fakes.syrve_state import TERMINAL_GROUP_ID
from local.http import Answer
from local.payloads import shift
from restaurant import Restaurant

CLOCK_IN = "/api/1/employees/shift/clockin"
CLOCK_OUT = "/api/1/employees/shift/clockout"
IS_OPEN = "/api/1/employees/shift/is_open"
BY_COURIER = "/api/1/employees/shifts/by_courier"
BAR = TERMINAL_GROUP_ID[:-1] + "2"
ROLE = "20e00000-0000-4000-8000-000000000001"


def clock(restaurant: Restaurant, driver_id: str, direction: str, **body: object) -> Answer:
    """Ask the API to clock a driver `in` or `out`; with no fields given, without a body."""
    path = f"/accounts/{restaurant.account_id}/drivers/{driver_id}/clock_{direction}"
    return restaurant.api("POST", path, body or None)


def accepted(answer: Answer) -> dict:
    """The command of a request that was taken, the first if there are several."""
    assert answer.status == 202, answer
    assert list(answer.json()) == ["command", "commands"]
    command, commands = answer.json().values()
    assert command == commands[0]
    return command


def clocked(restaurant: Restaurant, driver_id: str, direction: str, **body: object) -> dict:
    """The command of a request, once it is confirmed and the driver clocked in or out."""
    before = restaurant.driver(driver_id)["commands"][::-1]
    command = accepted(clock(restaurant, driver_id, direction, **body))
    states = [f"{old['kind']} {old['state']}" for old in before]
    commands = driver_commands(restaurant, driver_id, [*states, f"clock{direction} confirmed"])
    assert commands[-1]["id"] == command["id"]
    assert restaurant.driver(driver_id)["clocked_in"] == (direction == "in")
    return commands[-1]


def asked_of_shifts(restaurant: Restaurant) -> list[tuple[str, dict]]:
    """Every call about shifts that Syrve was asked, with its body."""
    return [
        (entry["path"], entry["body"])
        for entry in restaurant.pos.requests
        if "/shift" in entry["path"]
    ]


def is_open(restaurant: Restaurant, driver_id: str, group: str = TERMINAL_GROUP_ID) -> bool:
    """Whether a shift is open in Syrve."""
    shift = {"organizationId": restaurant.organization_id, "employeeId": driver_id}
    return restaurant.pos.state.is_open(shift | {"terminalGroupId": group})


def shift_of(
    restaurant: Restaurant,
    driver_id: str,
    opened: bool,
    at: str,
    group: str = TERMINAL_GROUP_ID,
    role: str | None = None,
) -> dict:
    """Syrve's event of a driver's shift."""
    return shift(restaurant.organization_id, driver_id, opened, at, group, role)


def known_by_shift(
    restaurant: Restaurant,
    driver_id: str,
    group: str = TERMINAL_GROUP_ID,
    role: str | None = None,
    minute: int = 0,
) -> None:
    """The driver has had a shift, some time ago, so that it is known where and as what."""
    for opened, second in ((True, 1), (False, 2)):
        at = f"2026-06-28 12:{minute:02}:{second:02}.000"
        restaurant.announce(shift_of(restaurant, driver_id, opened, at, group, role))
    restaurant.driver_where(driver_id, clocked_in=False, terminal_group_id=group)
