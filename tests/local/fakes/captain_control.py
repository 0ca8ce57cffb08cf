"""The control API of the fake Captain.AI: keys, accounts, and what its own staff would do.

Besides what every fake has (control.py, where faults are queued for an "operation", such as
create_order; captain_contract.py names them all); all bodies and answers are JSON.
  POST  /_control/settings         {"rate_limit"? [calls, seconds] or null, per integration key,
                                   "errors_as"? "list" or "tree"}
  PUT   /_control/keys             {"integration_key", "developer_key", "accounts"? (all)}
  DELETE /_control/keys            {"integration_key", "developer_key"}
  PUT   /_control/accounts         {"uuid", "friendly_name"?, "partners_external_identifier"?, ...}
  PATCH /_control/orders/{uuid}    {"status", ...}: as staff would, without any check
  PATCH /_control/drivers/{uuid}   {"on_duty"?, "active"?, ...}
  GET   /_control/state/orders     newest first, each with its account_uuid; ?account_uuid= and
                                   ?partners_unique_internal_order_id= choose
  GET   /_control/state/orders/{uuid}
  GET   /_control/state/drivers    ?account_uuid= and ?partners_external_identifier= choose
  GET   /_control/state/drivers/{uuid}
"""

from typing import TYPE_CHECKING

from aiohttp import web

from .control import Control, Handler

if TYPE_CHECKING:
    from .captain_api import FakeCaptainApi


class CaptainControl(Control):
    caller_name = "integration_key"
    fake: "FakeCaptainApi"

    def routes(self) -> list[tuple[str, str, Handler]]:
        return [
            *super().routes(),
            ("POST", "settings", self.settings),
            ("PUT", "keys", self.add_keys),
            ("DELETE", "keys", self.remove_keys),
            ("PUT", "accounts", self.set_account),
            ("PATCH", "orders/{uuid}", self.change_order),
            ("PATCH", "drivers/{uuid}", self.change_driver),
            ("GET", "state/orders", self.orders),
            ("GET", "state/orders/{uuid}", self.order),
            ("GET", "state/drivers", self.drivers),
            ("GET", "state/drivers/{uuid}", self.driver),
        ]

    async def settings(self, request: web.Request, body: dict) -> dict:
        if "rate_limit" in body:
            self.fake.limit(body["rate_limit"])
        if "errors_as" in body:
            self.fake.state.errors_as_tree = {"list": False, "tree": True}[body["errors_as"]]
        return {}

    async def add_keys(self, request: web.Request, body: dict) -> dict:
        self.fake.state.add_keys(
            body["integration_key"], body["developer_key"], body.get("accounts")
        )
        return {}

    async def remove_keys(self, request: web.Request, body: dict) -> dict:
        del self.fake.state.keys[body["integration_key"], body["developer_key"]]
        return {}

    async def set_account(self, request: web.Request, body: dict) -> dict:
        changes = dict(body)
        name = changes.pop("friendly_name", "Restaurant")
        return self.fake.state.add_account(changes.pop("uuid"), name, **changes)

    async def change_order(self, request: web.Request, body: dict) -> dict:
        changes, order = dict(body), self._order(request)
        if "status" in changes:
            self.fake.state.set_order_status(order, changes.pop("status"))
        self.fake.state.change_order(order, changes)
        return order

    async def change_driver(self, request: web.Request, body: dict) -> dict:
        driver = self.fake.state.drivers[request.match_info["uuid"]]
        driver.update(body)
        return driver

    async def orders(self, request: web.Request, body: dict) -> list:
        accounts = self.fake.state.order_accounts
        orders = [
            {"account_uuid": accounts[uuid], **order}
            for uuid, order in self.fake.state.orders.items()
        ]
        return _chosen(orders[::-1], request)

    async def order(self, request: web.Request, body: dict) -> dict:
        return self._order(request)

    async def drivers(self, request: web.Request, body: dict) -> list:
        return _chosen(list(self.fake.state.drivers.values()), request)

    async def driver(self, request: web.Request, body: dict) -> dict:
        return self.fake.state.drivers[request.match_info["uuid"]]

    def _order(self, request: web.Request) -> dict:
        return self.fake.state.orders[request.match_info["uuid"]]


def _chosen(entries: list[dict], request: web.Request) -> list[dict]:
    wanted = request.query.items()
    return [entry for entry in entries if all(entry.get(name) == text for name, text in wanted)]
