"""The control API of the fake Syrve: how tests and the demo play the restaurant and the faults.

All bodies and answers are JSON.
  POST /_control/reset            forget everything
  POST /_control/settings         {"token_lifetime"?, "api_logins"?, "webhook_attempts"?}
  PUT  /_control/webhook          {"organizationId"?, "url", "token", "filter"?}
  POST /_control/orders           {"eventInfo", "webhook"?: true, "eventType"?, "eventTime"?}
  POST /_control/orders/{id}      {"status", ...}: change order fields as the POS would
  POST /_control/shift            {"employeeId", "opened", "terminalGroupId"?, "roleId"?, ...}
  POST /_control/send             {"body", "organizationId"?}: any webhook body, as it is
  POST /_control/faults           {"path", "kind", "times"?, ...}, see syrve_faults.py
  POST /_control/command_fate     {"polls"?, "delay"?, "result"?, "errorReason"?, "times"?}
                                  without "times" it becomes the fate of all later commands
  POST /_control/expire_tokens    every token issued so far becomes invalid
  GET  /_control/requests?path=   what was received, newest last
  GET  /_control/violations       what broke the contract
  GET  /_control/webhooks         what was sent, with attempts and the last status
  GET  /_control/state/order/{id} the order's eventInfo
  GET  /_control/state/shifts     also at /_control/shifts
"""

import json
from typing import TYPE_CHECKING

from aiohttp import web

from . import syrve_contract as contract
from .syrve_state import ORGANIZATION_ID, TERMINAL_GROUP_ID, Fate

if TYPE_CHECKING:
    from .syrve import FakeSyrve


def add_control_routes(app: web.Application, fake: "FakeSyrve") -> None:
    control = Control(fake)
    routes = [
        ("POST", "reset", control.reset),
        ("POST", "settings", control.settings),
        ("PUT", "webhook", control.set_webhook),
        ("POST", "orders", control.store_order),
        ("POST", "orders/{id}", control.change_order),
        ("POST", "shift", control.shift),
        ("POST", "send", control.send),
        ("POST", "faults", control.add_fault),
        ("POST", "command_fate", control.command_fate),
        ("POST", "expire_tokens", control.expire_tokens),
        ("GET", "requests", control.requests),
        ("GET", "violations", control.violations),
        ("GET", "webhooks", control.webhooks),
        ("GET", "state/order/{id}", control.order),
        ("GET", "state/shifts", control.shifts),
        ("GET", "shifts", control.shifts),
    ]
    for method, path, handler in routes:
        app.router.add_route(method, f"/_control/{path}", _json(handler))


def _json(handler):
    async def serve(request: web.Request) -> web.Response:
        text = await request.text()
        try:
            body = json.loads(text) if text else {}
            return web.json_response(await handler(request, body))
        except (KeyError, ValueError, TypeError) as error:
            return web.json_response({"error": f"{type(error).__name__}: {error}"}, status=400)

    return serve


class Control:
    def __init__(self, fake: "FakeSyrve") -> None:
        self.fake = fake

    async def reset(self, request: web.Request, body: dict) -> dict:
        self.fake.reset()
        return {}

    async def settings(self, request: web.Request, body: dict) -> dict:
        state = self.fake.state
        state.token_lifetime = float(body.get("token_lifetime", state.token_lifetime))
        state.api_logins = set(body.get("api_logins", state.api_logins))
        sender = self.fake.sender
        sender.attempts = int(body.get("webhook_attempts", sender.attempts))
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
        key = (shift["employeeId"], shift["terminalGroupId"])
        opened = bool(shift["opened"])
        self.fake.state.shifts[key] = {"opened": opened, "roleId": shift.get("roleId")}
        event = self.fake.state.shift_event(shift, opened)
        event["eventTime"] = shift.get("eventTime", event["eventTime"])
        queued = shift.get("webhook", True) and self.fake.announce(event)
        return {"queued": queued, "correlationId": event["correlationId"]}

    async def send(self, request: web.Request, body: dict) -> dict:
        target = self.fake.state.webhooks[body.get("organizationId", ORGANIZATION_ID)]
        return {"status": await self.fake.sender.send(target, body["body"])}

    async def add_fault(self, request: web.Request, body: dict) -> dict:
        self.fake.faults.add(body)
        return {}

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

    async def requests(self, request: web.Request, body: dict) -> list:
        path = request.query.get("path")
        return [entry for entry in self.fake.requests if path in (None, entry["path"])]

    async def violations(self, request: web.Request, body: dict) -> list:
        return self.fake.violations

    async def webhooks(self, request: web.Request, body: dict) -> list:
        return self.fake.sender.sent

    async def order(self, request: web.Request, body: dict) -> dict:
        return self.fake.state.orders[request.match_info["id"]]

    async def shifts(self, request: web.Request, body: dict) -> list:
        return [
            {"employeeId": employee, "terminalGroupId": terminal_group, **shift}
            for (employee, terminal_group), shift in self.fake.state.shifts.items()
        ]
