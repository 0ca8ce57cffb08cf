"""The operators' API: who may call, what there is, and what is said about all the rest."""

import uuid

import pytest

from local.fakes.captain import EMPLOYEE_ID
from local.fakes.syrve_state import TERMINAL_GROUP_ID
from local.http import Api, call
from local.payloads import shift
from problems import problem
from restaurant import Restaurant

LATER = (
    ("POST", "/orders/{order}/delivery_status"),
    ("GET", "/commands"),
    ("POST", "/commands/some-id/retry"),
    ("POST", "/reports"),
    ("GET", "/reports/some-id"),
)


def test_health_needs_no_token(anonymous: Api):
    answer = anonymous.get("/health")
    checks = {"table": "ok", "syrve_command_queue": "ok"}
    assert (answer.status, answer.json()) == (200, {"status": "ok", "checks": checks})


@pytest.mark.parametrize("token", [None, "wrong", ""])
def test_everything_else_needs_one(stack, account: Restaurant, token: str | None):
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    for method, path in (
        ("GET", "/accounts"),
        ("GET", f"/accounts/{account.account_id}"),
        ("PUT", f"/accounts/{account.account_id}"),
        ("DELETE", f"/accounts/{account.account_id}"),
        ("GET", "/accounts/nobody-is-called-this"),
        ("GET", "/no-such-thing"),
    ):
        assert problem(call(method, f"{stack.api_url}/v1{path}", None, headers))[0] == 401
    assert account.get().status == 200


def test_a_webhook_token_is_no_api_token(stack, account: Restaurant):
    headers = {"Authorization": f"Bearer {account.account.syrve_token}"}
    assert call("GET", f"{stack.api_url}/v1/accounts", None, headers).status == 401


@pytest.mark.parametrize(("method", "path"), LATER)
def test_a_call_that_comes_later_says_so(account: Restaurant, method: str, path: str):
    path = path.format(order=uuid.uuid4())
    answer = account.api(method, f"/accounts/{account.account_id}{path}", {})
    assert problem(answer)[0] == 501


def test_what_does_not_exist_is_not_found(account: Restaurant, api: Api):
    own = f"/accounts/{account.account_id}"
    for path in (
        "/no-such-thing",
        "/accounts/nobody-is-called-this",
        "/accounts/nobody-is-called-this/orders",
        "/accounts/nobody-is-called-this/drivers",
        f"{own}/no-such-thing",
        f"{own}/orders/{uuid.uuid4()}",
        f"{own}/drivers/{uuid.uuid4()}",
    ):
        assert problem(api.get(path))[0] == 404, path


def test_a_wrong_method_is_not_allowed(account: Restaurant, api: Api):
    own = f"/accounts/{account.account_id}"
    for method, path in (
        ("DELETE", "/accounts"),
        ("POST", own),
        ("PATCH", own),
        ("PUT", f"{own}/orders"),
        ("DELETE", f"{own}/drivers/{EMPLOYEE_ID}"),
        ("POST", "/health"),
    ):
        assert problem(api(method, path, {}))[0] == 405, (method, path)


def test_one_tenant_never_sees_anothers(account: Restaurant, new_account):
    other, order = new_account(), account.has_order()
    event = shift(
        account.organization_id, EMPLOYEE_ID, True, "2026-06-28 12:00:00.000", TERMINAL_GROUP_ID
    )
    account.announce(event)
    account.driver_where(EMPLOYEE_ID, clocked_in=True)
    assert other.found(order) is None
    assert other.driver(EMPLOYEE_ID) is None
    assert other.get("/orders").json()["items"] == []
    assert other.get("/drivers").json()["items"] == []
