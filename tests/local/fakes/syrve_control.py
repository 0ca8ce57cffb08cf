"""The control API of the fake Syrve: how tests and the demo play the restaurant and the faults.

Besides what every fake has (control.py); all bodies and answers are JSON. Where an organization
may be named, the demo's is meant if it is not.
  POST /_control/settings         {"token_lifetime"?, "api_logins"?, "webhook_attempts"?,
                                  "rate_limits"? {group: [calls, seconds]}, per login,
                                  "roles_required"? [organization, ...]}
  PUT  /_control/logins           {"login", "organizations"? (all), "blocked"?, "inactive"?,
                                  "rights_missing"? [path, ...]}: all of it at once
  PUT  /_control/organizations    {"organizationId", "name"?}
  PUT  /_control/couriers         {"organizationId"?, "items" or "count"}: its whole list
  PATCH /_control/couriers/{id}   {"organizationId"?, "isDeleted"?, "displayName"?, ...}
  DELETE /_control/couriers/{id}  {"organizationId"?}: vanishes from the list
  PUT  /_control/terminal_groups  {"organizationId"?, "items"}
  PUT  /_control/webhook          {"organizationId"?, "url", "token", "filter"?}
  POST /_control/orders           {"eventInfo", "webhook"?: true, "eventType"?, "eventTime"?}
  POST /_control/orders/{id}      {"status", ...}: change order fields as the POS would
  POST /_control/shift            {"employeeId", "opened", "terminalGroupId"?, "roleId"?, ...}
  POST /_control/send             {"body", "organizationId"?}: any webhook body, as it is
  POST /_control/command_fate     {"polls"?, "delay"?, "result"?, "errorReason"?, "times"?}
                                  without "times" it becomes the fate of all later commands
  POST /_control/expire_tokens    every token issued so far becomes invalid
  GET  /_control/webhooks         what was sent, with attempts and the last status
  GET  /_control/state/order/{id} the order's eventInfo
  GET  /_control/state/shifts     also at /_control/shifts
  GET  /_control/state/couriers?organizationId=
"""

from typing import TYPE_CHECKING

from aiohttp import web

from . import syrve_contract as contract
from .control import Control, Handler
from .limits import rates_from
from .syrve_groups import GROUPS
from .syrve_people import make_couriers
from .syrve_state import ORGANIZATION_ID, TERMINAL_GROUP_ID, Fate

if TYPE_CHECKING:
    from .syrve import FakeSyrve


class SyrveControl(Control):
    caller_name = "login"
    fake: "FakeSyrve"

    def routes(self) -> list[tuple[str, str, Handler]]:
        return [
            *super().routes(),
            ("POST", "settings", self.settings),
            ("PUT", "logins", self.set_login),
            ("PUT", "organizations", self.set_organization),
            ("PUT", "couriers", self.set_couriers),
            ("PATCH", "couriers/{id}", self.change_courier),
            ("DELETE", "couriers/{id}", self.remove_courier),
            ("PUT", "terminal_groups", self.set_terminal_groups),
            ("PUT", "webhook", self.set_webhook),
            ("POST", "orders", self.store_order),
            ("POST", "orders/{id}", self.change_order),
            ("POST", "shift", self.shift),
            ("POST", "send", self.send),
            ("POST", "command_fate", self.command_fate),
            ("POST", "expire_tokens", self.expire_tokens),
            ("GET", "webhooks", self.webhooks),
            ("GET", "state/order/{id}", self.order),
            ("GET", "state/shifts", self.shifts),
            ("GET", "state/couriers", self.couriers),
            ("GET", "shifts", self.shifts),
        ]

    async def settings(self, request: web.Request, body: dict) -> dict:
        state = self.fake.state
        state.token_lifetime = float(body.get("token_lifetime", state.token_lifetime))
        if "api_logins" in body:
            state.api_logins.clear()
            for name in body["api_logins"]:
                state.add_login(name)
        if "rate_limits" in body:
            self.fake.limits.rates = rates_from(body["rate_limits"], set(GROUPS.values()))
        state.roles_required = set(body.get("roles_required", state.roles_required))
        sender = self.fake.sender
        sender.attempts = int(body.get("webhook_attempts", sender.attempts))
        return {}

    async def set_login(self, request: web.Request, body: dict) -> dict:
        login = self.fake.state.add_login(body["login"], body.get("organizations"))
        login.blocked = bool(body.get("blocked", False))
        login.inactive = bool(body.get("inactive", False))
        login.rights_missing = set(body.get("rights_missing", ()))
        return {}

    async def set_organization(self, request: web.Request, body: dict) -> dict:
        organization_id = body["organizationId"]
        self.fake.state.organizations[organization_id] = body.get("name", "Restaurant")
        return {}

    async def set_couriers(self, request: web.Request, body: dict) -> dict:
        organization_id = body.get("organizationId", ORGANIZATION_ID)
        if "count" in body:
            items = make_couriers(organization_id, int(body["count"]))
        else:
            items = body["items"]
        listed = {"organizationId": organization_id, "items": items}
        if problem := contract.couriers_problem(listed):
            raise ValueError(problem)
        self.fake.state.couriers[organization_id] = items
        return {"count": len(items)}

    async def change_courier(self, request: web.Request, body: dict) -> dict:
        changes = dict(body)
        organization_id = changes.pop("organizationId", ORGANIZATION_ID)
        self.fake.state.change_courier(organization_id, request.match_info["id"], **changes)
        return {}

    async def remove_courier(self, request: web.Request, body: dict) -> dict:
        organization_id = body.get("organizationId", ORGANIZATION_ID)
        self.fake.state.remove_courier(organization_id, request.match_info["id"])
        return {}

    async def set_terminal_groups(self, request: web.Request, body: dict) -> dict:
        organization_id = body.get("organizationId", ORGANIZATION_ID)
        self.fake.state.terminal_groups[organization_id] = body["items"]
        return {}

    async def set_webhook(self, request: web.Request, body: dict) -> dict:
        organization_id = body.get("organizationId", ORGANIZATION_ID)
        target = {"url": body["url"], "token": body.get("token"), "filter": body.get("filter")}
        self.fake.state.webhooks[organization_id] = target
        return {}

    async def store_order(self, request: web.Request, body: dict) -> dict:
        info = body["eventInfo"]
        if problem := contract.order_info_problem(info):
            raise ValueError(problem)
        self.fake.state.orders[info["id"]] = info
        if not body.get("webhook", True):
            return {"queued": False}
        event_type = body.get("eventType", "DeliveryOrderUpdate")
        event = self.fake.state.event(event_type, info["organizationId"], info)
        event["eventTime"] = body.get("eventTime", event["eventTime"])
        return {"queued": self.fake.announce(event), "correlationId": event["correlationId"]}

    async def change_order(self, request: web.Request, body: dict) -> dict:
        order_id = request.match_info["id"]
        self.fake.state.change_order(order_id, body)
        return self.fake.state.orders[order_id]

    async def shift(self, request: web.Request, body: dict) -> dict:
        shift = {"terminalGroupId": TERMINAL_GROUP_ID, "organizationId": ORGANIZATION_ID} | body
        opened = bool(shift["opened"])
        self.fake.state.record_shift(shift, opened)
        event = self.fake.state.shift_event(shift, opened)
        event["eventTime"] = shift.get("eventTime", event["eventTime"])
        queued = shift.get("webhook", True) and self.fake.announce(event)
        return {"queued": queued, "correlationId": event["correlationId"]}

    async def send(self, request: web.Request, body: dict) -> dict:
        target = self.fake.state.webhooks[body.get("organizationId", ORGANIZATION_ID)]
        return {"status": await self.fake.sender.send(target, body["body"])}

    async def command_fate(self, request: web.Request, body: dict) -> dict:
        result = body.get("result", "Success")
        if result not in ("Success", "Error"):
            raise ValueError("result must be Success or Error")
        fate = Fate(
            result=result,
            polls=int(body.get("polls", 0)),
            delay=float(body.get("delay", 0)),
            error_reason=body.get("errorReason"),
        )
        if "times" in body:
            self.fake.state.fates.extend([fate] * int(body["times"]))
        else:
            self.fake.state.default_fate = fate
        return {}

    async def expire_tokens(self, request: web.Request, body: dict) -> dict:
        self.fake.state.tokens.clear()
        return {}

    async def webhooks(self, request: web.Request, body: dict) -> list:
        return self.fake.sender.sent

    async def order(self, request: web.Request, body: dict) -> dict:
        return self.fake.state.orders[request.match_info["id"]]

    async def shifts(self, request: web.Request, body: dict) -> list:
        return [
            {
                "organizationId": organization,
                "employeeId": employee,
                "terminalGroupId": terminal_group,
                **shift,
            }
            for (organization, employee, terminal_group), shift in self.fake.state.shifts.items()
        ]

    async def couriers(self, request: web.Request, body: dict) -> list:
        organization_id = request.query.get("organizationId", ORGANIZATION_ID)
        return self.fake.state.couriers_of(organization_id)
