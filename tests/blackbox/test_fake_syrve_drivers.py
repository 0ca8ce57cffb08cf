"""The fake Syrve's drivers: lists of every size and shape, shifts, and restaurants with roles."""

import asyncio
import time

import pytest

from local.fakes.scenario import Client, with_fake
from local.fakes.syrve_people import courier_id, make_couriers
from local.fakes.syrve_state import EMPLOYEE_ID, ORGANIZATION_ID, TERMINAL_GROUP_ID

COURIERS = "/api/1/employees/couriers"
BY_COURIER = "/api/1/employees/shifts/by_courier"
OTHER = "7bc05553-4b68-44e8-b7bc-000000000002"
ROLE = "20e00000-0000-4000-8000-000000000001"
GONE = EMPLOYEE_ID[:-1] + "9"


def shift(**changes: str) -> dict:
    own = {
        "organizationId": ORGANIZATION_ID,
        "terminalGroupId": TERMINAL_GROUP_ID,
        "employeeId": EMPLOYEE_ID,
    }
    return own | changes


async def clock(client: Client, direction: str, **changes: str) -> str | None:
    """Clock in or out; the error of the answer."""
    path = f"/api/1/employees/shift/clock{direction}"
    status, answer = await client.post(path, shift(**changes))
    assert status == 200
    await asyncio.sleep(0.02)
    return answer["error"]


async def is_open(client: Client, **changes: str) -> bool | None:
    _, answer = await client.post("/api/1/employees/shift/is_open", shift(**changes))
    return answer["isSessionOpened"]


async def listed(client: Client, *organizations: str) -> list[list[dict]]:
    body = {"organizationIds": list(organizations or [ORGANIZATION_ID])}
    status, answer = await client.post(COURIERS, body)
    assert status == 200, answer
    wrappers = answer["employees"]
    assert [wrapper["organizationId"] for wrapper in wrappers] == body["organizationIds"]
    return [wrapper["items"] for wrapper in wrappers]


def test_an_organization_without_couriers_of_its_own_has_the_usual_ones():
    async def scenario(client: Client) -> None:
        await client.control("PUT", "organizations", {"organizationId": OTHER})
        await client.control("PUT", "couriers", {"organizationId": OTHER, "count": 3})
        usual, own = await listed(client, ORGANIZATION_ID, OTHER)
        assert [c["isDeleted"] for c in usual] == [False, False, True, False]
        assert [c["id"] for c in own] == [courier_id(OTHER, number) for number in (1, 2, 3)]
        assert own == make_couriers(OTHER, 3)

    with_fake(scenario)


def test_a_courier_is_renamed_deleted_brought_back_and_vanishes():
    async def scenario(client: Client) -> None:
        path = f"couriers/{EMPLOYEE_ID}"
        for change in ({"lastName": "Seventeenth"}, {"isDeleted": True}, {"isDeleted": False}):
            await client.control("PATCH", path, change)
            [couriers] = await listed(client)
            assert couriers[0] | change == couriers[0]
        await client.control("DELETE", path)
        [couriers] = await listed(client)
        assert EMPLOYEE_ID not in [courier["id"] for courier in couriers]
        assert len(couriers) == 3

    with_fake(scenario)


@pytest.mark.parametrize("count", [0, 1, 10])
def test_a_list_can_be_empty_or_hold_one_driver_twice(count):
    async def scenario(client: Client) -> None:
        items = make_couriers(ORGANIZATION_ID, count) * 2
        await client.control("PUT", "couriers", {"items": items})
        assert await listed(client) == [items]
        assert await client.control("GET", "state/couriers") == items

    with_fake(scenario)


def test_a_list_that_syrve_could_not_send_is_not_accepted():
    async def scenario(client: Client) -> None:
        url = f"{client.fake.url}/_control/couriers"
        async with client.session.put(url, json={"items": [{"id": "17"}]}) as answer:
            assert answer.status == 400

    with_fake(scenario)


@pytest.mark.parametrize(("organizations", "couriers"), [(1, 10_000), (50, 200)])
def test_a_long_answer_is_quick(organizations, couriers):
    async def scenario(client: Client) -> None:
        ids = [f"7bc05553-4b68-44e8-b7bc-{number:012d}" for number in range(organizations)]
        for identifier in ids:
            client.fake.state.organizations[identifier] = "Restaurant"
            await client.control(
                "PUT", "couriers", {"organizationId": identifier, "count": couriers}
            )
        took = []
        for _ in range(3):
            before = time.process_time()
            lists = await listed(client, *ids)
            took.append(time.process_time() - before)
            assert [len(items) for items in lists] == [couriers] * organizations
        assert min(took) < 0.3, "the machine may be busy once, but not three times"

    with_fake(scenario)


def test_a_shift_is_of_one_restaurant():
    async def scenario(client: Client) -> None:
        await client.control("PUT", "organizations", {"organizationId": OTHER})
        assert await clock(client, "in") is None
        assert await is_open(client) is True
        assert await is_open(client, organizationId=OTHER) is False
        _, answer = await client.post(BY_COURIER, {"employeeId": EMPLOYEE_ID})
        assert answer == {"terminalGroupIds": [TERMINAL_GROUP_ID]}
        client.fake.state.api_logins["fake-api-login"].organizations = {OTHER}
        _, answer = await client.post(BY_COURIER, {"employeeId": EMPLOYEE_ID})
        assert answer == {"terminalGroupIds": []}

    with_fake(scenario)


def test_a_shift_needs_a_driver_and_a_kitchen_of_that_restaurant():
    async def scenario(client: Client) -> None:
        stranger = courier_id(OTHER, 1)
        assert await clock(client, "in", employeeId=stranger) == "UserNotFound"
        assert await clock(client, "in", terminalGroupId=OTHER) == "TerminalGroupUnregistered"
        groups = [{"id": OTHER, "organizationId": ORGANIZATION_ID, "name": "Own", "address": None}]
        await client.control(
            "PUT", "terminal_groups", {"items": [groups[0] | {"timeZone": "Europe/Dublin"}]}
        )
        assert await clock(client, "in", terminalGroupId=OTHER) is None
        assert await clock(client, "in") == "TerminalGroupUnregistered"

    with_fake(scenario)


def test_who_left_cannot_clock_in_but_can_be_clocked_out():
    async def scenario(client: Client) -> None:
        assert await clock(client, "in", employeeId=GONE) == "UserNotFound"
        assert await clock(client, "in") is None
        await client.control("PATCH", f"couriers/{EMPLOYEE_ID}", {"isDeleted": True})
        assert await is_open(client) is True
        await client.control("DELETE", f"couriers/{EMPLOYEE_ID}")
        assert await clock(client, "out") is None
        assert await is_open(client) is False

    with_fake(scenario)


def test_a_role_is_needed_where_there_are_roles_and_refused_where_there_are_none():
    async def scenario(client: Client) -> None:
        assert (await clock(client, "in", roleId=ROLE)).startswith("RoleNotExpected")
        await client.control("POST", "settings", {"roles_required": [ORGANIZATION_ID]})
        assert (await clock(client, "in")).startswith("RoleRequired")
        assert await is_open(client) is False
        assert await clock(client, "in", roleId=ROLE) is None
        await client.fake.sender.idle()
        [event] = client.received[-1][1]
        assert event["eventInfo"]["roleId"] == ROLE
        assert await clock(client, "out") is None

    with_fake(scenario)
