"""The operations of the fake Syrve: one function per path, body in, answer out.

Bodies have passed the contract check before they come here; what is refused here is what only
the state can tell (a wrong login, an unknown organization, a forgotten command).
"""

import copy
import uuid
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .syrve import FakeSyrve


class Refused(Exception):
    def __init__(self, status: int, description: str, code: str | None = None) -> None:
        super().__init__(description)
        self.status, self.description, self.code = status, description, code


def _answer(**fields: object) -> dict:
    return {"correlationId": str(uuid.uuid4()), **fields}


def _check_organization(fake: "FakeSyrve", organization_id: str) -> None:
    if organization_id not in fake.state.organizations:
        raise Refused(400, "The organization is not available", "Transport_WrongCrmId")


def access_token(fake: "FakeSyrve", body: dict) -> dict:
    if body["apiLogin"] not in fake.state.api_logins:
        raise Refused(401, "Login is not authorized")
    return _answer(token=fake.state.issue_token())


def access_token_v2(fake: "FakeSyrve", body: dict) -> dict:
    known = fake.state.apps.get(body["appId"]) == body["clientSecret"]
    if not known or body["apiKey"] not in fake.state.api_logins:
        raise Refused(401, "Application is not authorized")
    return _answer(token=fake.state.issue_token())


def organizations(fake: "FakeSyrve", body: dict) -> dict:
    wanted = body.get("organizationIds")
    found = [
        {"responseType": "Simple", "id": identifier, "name": name, "code": None}
        for identifier, name in fake.state.organizations.items()
        if not wanted or identifier in wanted
    ]
    return _answer(organizations=found)


def terminal_groups(fake: "FakeSyrve", body: dict) -> dict:
    found = []
    for organization_id in body["organizationIds"]:
        groups = fake.state.terminal_groups
        items = [group for group in groups if group["organizationId"] == organization_id]
        found.append({"organizationId": organization_id, "items": items})
    return _answer(terminalGroups=found, terminalGroupsInSleep=[])


def couriers(fake: "FakeSyrve", body: dict) -> dict:
    for organization_id in body["organizationIds"]:
        _check_organization(fake, organization_id)
    found = [
        {"organizationId": organization_id, "items": fake.state.couriers}
        for organization_id in body["organizationIds"]
    ]
    return _answer(employees=found)


def clock_in(fake: "FakeSyrve", body: dict) -> dict:
    return _change_shift(fake, body, opened=True)


def clock_out(fake: "FakeSyrve", body: dict) -> dict:
    return _change_shift(fake, body, opened=False)


def _change_shift(fake: "FakeSyrve", body: dict, opened: bool) -> dict:
    _check_organization(fake, body["organizationId"])
    if problem := fake.state.shift_problem(body):
        return _answer(error=problem)
    correlation_id = fake.run_command(
        body["organizationId"], lambda: fake.state.set_shift(body, opened)
    )
    return {"correlationId": correlation_id, "error": None}


def shift_is_open(fake: "FakeSyrve", body: dict) -> dict:
    if problem := fake.state.shift_problem(body):
        return _answer(isSessionOpened=None, error=problem)
    opened = fake.state.is_open(body["employeeId"], body["terminalGroupId"])
    return _answer(isSessionOpened=opened, error=None)


def shifts_by_courier(fake: "FakeSyrve", body: dict) -> dict:
    found = [
        terminal_group
        for (employee, terminal_group), shift in fake.state.shifts.items()
        if employee == body["employeeId"] and shift["opened"]
    ]
    return {"terminalGroupIds": found}


def update_order_delivery_status(fake: "FakeSyrve", body: dict) -> dict:
    _check_organization(fake, body["organizationId"])
    return {
        "correlationId": fake.run_command(body["organizationId"], lambda: fake.state.deliver(body))
    }


def deliveries_by_id(fake: "FakeSyrve", body: dict) -> dict:
    _check_organization(fake, body["organizationId"])
    ids, pos_ids = body.get("orderIds") or [], body.get("posOrderIds") or []
    found = [
        info
        for info in fake.state.orders.values()
        if info["organizationId"] == body["organizationId"]
        and (info["id"] in ids or info.get("posId") in pos_ids)
    ]
    return _answer(orders=copy.deepcopy(found))


def command_status(fake: "FakeSyrve", body: dict) -> dict:
    command = fake.state.commands.get(body["correlationId"])
    if command is None or command.organization_id != body["organizationId"]:
        raise Refused(410, "The command is not known", "PASSED_COMMAND_NOT_FOUND")
    return fake.state.poll(command)


def webhook_settings(fake: "FakeSyrve", body: dict) -> dict:
    _check_organization(fake, body["organizationId"])
    target = fake.state.webhooks.get(body["organizationId"], {})
    return _answer(
        apiLoginName="fake",
        webHooksUri=target.get("url"),
        authToken=target.get("token"),
        webHooksFilter=target.get("filter"),
    )


def update_webhook_settings(fake: "FakeSyrve", body: dict) -> dict:
    _check_organization(fake, body["organizationId"])
    fake.state.webhooks[body["organizationId"]] = {
        "url": body["webHooksUri"],
        "token": body.get("authToken"),
        "filter": body.get("webHooksFilter"),
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
