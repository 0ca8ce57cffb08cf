"""What the fake Syrve knows: logins, tokens, restaurants, drivers, shifts, orders and commands.

Commands behave like the real ones: accepting a command says nothing about its outcome, which is
decided when the command settles, either by itself after `delay` seconds or, when `polls` is set,
after that many answers of "InProgress". Nothing here speaks HTTP; `syrve.py` does.
"""

import base64
import copy
import json
import time
import uuid
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

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
class State:
    token_lifetime: float = 3600.0
    default_fate: Fate = field(default_factory=Fate)
    fates: deque[Fate] = field(default_factory=deque)
    api_logins: set[str] = field(default_factory=lambda: {API_LOGIN})
    apps: dict[str, str] = field(default_factory=lambda: {APP_ID: CLIENT_SECRET})
    tokens: dict[str, float] = field(default_factory=dict)
    organizations: dict[str, str] = field(
        default_factory=lambda: {ORGANIZATION_ID: "Demo Restaurant"}
    )
    terminal_groups: list[dict] = field(default_factory=lambda: _terminal_groups())
    couriers: list[dict] = field(default_factory=lambda: _couriers())
    shifts: dict[tuple[str, str], dict] = field(default_factory=dict)
    orders: dict[str, dict] = field(default_factory=dict)
    commands: dict[str, Command] = field(default_factory=dict)
    webhooks: dict[str, dict] = field(default_factory=dict)
    on_event: Callable[[dict], None] = lambda event: None
    _last_millis: int = 0

    # Tokens

    def issue_token(self) -> str:
        """A token shaped like the real one: a JWT whose `exp` a client may read."""
        expires_at = time.time() + self.token_lifetime
        claims = {"exp": int(expires_at), "jti": str(uuid.uuid4())}
        parts = ({"alg": "none", "typ": "JWT"}, claims)
        encoded = [base64.urlsafe_b64encode(json.dumps(p).encode()).decode() for p in parts]
        token = ".".join(part.rstrip("=") for part in encoded) + ".fake"
        self.tokens[token] = expires_at
        return token

    def token_is_valid(self, token: str) -> bool:
        return self.tokens.get(token, 0) > time.time()

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

    def local_now(self, terminal_group_id: str) -> str:
        zones = {group["id"]: group["timeZone"] for group in self.terminal_groups}
        return format_time(datetime.now(ZoneInfo(zones.get(terminal_group_id, "UTC"))))

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
            changes["whenSended"] = self.local_now(order["terminalGroupId"])
        self.change_order(body["orderId"], changes)
        return None

    # Shifts

    def set_shift(self, body: dict, opened: bool) -> str | None:
        """Open or close a shift; a change is announced, a repetition is not."""
        problem = self.shift_problem(body)
        if problem:
            return problem
        key = (body["employeeId"], body["terminalGroupId"])
        if self.is_open(*key) == opened:
            return None
        self.shifts[key] = {"opened": opened, "roleId": body.get("roleId")}
        self.on_event(self.shift_event(body, opened))
        return None

    def shift_event(self, body: dict, opened: bool) -> dict:
        info = {
            "id": body["employeeId"],
            "roleId": body.get("roleId"),
            "opened": opened,
            "terminalGroupId": body["terminalGroupId"],
        }
        return self.event("PersonalShift", body.get("organizationId", ORGANIZATION_ID), info)

    def shift_problem(self, body: dict) -> str | None:
        if body["employeeId"] not in {courier["id"] for courier in self.couriers}:
            return "UserNotFound"
        if body["terminalGroupId"] not in {group["id"] for group in self.terminal_groups}:
            return "TerminalGroupUnregistered"
        return None

    def is_open(self, employee_id: str, terminal_group_id: str) -> bool:
        return self.shifts.get((employee_id, terminal_group_id), {}).get("opened", False)


def _terminal_groups() -> list[dict]:
    return [
        {
            "id": f"a5561d5e-0000-4000-8000-{number:012d}",
            "organizationId": ORGANIZATION_ID,
            "name": f"Kitchen {number}",
            "address": None,
            "timeZone": "Europe/Dublin",
        }
        for number in (1, 2)
    ]


def _couriers() -> list[dict]:
    """Two drivers, one who left, and a system account, as real lists have one."""
    people = [
        (17, "Courier", "Seventeen", False),
        (18, "Courier", "Eighteen", False),
        (19, "Courier", "Nineteen", True),
        (99, "iikoTransport", None, False),
    ]
    return [
        {
            "id": f"ffc60000-0000-4000-8000-{number:012d}",
            "firstName": first,
            "middleName": None,
            "lastName": last,
            "displayName": f"{first} {last}" if last else first,
            "code": str(number),
            "isDeleted": deleted,
        }
        for number, first, last, deleted in people
    ]
