"""The fakes must be as strict and as awkward as the systems they stand in for.

A fake that accepts anything proves nothing, so these tests show that the fake Syrve refuses what
the contract refuses, that its commands end later and its faults look like the real ones, and that
the fixtures are well-formed. Its logins and its drivers, and the fake Captain.AI, have files of
their own.
"""

import asyncio
import json
import time
from urllib.request import urlopen

import pytest
from aiohttp import ClientPayloadError, ServerDisconnectedError

from local.fakes import syrve_contract as contract
from local.fakes.scenario import (
    COMMAND_STATUS,
    FIXTURES,
    ORDER_ID,
    UPDATE_STATUS,
    Client,
    fixture,
    with_fake,
)
from local.fakes.syrve import running_fake_syrve
from local.fakes.syrve_state import API_LOGIN, EMPLOYEE_ID, ORGANIZATION_ID, TERMINAL_GROUP_ID

ODD_FIXTURES = {
    "mixed_events.json": "MoonPhaseUpdate",
    "order_with_iso_event_time.json": "eventTime",
    "order_with_unknown_values.json": "",
}
SHIFT = {
    "organizationId": ORGANIZATION_ID,
    "terminalGroupId": TERMINAL_GROUP_ID,
    "employeeId": EMPLOYEE_ID,
}


@pytest.mark.parametrize("path", sorted((FIXTURES / "syrve").glob("*.json")), ids=lambda p: p.stem)
def test_a_syrve_fixture_follows_the_contract_unless_it_is_meant_to_be_odd(path):
    body = json.loads(path.read_text())
    assert isinstance(body, list) != path.name.startswith("single_object")
    events = body if isinstance(body, list) else [body]
    problems = [contract.event_problem(event, strict=True) for event in events]
    problem = next(filter(None, problems), None)
    if path.name in ODD_FIXTURES:
        assert problem and ODD_FIXTURES[path.name] in problem
    else:
        assert problem is None


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"deliveryStatus": "Closed"}, "deliveryStatus"),
        ({"orderId": "12"}, "orderId"),
        ({"status": "OnWay"}, "status"),
        ({"deliveryDate": "2026-06-28T17:48:12Z"}, "deliveryDate"),
    ],
)
def test_a_wrong_body_is_refused_and_the_problem_named(change, named):
    async def scenario(client: Client) -> None:
        status, answer = await client.update_status("OnWay", **change)
        assert status == 400
        assert named in answer["errorDescription"]
        violations = await client.control("GET", "violations")
        assert [named in violation["problem"] for violation in violations] == [True]

    with_fake(scenario)


@pytest.mark.parametrize(
    ("headers", "named"),
    [
        ({"Authorization": "bare-token"}, "Authorization"),
        ({"Timeout": "soon"}, "Timeout"),
        ({"Content-Type": "text/plain"}, "Content-Type"),
    ],
)
def test_a_wrong_header_is_refused(headers, named):
    async def scenario(client: Client) -> None:
        body = {"organizationIds": [ORGANIZATION_ID]}
        status, answer = await client.post("/api/1/employees/couriers", body, headers)
        assert (status, named in answer["errorDescription"]) == (400, True)

    with_fake(scenario)


def test_a_token_expires():
    async def scenario(client: Client) -> None:
        body = {"organizationIds": [ORGANIZATION_ID]}
        assert (await client.post("/api/1/employees/couriers", body))[0] == 200
        await client.control("POST", "expire_tokens")
        status, answer = await client.post("/api/1/employees/couriers", body)
        assert (status, set(answer)) == (401, {"correlationId", "errorDescription", "error"})
        await client.control("POST", "settings", {"token_lifetime": 0.05})
        await client.log_in()
        await asyncio.sleep(0.06)
        assert (await client.post("/api/1/employees/couriers", body))[0] == 401

    with_fake(scenario)


def test_secrets_are_not_kept_in_the_record_of_requests():
    async def scenario(client: Client) -> None:
        await client.post("/api/1/organizations", {})
        kept = json.dumps(await client.control("GET", "requests"))
        assert API_LOGIN not in kept
        assert client.token not in kept

    with_fake(scenario)


def test_every_read_answers_as_the_contract_says():
    async def scenario(client: Client) -> None:
        await client.store_order()
        ids = {"organizationIds": [ORGANIZATION_ID]}
        v2 = {
            "apiKey": API_LOGIN,
            "appId": "0a000000-0000-4000-8000-000000000001",
            "clientSecret": "fake-client-secret",
        }
        org = {"organizationId": ORGANIZATION_ID}
        for path, body in [
            ("/api/v2/access_token", v2),
            ("/api/1/organizations", ids),
            ("/api/1/terminal_groups", ids),
            ("/api/1/employees/couriers", ids),
            ("/api/1/employees/shift/is_open", SHIFT),
            ("/api/1/employees/shifts/by_courier", {"employeeId": EMPLOYEE_ID}),
            ("/api/1/deliveries/by_id", org | {"orderIds": [ORDER_ID]}),
            ("/api/1/webhooks/update_settings", org | {"webHooksUri": "http://127.0.0.1:9/x"}),
            ("/api/1/webhooks/settings", org),
        ]:
            status, answer = await client.post(path, body)
            assert status == 200, (path, answer)
            assert contract.response_problem(path, answer) is None

    with_fake(scenario)


def test_a_command_ends_after_the_polls_it_was_given_and_is_announced():
    async def scenario(client: Client) -> None:
        await client.store_order()
        await client.control("POST", "command_fate", {"polls": 2, "times": 1})
        status, answer = await client.update_status(
            "Delivered", deliveryDate="2026-06-28 17:48:12.000"
        )
        assert status == 200
        states = [await client.command(answer["correlationId"]) for _ in range(3)]
        assert [s["state"] for s in states] == ["InProgress", "InProgress", "Success"]
        order = await client.order()
        assert (order["status"], order["whenDelivered"]) == (
            "Delivered",
            "2026-06-28 17:48:12.000",
        )
        await client.fake.sender.idle()
        token, [event] = client.received[-1]
        assert token == "hook-token"
        assert contract.event_problem(event) is None
        old = fixture("syrve", "order_created.json")[0]["eventInfo"]["timestamp"]
        assert event["eventInfo"]["timestamp"] > old

    with_fake(scenario)


def test_a_command_nobody_polls_is_carried_out_all_the_same():
    async def scenario(client: Client) -> None:
        await client.store_order()
        await client.update_status("OnWay")
        await asyncio.sleep(0.02)
        assert (await client.order())["status"] == "OnWay"

    with_fake(scenario)


@pytest.mark.parametrize(
    ("order", "status", "reason"),
    [
        ("order_created.json", "Delivered", "DeliveryDateNotSpecified"),
        ("order_closed.json", "OnWay", "WrongDeliveryStatus"),
        ("order_cancelled.json", "OnWay", "WrongDeliveryStatus"),
        (None, "OnWay", "OrderNotFound"),
    ],
)
def test_a_command_that_cannot_be_done_ends_in_error(order, status, reason):
    async def scenario(client: Client) -> None:
        if order:
            await client.store_order(order)
        _, answer = await client.update_status(status)
        await asyncio.sleep(0.02)
        outcome = await client.command(answer["correlationId"])
        assert outcome["state"] == "Error"
        assert outcome["errorReason"].startswith(reason)

    with_fake(scenario)


def test_an_unknown_command_is_gone():
    async def scenario(client: Client) -> None:
        body = {"organizationId": ORGANIZATION_ID, "correlationId": ORDER_ID}
        assert (await client.post(COMMAND_STATUS, body))[0] == 410

    with_fake(scenario)


def test_a_clock_in_opens_the_shift_and_comes_back_as_a_webhook():
    async def scenario(client: Client) -> None:
        for path, opened in (("clockin", True), ("clockout", False)):
            status, answer = await client.post(f"/api/1/employees/shift/{path}", SHIFT)
            assert (status, answer["error"]) == (200, None)
            await asyncio.sleep(0.02)
            _, state = await client.post("/api/1/employees/shift/is_open", SHIFT)
            assert state["isSessionOpened"] is opened
        await client.fake.sender.idle()
        events = [event for _, [event] in client.received]
        assert [event["eventInfo"]["opened"] for event in events] == [True, False]
        assert events[0]["eventTime"] < events[1]["eventTime"]

    with_fake(scenario)


def test_a_webhook_that_was_not_answered_200_is_sent_again():
    async def scenario(client: Client) -> None:
        client.answers = [500, 202]
        await client.store_order(webhook=True)
        await client.fake.sender.idle()
        assert len(client.received) == 3
        [sent] = await client.control("GET", "webhooks")
        assert (sent["attempts"], sent["status"]) == (3, 200)

    with_fake(scenario)


@pytest.mark.parametrize(
    ("fault", "status", "body"),
    [
        ({"kind": "status", "status": 429, "retry_after": 1}, 429, "errorDescription"),
        ({"kind": "status", "status": 503, "body": "text", "text": "down"}, 503, "down"),
        ({"kind": "rights_401"}, 401, "is not allowed for this ApiLogin."),
        ({"kind": "malformed"}, 200, "<html>"),
    ],
)
def test_a_fault_is_shown_as_often_as_asked(fault, status, body):
    async def scenario(client: Client) -> None:
        await client.store_order()
        await client.control("POST", "faults", {"path": UPDATE_STATUS, "times": 2} | fault)
        for expected in (status, status, 200):
            got, answer = await client.update_status("OnWay")
            assert got == expected
            assert got == 200 or body in (answer if isinstance(answer, str) else str(answer))

    with_fake(scenario)


def test_a_cut_connection_leaves_the_command_done():
    async def scenario(client: Client) -> None:
        await client.store_order()
        fault = {"path": UPDATE_STATUS, "kind": "hang_then_close"}
        await client.control("POST", "faults", fault)
        with pytest.raises(ServerDisconnectedError):
            await client.update_status("OnWay")
        await asyncio.sleep(0.02)
        assert (await client.order())["status"] == "OnWay"

    with_fake(scenario)


def test_an_answer_that_is_cut_half_way_promised_more_than_arrives():
    async def scenario(client: Client) -> None:
        count = 10_000
        await client.control("PUT", "couriers", {"count": count})
        for path, least in (("/api/1/employees/couriers", 500_000), ("/api/1/organizations", 50)):
            await client.control("POST", "faults", {"path": path, "kind": "cut_body"})
            body = {"organizationIds": [ORGANIZATION_ID]}
            headers = {"Authorization": f"Bearer {client.token}"}
            url, arrived = client.fake.url + path, 0
            async with client.session.post(url, json=body, headers=headers) as response:
                assert (response.status, response.content_type) == (200, "application/json")
                with pytest.raises(ClientPayloadError):
                    async for part in response.content.iter_any():
                        arrived += len(part)
            assert arrived == response.content_length // 2 > least
            assert (await client.post(path, body))[0] == 200
        cut = [entry["status"] for entry in client.fake.requests[1:]]
        assert cut == ["cut", 200, "cut", 200]

    with_fake(scenario)


def test_a_fault_can_be_everywhere_and_stay_until_it_is_cleared():
    async def scenario(client: Client) -> None:
        fault = {"path": "*", "kind": "status", "status": 503, "times": None}
        await client.control("POST", "faults", fault)
        await client.control("POST", "faults", {"path": UPDATE_STATUS, "kind": "malformed"})
        assert [(await client.post("/api/1/organizations", {}))[0] for _ in range(3)] == [503] * 3
        assert [(await client.update_status("OnWay"))[0] for _ in range(2)] == [200, 503]
        await client.control("DELETE", "faults")
        assert (await client.post("/api/1/organizations", {}))[0] == 200

    with_fake(scenario)


def test_a_slow_answer_is_late_but_right():
    async def scenario(client: Client) -> None:
        fault = {"path": "/api/1/organizations", "kind": "slow", "seconds": 0.1}
        await client.control("POST", "faults", fault)
        before = time.monotonic()
        assert (await client.post("/api/1/organizations", {}))[0] == 200
        assert time.monotonic() - before >= 0.1

    with_fake(scenario)


def test_the_fake_also_runs_for_code_that_is_not_asynchronous():
    with running_fake_syrve() as fake, urlopen(f"{fake.url}/_control/violations") as answer:
        assert json.load(answer) == []
