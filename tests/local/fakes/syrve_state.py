"""What the fake Syrve knows: logins, tokens, restaurants, drivers, shifts, orders and commands.

Commands behave like the real ones: accepting a command says nothing about its outcome, which is
decided when the command settles, either by itself after `delay` seconds or, when `polls` is set,
after that many answers of "InProgress". Nothing here speaks HTTP; `syrve.py` does.
"""

import copy
import time
import uuid
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from .syrve_logins import Login, Logins
from .syrve_people import default_couriers, default_terminal_groups

ORGANIZATION_ID = "7bc05553-4b68-44e8-b7bc-37be63c6d9e9"
TERMINAL_GROUP_ID = "a5561d5e-0000-4000-8000-000000000001"
EMPLOYEE_ID = "ffc60000-0000-4000-8000-000000000017"
API_LOGIN = "fake-api-login"
APP_ID = "0a000000-0000-4000-8000-000000000001"
CLIENT_SECRET = "fake-client-secret"
TIME_FORMAT = "%Y-%m-%d %H:%M:%S.%f"
FINAL_STATUSES = ("Closed", "Cancelled")


def format_time(moment: datetime) -> str:
    """Syrve's own format: no zone, a space, milliseconds."""
    return moment.strftime(TIME_FORMAT)[:-3]


@dataclass
class Fate:
    """How commands end: after `polls` polls and `delay` seconds, as `result`."""

    result: str = "Success"
    polls: int = 0
    delay: float = 0.0
    error_reason: str | None = None


@dataclass
class Command:
    correlation_id: str
    organization_id: str
    apply: Callable[[], str | None]
    fate: Fate
    polls: int = 0
    state: str = "InProgress"
    error_reason: str | None = None

    def settle(self) -> None:
        if self.state != "InProgress":
            return
        if self.fate.result == "Success":
            self.error_reason = self.apply()
        else:
            self.error_reason = self.fate.error_reason or "UnknownError"
        self.state = "Error" if self.error_reason else "Success"


@dataclass
class State(Logins):
    """`couriers` and `terminal_groups` are by organization; one that has none has the default.

    `roles_required` names the organizations that use roles, and shifts are known by organization,
    employee and terminal group.
    """

    api_logins: dict[str, Login] = field(default_factory=lambda: {API_LOGIN: Login(API_LOGIN)})
    apps: dict[str, str] = field(default_factory=lambda: {APP_ID: CLIENT_SECRET})
    default_fate: Fate = field(default_factory=Fate)
    fates: deque[Fate] = field(default_factory=deque)
    organizations: dict[str, str] = field(
        default_factory=lambda: {ORGANIZATION_ID: "Demo Restaurant"}
    )
    roles_required: set[str] = field(default_factory=set)
    terminal_groups: dict[str, list[dict]] = field(default_factory=dict)
    couriers: dict[str, list[dict]] = field(default_factory=dict)
    default_couriers: list[dict] = field(default_factory=default_couriers)
    shifts: dict[tuple[str, str, str], dict] = field(default_factory=dict)
    orders: dict[str, dict] = field(default_factory=dict)
    commands: dict[str, Command] = field(default_factory=dict)
    webhooks: dict[str, dict] = field(default_factory=dict)
    on_event: Callable[[dict], None] = lambda event: None
    _last_millis: int = 0

    # Time: strictly increasing, because receivers order events by it

    def now_millis(self) -> int:
        self._last_millis = max(int(time.time() * 1000), self._last_millis + 1)
        return self._last_millis

    def event(self, event_type: str, organization_id: str, info: dict) -> dict:
        moment = datetime.fromtimestamp(self.now_millis() / 1000, UTC)
        return {
            "eventType": event_type,
            "eventTime": format_time(moment),
            "organizationId": organization_id,
            "correlationId": str(uuid.uuid4()),
            "eventInfo": copy.deepcopy(info),
        }

    def local_now(self, organization_id: str, terminal_group_id: str) -> str:
        groups = self.terminal_groups_of(organization_id)
        zones = {group["id"]: group["timeZone"] for group in groups}
        return format_time(datetime.now(ZoneInfo(zones.get(terminal_group_id, "UTC"))))

    # People and kitchens

    def couriers_of(self, organization_id: str) -> list[dict]:
        return self.couriers.get(organization_id, self.default_couriers)

    def change_courier(self, organization_id: str, employee_id: str, **changes: object) -> None:
        """Rename, delete (`isDeleted=True`) or bring back one courier."""
        changed = copy.deepcopy(self.couriers_of(organization_id))
        found = [courier for courier in changed if courier["id"] == employee_id]
        if not found:
            raise KeyError(f"no courier {employee_id}")
        for courier in found:
            courier.update(changes)
        self.couriers[organization_id] = changed

    def remove_courier(self, organization_id: str, employee_id: str) -> None:
        """Let one courier vanish from the list without a word."""
        left = [c for c in self.couriers_of(organization_id) if c["id"] != employee_id]
        self.couriers[organization_id] = left

    def terminal_groups_of(self, organization_id: str) -> list[dict]:
        own = self.terminal_groups.get(organization_id)
        return default_terminal_groups(organization_id) if own is None else own

    # Commands

    def new_command(self, organization_id: str, apply: Callable[[], str | None]) -> Command:
        fate = self.fates.popleft() if self.fates else self.default_fate
        command = Command(str(uuid.uuid4()), organization_id, apply, fate)
        self.commands[command.correlation_id] = command
        return command

    def poll(self, command: Command) -> dict:
        if command.state == "InProgress" and command.fate.polls > 0:
            command.polls += 1
            if command.polls > command.fate.polls:
                command.settle()
        if command.state == "Error":
            return {"state": "Error", "exception": None, "errorReason": command.error_reason}
        return {"state": command.state}

    # Orders

    def change_order(self, order_id: str, changes: dict) -> None:
        """Change an order as the POS does: a newer timestamp, and a webhook."""
        info = self.orders[order_id]
        info["order"].update(changes)
        info["timestamp"] = max(self.now_millis(), info["timestamp"] + 1)
        self.on_event(self.event("DeliveryOrderUpdate", info["organizationId"], info))

    def deliver(self, body: dict) -> str | None:
        """Carry out update_order_delivery_status; an error reason, or None when it is done."""
        info = self.orders.get(body["orderId"])
        if info is None or info["order"] is None:
            return "OrderNotFound"
        order, status = info["order"], body["deliveryStatus"]
        if order["status"] in FINAL_STATUSES:
            return f"WrongDeliveryStatus: the order is {order['status']}"
        delivered_at = body.get("deliveryDate")
        if status == "Delivered" and delivered_at is None:
            return "DeliveryDateNotSpecified"
        changes = {"status": status, "whenDelivered": None}
        if status == "Delivered":
            changes["whenDelivered"] = delivered_at
        if status == "Waiting":
            changes["whenSended"] = None
        elif order.get("whenSended") is None:
            changes["whenSended"] = self.local_now(info["organizationId"], order["terminalGroupId"])
        self.change_order(body["orderId"], changes)
        return None

    # Shifts

    def set_shift(self, body: dict, opened: bool) -> str | None:
        """Open or close a shift; a change is announced, a repetition is not."""
        problem = self.shift_problem(body, opened)
        if problem:
            return problem
        if self.is_open(body) == opened:
            return None
        self.record_shift(body, opened)
        self.on_event(self.shift_event(body, opened))
        return None

    def record_shift(self, body: dict, opened: bool) -> None:
        self.shifts[_shift_key(body)] = {"opened": opened, "roleId": body.get("roleId")}

    def shift_event(self, body: dict, opened: bool) -> dict:
        info = {
            "id": body["employeeId"],
            "roleId": body.get("roleId"),
            "opened": opened,
            "terminalGroupId": body["terminalGroupId"],
        }
        return self.event("PersonalShift", body["organizationId"], info)

    def shift_problem(self, body: dict, opened: bool = False) -> str | None:
        """Why a shift cannot be opened, or else cannot be closed or asked about."""
        organization_id = body["organizationId"]
        if not self._employs(organization_id, body["employeeId"], opened):
            return "UserNotFound"
        groups = {group["id"] for group in self.terminal_groups_of(organization_id)}
        if body["terminalGroupId"] not in groups:
            return "TerminalGroupUnregistered"
        if opened:
            return self._role_problem(organization_id, body.get("roleId"))
        return None

    def _employs(self, organization_id: str, employee_id: str, to_work: bool) -> bool:
        """Whoever left may still be asked about and clocked out, but not clocked in."""
        for courier in self.couriers_of(organization_id):
            if courier["id"] == employee_id and not (to_work and courier.get("isDeleted")):
                return True
        known = {(organization, employee) for organization, employee, _ in self.shifts}
        return not to_work and (organization_id, employee_id) in known

    def _role_problem(self, organization_id: str, role_id: str | None) -> str | None:
        """The contract: null if the restaurant uses no roles, else not null."""
        if organization_id in self.roles_required and role_id is None:
            return "RoleRequired: the restaurant uses roles, so one must be given"
        if organization_id not in self.roles_required and role_id is not None:
            return "RoleNotExpected: the restaurant uses no roles, so it must be null"
        return None

    def is_open(self, body: dict) -> bool:
        return self.shifts.get(_shift_key(body), {}).get("opened", False)


def _shift_key(body: dict) -> tuple[str, str, str]:
    return body["organizationId"], body["employeeId"], body["terminalGroupId"]
