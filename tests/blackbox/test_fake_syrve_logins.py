"""The fake Syrve's API logins: what each sees and may do, how it is refused, how often it calls."""

import asyncio
import time

import pytest

from local.fakes.scenario import ORDER_ID, UPDATE_STATUS, Client, with_fake
from local.fakes.syrve import TOO_MANY
from local.fakes.syrve_groups import GROUPS
from local.fakes.syrve_operations import HANDLERS
from local.fakes.syrve_state import API_LOGIN, EMPLOYEE_ID, ORGANIZATION_ID, TERMINAL_GROUP_ID

ORGANIZATIONS = "/api/1/organizations"
COURIERS = "/api/1/employees/couriers"
IS_OPEN = "/api/1/employees/shift/is_open"
OTHER = "7bc05553-4b68-44e8-b7bc-000000000002"
SHIFT = {
    "organizationId": ORGANIZATION_ID,
    "terminalGroupId": TERMINAL_GROUP_ID,
    "employeeId": EMPLOYEE_ID,
}


async def log_in(client: Client, login: str) -> tuple[int, dict]:
    client.token = None
    status, answer = await client.post("/api/1/access_token", {"apiLogin": login})
    client.token = answer.get("token")
    return status, answer


def test_a_login_sees_its_own_organizations_only():
    async def scenario(client: Client) -> None:
        await client.control("PUT", "organizations", {"organizationId": OTHER, "name": "Other"})
        await client.control("PUT", "logins", {"login": "of-other", "organizations": [OTHER]})
        seen = {}
        for login in (API_LOGIN, "of-other"):
            assert (await log_in(client, login))[0] == 200
            _, answer = await client.post(ORGANIZATIONS, {})
            seen[login] = [organization["id"] for organization in answer["organizations"]]
        assert seen == {API_LOGIN: [ORGANIZATION_ID, OTHER], "of-other": [OTHER]}

    with_fake(scenario)


@pytest.mark.parametrize(
    ("path", "body"),
    [
        (COURIERS, {"organizationIds": [OTHER, ORGANIZATION_ID]}),
        ("/api/1/terminal_groups", {"organizationIds": [ORGANIZATION_ID]}),
        ("/api/1/employees/shift/clockin", SHIFT),
        ("/api/1/employees/shift/clockout", SHIFT),
        (IS_OPEN, SHIFT),
        ("/api/1/deliveries/by_id", {"organizationId": ORGANIZATION_ID, "orderIds": [ORDER_ID]}),
        (
            "/api/1/commands/status",
            {"organizationId": ORGANIZATION_ID, "correlationId": ORDER_ID},
        ),
        (
            UPDATE_STATUS,
            {
                "organizationId": ORGANIZATION_ID,
                "orderId": ORDER_ID,
                "deliveryStatus": "OnWay",
            },
        ),
    ],
)
def test_an_organization_that_a_login_does_not_see_is_refused(path, body):
    async def scenario(client: Client) -> None:
        await client.control("PUT", "organizations", {"organizationId": OTHER})
        await client.control("PUT", "logins", {"login": "of-other", "organizations": [OTHER]})
        await log_in(client, "of-other")
        status, answer = await client.post(path, body)
        assert (status, answer["error"]) == (400, "Transport_WrongCrmId")

    with_fake(scenario)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"blocked": True}, "Apilogin has been blocked."),
        ({"inactive": True}, "ApiLogin is inactive"),
    ],
)
def test_a_login_that_is_of_no_use_any_more_loses_its_tokens_too(change, words):
    async def scenario(client: Client) -> None:
        await client.control("PUT", "logins", {"login": API_LOGIN, **change})
        status, answer = await client.post(ORGANIZATIONS, {})
        assert (status, answer["errorDescription"]) == (401, words)
        status, answer = await log_in(client, API_LOGIN)
        assert (status, answer["errorDescription"]) == (401, words)
        await client.control("PUT", "logins", {"login": API_LOGIN})
        assert (await log_in(client, API_LOGIN))[0] == 200

    with_fake(scenario)


def test_a_missing_right_is_a_bare_string_that_a_new_token_does_not_cure():
    async def scenario(client: Client) -> None:
        rights = {"login": API_LOGIN, "rights_missing": [COURIERS]}
        await client.control("PUT", "logins", rights)
        for _ in range(2):
            await log_in(client, API_LOGIN)
            status, answer = await client.post(COURIERS, {"organizationIds": [ORGANIZATION_ID]})
            right = COURIERS.removeprefix("/")
            assert (status, answer) == (401, f"Right {right} is not allowed for this ApiLogin.")
        assert (await client.post(ORGANIZATIONS, {}))[0] == 200

    with_fake(scenario)


def test_calls_above_a_rate_are_refused_until_the_window_has_moved_on():
    async def scenario(client: Client) -> None:
        rates = {"rate_limits": {"Employees: shifts": [2, 1]}}
        await client.control("POST", "settings", rates)
        statuses = [(await client.post(IS_OPEN, SHIFT))[0] for _ in range(3)]
        assert statuses == [200, 200, 429]
        assert (await client.post(ORGANIZATIONS, {}))[0] == 200
        url = client.fake.url + IS_OPEN
        headers = {"Authorization": f"Bearer {client.token}"}
        async with client.session.post(url, json=SHIFT, headers=headers) as response:
            assert (response.status, response.headers["Retry-After"]) == (429, "1")
            assert (await response.json())["errorDescription"] == TOO_MANY
        await asyncio.sleep(1.01)
        assert (await client.post(IS_OPEN, SHIFT))[0] == 200

    with_fake(scenario)


def test_the_rate_of_one_login_is_not_anothers():
    async def scenario(client: Client) -> None:
        await client.control("POST", "settings", {"rate_limits": {"Data: dictionaries": [1, 60]}})
        await client.control("PUT", "logins", {"login": "second"})
        for login in (API_LOGIN, "second"):
            await log_in(client, login)
            assert [(await client.post(ORGANIZATIONS, {}))[0] for _ in range(2)] == [200, 429]

    with_fake(scenario)


def test_the_busiest_minute_of_a_login_is_known_whether_it_was_limited_or_not():
    async def scenario(client: Client) -> None:
        for _ in range(3):
            await client.post(IS_OPEN, SHIFT)
        await client.control("POST", "expire_tokens")
        assert (await client.post(IS_OPEN, SHIFT))[0] == 401
        own = {"login": API_LOGIN, "refused": 0}
        shifts = {"group": "Employees: shifts", "busiest": 4, "calls": 4}
        logging_in = {"group": "Logging in", "busiest": 1, "calls": 1}
        assert await client.control("GET", "limits") == [own | logging_in, own | shifts]
        [_, narrow] = await client.control("GET", "limits?seconds=0.000001")
        assert (narrow["busiest"], narrow["calls"]) == (1, 4)
        assert client.fake.limits.busiest(API_LOGIN, "Employees: shifts") == 4

    with_fake(scenario)


def test_every_operation_is_in_a_group():
    assert set(GROUPS) == set(HANDLERS)


def test_an_unknown_group_is_not_limited_in_silence():
    async def scenario(client: Client) -> None:
        url = f"{client.fake.url}/_control/settings"
        async with client.session.post(url, json={"rate_limits": {"Shifts": [1, 60]}}) as answer:
            assert (answer.status, "Shifts" in (await answer.json())["error"]) == (400, True)

    with_fake(scenario)


def test_a_thousand_calls_are_counted_without_being_felt():
    async def scenario(client: Client) -> None:
        limits = client.fake.limits
        limits.rates = {"Commands": (1000, 60.0)}
        before = time.process_time()
        waits = [limits.take("login", "Commands") for _ in range(5000)]
        assert time.process_time() - before < 1
        assert (waits.count(None), limits.busiest("login", "Commands")) == (1000, 5000)
        assert 1 <= waits[-1] <= 60

    with_fake(scenario)
