"""The operations of the fake Syrve: one function per path, a call in, the answer out.

Bodies have passed the contract check before they come here, and the login is one of ours; what is
refused here is what only the state can tell (a wrong login, an organization that the login does
not see, a forgotten command).
"""

import copy
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .syrve_logins import Login

if TYPE_CHECKING:
    from .syrve import FakeSyrve
    from .syrve_state import State


class Refused(Exception):
    def __init__(self, status: int, description: str, code: str | None = None) -> None:
        super().__init__(description)
        self.status, self.description, self.code = status, description, code


@dataclass(frozen=True)
class Call:
    """One request of a login; `login` is None only while logging in."""

    fake: "FakeSyrve"
    body: dict
    login: Login | None

    @property
    def state(self) -> "State":
        return self.fake.state

    def sees(self, organization_id: str) -> bool:
        known = organization_id in self.state.organizations
        return known and self.login is not None and self.login.sees(organization_id)

    def organization(self) -> str:
        """The one organization of the body, if the login sees it."""
        self.check(self.body["organizationId"])
        return self.body["organizationId"]

    def organizations(self) -> list[str]:
        for organization_id in self.body["organizationIds"]:
            self.check(organization_id)
        return self.body["organizationIds"]

    def check(self, organization_id: str) -> None:
        if not self.sees(organization_id):
            raise Refused(400, "The organization is not available", "Transport_WrongCrmId")


def _answer(**fields: object) -> dict:
    return {"correlationId": str(uuid.uuid4()), **fields}


def access_token(call: Call) -> dict:
    return _log_in(call, call.body["apiLogin"], "Login is not authorized")


def access_token_v2(call: Call) -> dict:
    words = "Application is not authorized"
    if call.state.apps.get(call.body["appId"]) != call.body["clientSecret"]:
        raise Refused(401, words)
    return _log_in(call, call.body["apiKey"], words)


def _log_in(call: Call, name: str, unknown: str) -> dict:
    login = call.state.api_logins.get(name)
    if login is None:
        raise Refused(401, unknown)
    if login.refusal:
        raise Refused(401, login.refusal)
    return _answer(token=call.state.issue_token(name))


def organizations(call: Call) -> dict:
    wanted = call.body.get("organizationIds")
    found = [
        {"responseType": "Simple", "id": identifier, "name": name, "code": None}
        for identifier, name in call.state.organizations.items()
        if call.sees(identifier) and (not wanted or identifier in wanted)
    ]
    return _answer(organizations=found)


def terminal_groups(call: Call) -> dict:
    found = [
        {"organizationId": organization_id, "items": call.state.terminal_groups_of(organization_id)}
        for organization_id in call.organizations()
    ]
    return _answer(terminalGroups=found, terminalGroupsInSleep=[])


def couriers(call: Call) -> dict:
    found = [
        {"organizationId": organization_id, "items": call.state.couriers_of(organization_id)}
        for organization_id in call.organizations()
    ]
    return _answer(employees=found)


def clock_in(call: Call) -> dict:
    return _change_shift(call, opened=True)


def clock_out(call: Call) -> dict:
    return _change_shift(call, opened=False)


def _change_shift(call: Call, opened: bool) -> dict:
    organization_id, state, body = call.organization(), call.state, call.body
    if problem := state.shift_problem(body, opened):
        return _answer(error=problem)
    correlation_id = call.fake.run_command(organization_id, lambda: state.set_shift(body, opened))
    return {"correlationId": correlation_id, "error": None}


def shift_is_open(call: Call) -> dict:
    call.organization()
    if problem := call.state.shift_problem(call.body):
        return _answer(isSessionOpened=None, error=problem)
    return _answer(isSessionOpened=call.state.is_open(call.body), error=None)


def shifts_by_courier(call: Call) -> dict:
    found = [
        terminal_group
        for (organization, employee, terminal_group), shift in call.state.shifts.items()
        if employee == call.body["employeeId"] and shift["opened"] and call.sees(organization)
    ]
    return {"terminalGroupIds": found}


def update_order_delivery_status(call: Call) -> dict:
    organization_id, state, body = call.organization(), call.state, call.body
    return {"correlationId": call.fake.run_command(organization_id, lambda: state.deliver(body))}


def deliveries_by_id(call: Call) -> dict:
    organization_id, body = call.organization(), call.body
    ids, pos_ids = body.get("orderIds") or [], body.get("posOrderIds") or []
    found = [
        info
        for info in call.state.orders.values()
        if info["organizationId"] == organization_id
        and (info["id"] in ids or info.get("posId") in pos_ids)
    ]
    return _answer(orders=copy.deepcopy(found))


def command_status(call: Call) -> dict:
    organization_id = call.organization()
    command = call.state.commands.get(call.body["correlationId"])
    if command is None or command.organization_id != organization_id:
        raise Refused(410, "The command is not known", "PASSED_COMMAND_NOT_FOUND")
    return call.state.poll(command)


def webhook_settings(call: Call) -> dict:
    target = call.state.webhooks.get(call.organization(), {})
    return _answer(
        apiLoginName="fake",
        webHooksUri=target.get("url"),
        authToken=target.get("token"),
        webHooksFilter=target.get("filter"),
    )


def update_webhook_settings(call: Call) -> dict:
    call.state.webhooks[call.organization()] = {
        "url": call.body["webHooksUri"],
        "token": call.body.get("authToken"),
        "filter": call.body.get("webHooksFilter"),
    }
    return _answer()


HANDLERS = {
    "/api/1/access_token": access_token,
    "/api/v2/access_token": access_token_v2,
    "/api/1/organizations": organizations,
    "/api/1/terminal_groups": terminal_groups,
    "/api/1/employees/couriers": couriers,
    "/api/1/employees/shift/clockin": clock_in,
    "/api/1/employees/shift/clockout": clock_out,
    "/api/1/employees/shift/is_open": shift_is_open,
    "/api/1/employees/shifts/by_courier": shifts_by_courier,
    "/api/1/deliveries/update_order_delivery_status": update_order_delivery_status,
    "/api/1/deliveries/by_id": deliveries_by_id,
    "/api/1/commands/status": command_status,
    "/api/1/webhooks/settings": webhook_settings,
    "/api/1/webhooks/update_settings": update_webhook_settings,
}
