"""Syrve and Captain.AI, which the functions call while they are measured.

They answer as the suite's fakes do, by the same operations on the same state, but without the
fakes' servers: those check each request against the contracts, which takes longer than what is
measured here and is the tests' business.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from local.fakes import captain_contract, captain_operations, syrve_operations
from local.fakes.captain_state import CaptainState
from local.fakes.syrve_logins import Login
from local.fakes.syrve_state import API_LOGIN, State

Answer = tuple[int, dict | list]


class NotAnsweredError(Exception):
    """A call that nobody answers as it should be; the text says why."""


@dataclass(frozen=True)
class Operation:
    """One call of a system: its name, and what answers a body."""

    name: str
    answer: Callable[[dict], Answer]


@dataclass
class Syrve:
    """What the operations of the fake Syrve want of it. Nobody waits for a command to end here."""

    state: State = field(default_factory=State)

    def run_command(self, organization_id: str, apply: Callable[[], str | None]) -> str:
        return self.state.new_command(organization_id, apply).correlation_id


@dataclass
class Systems:
    syrve: Syrve = field(default_factory=Syrve)
    captain: CaptainState = field(default_factory=CaptainState)

    def find(self, method: str, path: str) -> Operation | None:
        if handler := syrve_operations.HANDLERS.get(path):
            name = path.rpartition("/")[2]
            return Operation(name, lambda body: self._ask_syrve(handler, body))
        if found := captain_contract.find(method, path):
            operation, ids = found
            return Operation(
                operation.name, lambda body: self._ask_captain(operation.name, ids, body)
            )
        return None

    def _ask_syrve(self, handler: Callable, body: dict) -> Answer:
        call = syrve_operations.Call(self.syrve, body, Login(API_LOGIN))
        try:
            return 200, handler(call)
        except syrve_operations.Refused as refused:
            raise NotAnsweredError(refused.description) from refused

    def _ask_captain(self, name: str, ids: dict[str, str], body: dict) -> Answer:
        call = captain_operations.Call(self.captain, ids, body, None)
        try:
            return captain_operations.carry_out(name, call)
        except captain_operations.Refused as refused:
            raise NotAnsweredError(refused.words) from refused
