"""The operations of the fake Captain.AI: one function per operation of its API.

Keys and bodies have passed their checks before they come here; what is refused here is what only
the state can tell: an unknown account, order or driver, an order that exists, one that is over.
"""

import copy
from dataclasses import dataclass

from .captain_state import CANCELLED, CaptainState

TAKEN = "Partners unique internal order has already been taken"
OVER = "Order has been cancelled and cannot be changed"


class Refused(Exception):
    def __init__(self, status: int, words: str) -> None:
        super().__init__(words)
        self.status, self.words = status, words


@dataclass(frozen=True)
class Call:
    """One request: `ids` are those in its path, `accounts` those its keys may use (None: all)."""

    state: CaptainState
    ids: dict[str, str]
    body: dict
    accounts: set[str] | None

    def may_use(self, account_uuid: str) -> bool:
        return self.accounts is None or account_uuid in self.accounts

    def account(self) -> str:
        uuid = self.ids["account"]
        if uuid not in self.state.accounts or not self.may_use(uuid):
            raise Refused(404, "Account not found")
        return uuid

    def order(self) -> dict:
        """The order of the path, of its account where it names one."""
        uuid = self.ids["order"]
        account = self.state.order_accounts.get(uuid)
        named = self.account() if "account" in self.ids else account
        if account is None or account != named or not self.may_use(account):
            raise Refused(404, "Order not found")
        return self.state.orders[uuid]

    def open_order(self) -> dict:
        order = self.order()
        if order["status"] == CANCELLED:
            raise Refused(422, OVER)
        return order

    def driver(self) -> dict:
        account, driver = self.account(), self.state.drivers.get(self.ids["driver"])
        if driver is None or driver["account_uuid"] != account:
            raise Refused(404, "Driver not found")
        return driver


def check(call: Call) -> None:
    """Refuse a path that leads nowhere before its body is looked at."""
    if "driver" in call.ids:
        call.driver()
    elif "order" in call.ids:
        call.order()
    elif "account" in call.ids:
        call.account()


def test_auth(call: Call) -> dict:
    return {"message": "The keys are valid"}


def list_accounts(call: Call) -> list:
    return [account for uuid, account in call.state.accounts.items() if call.may_use(uuid)]


def create_order(call: Call) -> dict:
    account = call.account()
    if call.state.order_of(call.body["partners_unique_internal_order_id"]):
        raise Refused(422, TAKEN)
    return call.state.create_order(account, call.body)


def list_orders(call: Call) -> list:
    return call.state.orders_of(call.account())


def get_order(call: Call) -> dict:
    return call.order()


def update_order(call: Call) -> dict:
    order = call.open_order()
    call.state.change_order(order, call.body)
    return order


def update_order_status(call: Call) -> dict:
    changes = {name: value for name, value in call.body.items() if name == "scheduled_for"}
    order = call.open_order()
    call.state.set_order_status(order, call.body["status"], **changes)
    return order


def upsert_driver(call: Call) -> dict:
    return call.state.upsert_driver(call.account(), call.body)


def list_drivers(call: Call) -> list:
    return call.state.drivers_of(call.account())


def clock_out_driver(call: Call) -> dict:
    return _clock(call, "out", on_duty=False)


def clock_in_driver(call: Call) -> dict:
    return _clock(call, "in", on_duty=True)


def _clock(call: Call, direction: str, on_duty: bool) -> dict:
    driver = call.driver()
    already = "already_" if driver["on_duty"] == on_duty else ""
    driver["on_duty"] = on_duty
    return {"message": f"driver_{already}clocked_{direction}"}


HANDLERS = {
    handler.__name__: handler
    for handler in (
        test_auth,
        list_accounts,
        create_order,
        list_orders,
        get_order,
        update_order,
        update_order_status,
        upsert_driver,
        list_drivers,
        clock_out_driver,
        clock_in_driver,
    )
}


def carry_out(name: str, call: Call) -> tuple[int, dict | list]:
    """The status and the answer's body, which no later change reaches."""
    answer = HANDLERS[name](call)
    return (201 if name == "create_order" else 200), copy.deepcopy(answer)
