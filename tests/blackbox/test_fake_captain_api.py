"""The fake of Captain.AI's REST API must refuse what the real one is documented to refuse."""

import uuid
from urllib.request import Request, urlopen

import pytest

from local.fakes import captain
from local.fakes.captain import ACCOUNT_UUID
from local.fakes.captain_api import running_fake_captain_api
from local.fakes.captain_contract import OPERATIONS
from local.fakes.captain_operations import HANDLERS, OVER, TAKEN
from local.fakes.captain_scenario import (
    ACCOUNT,
    ADDRESS,
    KEYS,
    CaptainClient,
    new_driver,
    new_order,
    with_captain,
)

ORDERS, UPSERT = f"{ACCOUNT}/orders", f"{ACCOUNT}/external-drivers/upsert"
STATUS = "/v1/order-status"
NOBODY = "ffffffffffff"


def test_every_operation_is_carried_out():
    assert {operation.name for operation in OPERATIONS} == set(HANDLERS)


@pytest.mark.parametrize(
    "keys",
    [
        {},
        {"x-integration-key": KEYS["x-integration-key"]},
        KEYS | {"x-developer-key": "wrong"},
        KEYS | {"x-integration-key": "wrong"},
    ],
)
def test_keys_are_needed_and_no_wrong_key_is_a_violation(keys):
    async def scenario(client: CaptainClient) -> None:
        for method, path in (("GET", "/test/auth"), ("GET", ORDERS), ("GET", "/v1/accounts/")):
            status, answer = await client.call(method, path, keys=keys)
            assert (status, list(answer)) == (401, ["errors"])
        assert (await client.call("GET", "/test/auth"))[0] == 200
        assert client.fake.violations == []

    with_captain(scenario)


def test_keys_reach_the_accounts_that_they_are_for():
    async def scenario(client: CaptainClient) -> None:
        own = {"x-integration-key": "own", "x-developer-key": "own-too"}
        named = {"integration_key": "own", "developer_key": "own-too"}
        await client.control("PUT", "accounts", {"uuid": "0a0a0a0a0a0a"})
        await client.control("PUT", "keys", named | {"accounts": ["0a0a0a0a0a0a"]})
        _, accounts = await client.call("GET", "/v1/accounts/", keys=own)
        assert [account["uuid"] for account in accounts] == ["0a0a0a0a0a0a"]
        order = await client.create()
        assert (await client.call("GET", ORDERS, keys=own))[0] == 404
        path = f"{STATUS}/{order['uuid']}"
        assert (await client.call("PATCH", path, {"status": "prepared"}, own))[0] == 404
        await client.control("DELETE", "keys", named)
        assert (await client.call("GET", "/v1/accounts/", keys=own))[0] == 401

    with_captain(scenario)


def test_an_order_is_created_read_listed_and_changed():
    async def scenario(client: CaptainClient) -> None:
        body = new_order()
        status, order = await client.call("POST", ORDERS, body)
        assert (status, len(order["uuid"]), order["status"]) == (201, 12, "created")
        assert order["tracking_link"] == f"https://tracking.captain.ai/t/{order['uuid']}"
        assert {name: order[name] for name in body if name != "delivery_job"} == {
            name: value for name, value in body.items() if name != "delivery_job"
        }
        assert order["delivery_job"]["dropoff_location"] == ADDRESS
        assert await client.call("GET", f"{ORDERS}/{order['uuid']}") == (200, order)
        second = await client.create()
        status, listed = await client.call("GET", ORDERS)
        assert (status, listed) == (200, [second, order])
        change = {"items": [{"name": "Water", "quantity": 1}], "special_instructions": "Ring"}
        status, changed = await client.call("PATCH", f"{ORDERS}/{order['uuid']}", change)
        assert (status, changed) == (200, order | change)
        assert client.fake.violations == []

    with_captain(scenario)


def test_an_address_may_come_in_either_form():
    async def scenario(client: CaptainClient) -> None:
        inferred = ADDRESS | {"latitude": 53.349805, "longitude": -6.26031}
        recipient = {"full_name": "Testa Example", "address": inferred}
        order = await client.create(recipient=recipient, delivery_job=None)
        assert order["delivery_job"]["dropoff_location"] == ADDRESS
        elsewhere = {"delivery_job": {"dropoff_location": ADDRESS | {"line_1": "13"}}}
        named = elsewhere | {"recipient": {"full_name": "Testa Example"}}
        _, order = await client.call("PATCH", f"{ORDERS}/{order['uuid']}", named)
        assert order["delivery_job"]["dropoff_location"]["line_1"] == "13"

    with_captain(scenario)


def test_an_order_is_created_once():
    async def scenario(client: CaptainClient) -> None:
        body = new_order()
        await client.call("POST", ORDERS, body)
        assert await client.call("POST", ORDERS, body) == (422, {"errors": [TAKEN]})
        assert len((await client.call("GET", ORDERS))[1]) == 1
        assert client.fake.violations == []

    with_captain(scenario)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"placed_at_time": None}, "placed_at_time can't be blank"),
        ({"partners_unique_internal_order_id": ""}, "partners_unique_internal_order_id can't be"),
        ({"store_order_reference_description": None}, "store_order_reference_description can't"),
        ({"kind": "drone"}, "kind is invalid"),
        ({"recipient": None}, "recipient can't be blank"),
        ({"recipient": {"first_name": "Testa"}}, "recipient.full_name must be given"),
        ({"recipient": {"full_name": "T", "phone_number": "01 000"}}, "recipient.phone_number"),
        ({"recipient": {"full_name": "T", "phone": "+35310000000"}}, "recipient is invalid"),
        ({"placed_at_time": "2026-06-28 15:20:00"}, "placed_at_time must be ISO-8601"),
        ({"scheduled_for": "2026-06-28T15:20:00"}, "scheduled_for must be ISO-8601"),
        ({"financial_record": {"delivery_fee": 2.5}}, "financial_record.delivery_fee"),
        ({"financial_record": {"delivery_fee": "2,50"}}, "must be a decimal string"),
        ({"items": [{"quantity": 1}]}, "items.0.name can't be blank"),
        ({"items": [{"name": "Water", "quantity": "1"}]}, "items.0.quantity"),
        ({"delivery_job": {"dropoff_location": {"line_1": "1", "latitude": 53.3}}}, "latitude"),
        ({"delivery_job": {"dropoff_location": {"city": "Dublin"}}}, "line_1 can't be blank"),
        ({"preparation": {"auto_prepare": "yes"}}, "preparation.auto_prepare"),
        ({"custom_fields": "none"}, "custom_fields"),
        ({"surprise": 1}, "surprise"),
    ],
)
def test_a_wrong_order_is_refused_and_the_field_named(change, words):
    async def scenario(client: CaptainClient) -> None:
        status, answer = await client.call("POST", ORDERS, new_order(**change))
        assert status == 422
        assert any(words in error for error in answer["errors"]), answer
        [violation] = await client.control("GET", "violations")
        assert (words in violation["problem"], violation["operation"]) == (True, "create_order")
        assert client.fake.state.orders == {}

    with_captain(scenario)


def test_errors_can_come_as_a_tree_of_fields():
    async def scenario(client: CaptainClient) -> None:
        await client.control("POST", "settings", {"errors_as": "tree"})
        recipient = {"phone_number": "1", "surprise": 1}
        _, answer = await client.call("POST", ORDERS, new_order(kind=None, recipient=recipient))
        errors = answer["errors"]
        assert errors["kind"] == ["can't be blank"]
        assert set(errors["recipient"]) == {"full_name", "phone_number", "base"}
        assert await client.call("PATCH", f"{ORDERS}/{NOBODY}", {}) == (
            404,
            {"errors": ["Order not found"]},
        )

    with_captain(scenario)


def test_the_kitchen_moves_an_order_and_a_cancelled_one_stays_so():
    async def scenario(client: CaptainClient) -> None:
        order = await client.create()
        path = f"{STATUS}/{order['uuid']}"
        for status in ("being_prepared", "prepared", "cancelled"):
            code, answer = await client.call("PATCH", path, {"status": status})
            assert (code, answer["status"]) == (200, status)
        history = [entry["status"] for entry in answer["status_history"]]
        assert history == ["being_prepared", "prepared", "cancelled"]
        over = (422, {"errors": [OVER]})
        assert await client.call("PATCH", path, {"status": "cancelled"}) == over
        change = {"special_instructions": "Ring"}
        assert await client.call("PATCH", f"{ORDERS}/{order['uuid']}", change) == over
        assert client.fake.violations == []
        status, answer = await client.call("PATCH", path, {"status": "eaten"})
        assert (status, "status is invalid" in answer["errors"][0]) == (422, True)
        assert len(client.fake.violations) == 1

    with_captain(scenario)


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", f"/v1/accounts/{NOBODY}/orders", new_order()),
        ("GET", f"/v1/accounts/{NOBODY}/drivers", None),
        ("PUT", f"/v1/accounts/{NOBODY}/external-drivers/upsert", new_driver()),
        ("GET", f"{ORDERS}/{NOBODY}", None),
        ("PATCH", f"{ORDERS}/{NOBODY}", {"kind": "delivery"}),
        ("PATCH", f"{STATUS}/{NOBODY}", {"status": "prepared"}),
        ("POST", f"{ACCOUNT}/drivers/{NOBODY}/clock_out", None),
    ],
)
def test_what_is_not_known_is_not_found_and_no_violation(method, path, body):
    async def scenario(client: CaptainClient) -> None:
        status, answer = await client.call(method, path, body)
        assert (status, list(answer)) == (404, ["errors"])
        assert client.fake.violations == []

    with_captain(scenario)


@pytest.mark.parametrize(
    ("method", "path"), [("DELETE", ORDERS), ("GET", "/v1/drivers"), ("POST", "/v1/accounts/")]
)
def test_a_path_or_method_that_is_not_there_is_a_violation(method, path):
    async def scenario(client: CaptainClient) -> None:
        assert (await client.call(method, path))[0] == 404
        [violation] = client.fake.violations
        assert f"{method} {path}" in violation["problem"]

    with_captain(scenario)


def test_a_driver_is_made_and_changed_by_an_id_of_ours():
    async def scenario(client: CaptainClient) -> None:
        driver = await client.upsert()
        assert (driver["active"], driver["on_duty"]) == (True, False)
        again = await client.upsert(last_name="Seventeenth", active=False)
        assert again == driver | {"last_name": "Seventeenth", "active": False}
        other = await client.upsert(partners_external_identifier="other")
        assert await client.call("GET", f"{ACCOUNT}/drivers") == (200, [again, other])

    with_captain(scenario)


@pytest.mark.parametrize("missing", ["partners_external_identifier", "first_name"])
def test_a_driver_needs_an_id_and_a_name(missing):
    async def scenario(client: CaptainClient) -> None:
        for value in (None, ""):
            status, answer = await client.call("PUT", UPSERT, new_driver(**{missing: value}))
            assert (status, answer) == (422, {"errors": [f"{missing} can't be blank"]})
        assert len(client.fake.violations) == 2

    with_captain(scenario)


def test_clocking_in_or_out_twice_is_fine():
    async def scenario(client: CaptainClient) -> None:
        driver = await client.upsert()
        told = []
        for direction in ("out", "in", "in", "out"):
            path = f"{ACCOUNT}/drivers/{driver['uuid']}/clock_{direction}"
            status, answer = await client.call("POST", path)
            told.append((status, answer["message"]))
        already = ["already_", "", "already_", ""]
        words = ["out", "in", "in", "out"]
        assert told == [
            (200, f"driver_{a}clocked_{w}") for a, w in zip(already, words, strict=True)
        ]

    with_captain(scenario)


@pytest.mark.parametrize(
    ("fault", "status", "words"),
    [
        ({"kind": "status", "status": 503, "body": "text", "text": "down"}, 503, "down"),
        ({"kind": "status", "status": 429, "retry_after": 7}, 429, '{"errors": ["Fault'),
        ({"kind": "malformed"}, 200, "<html>"),
    ],
)
def test_a_fault_is_shown_to_the_operation_it_is_for(fault, status, words):
    async def scenario(client: CaptainClient) -> None:
        await client.control("POST", "faults", {"operation": "list_orders"} | fault)
        assert (await client.call("GET", "/v1/accounts/"))[0] == 200
        url = client.fake.url + ORDERS
        async with client.session.get(url, headers=KEYS) as response:
            assert (response.status, words in await response.text()) == (status, True)
            assert response.headers.get("Retry-After") == ("7" if status == 429 else None)
        assert (await client.call("GET", ORDERS))[0] == 200

    with_captain(scenario)


def test_an_integration_key_has_a_rate_if_it_is_given_one():
    async def scenario(client: CaptainClient) -> None:
        await client.control("POST", "settings", {"rate_limit": [2, 60]})
        statuses = [(await client.call("GET", ORDERS))[0] for _ in range(3)]
        assert statuses == [200, 200, 429]
        [limit] = await client.control("GET", "limits")
        assert limit == {
            "integration_key": KEYS["x-integration-key"],
            "group": "requests",
            "busiest": 3,
            "calls": 3,
            "refused": 1,
        }
        await client.control("POST", "settings", {"rate_limit": None})
        assert (await client.call("GET", ORDERS))[0] == 200

    with_captain(scenario)


def test_the_control_api_shows_and_changes_orders_and_drivers():
    async def scenario(client: CaptainClient) -> None:
        order, driver = await client.create(), await client.upsert()
        await client.create(partners_unique_internal_order_id=str(uuid.uuid4()))
        name = "partners_unique_internal_order_id"
        [found] = await client.control("GET", f"state/orders?{name}={order[name]}")
        assert found == {"account_uuid": ACCOUNT_UUID, **order}
        await client.control("PATCH", f"orders/{order['uuid']}", {"status": "completed"})
        shown = await client.control("GET", f"state/orders/{order['uuid']}")
        assert shown["status"] == "completed"
        await client.control("PATCH", f"drivers/{driver['uuid']}", {"on_duty": True})
        [shown] = await client.control("GET", f"state/drivers?account_uuid={ACCOUNT_UUID}")
        assert shown == driver | {"on_duty": True}
        entries = await client.control("GET", "requests?operation=create_order")
        assert [entry["status"] for entry in entries] == [201, 201]
        await client.control("POST", "reset")
        assert await client.control("GET", "state/orders") == []

    with_captain(scenario)


def test_events_can_be_about_what_was_created():
    async def scenario(client: CaptainClient) -> None:
        order, driver = await client.create(), await client.upsert()
        assigned = captain.order_assigned(**captain.of_order(order), **captain.of_driver(driver))
        job = captain.job_delivery_status_updated("collected", **captain.of_job(order, driver))
        for event in (assigned, job):
            assert event["data"]["order_uuid"] == order["uuid"]
        assert assigned["data"]["agent_uuid"] == driver["uuid"]
        assert job["data"]["job_delivery_status_agent_uuid"] == driver["uuid"]
        assert set(assigned["data"]) == set(captain.order_assigned()["data"])
        assert set(job["data"]) == set(captain.job_delivery_status_updated("collected")["data"])

    with_captain(scenario)


def test_the_fake_also_runs_for_code_that_is_not_asynchronous():
    with running_fake_captain_api() as fake:
        with urlopen(Request(f"{fake.url}/test/auth", headers=KEYS)) as answer:
            assert answer.status == 200
        assert [entry["operation"] for entry in fake.requests] == ["test_auth"]
