"""The account of the demo, and of each test: what PUT /v1/accounts/{account} is told.

Secrets are made up once and kept in .local/, so that a second `make run` has the same ones and
what a user configured with them still works.
"""

import json
import os
import secrets
from dataclasses import asdict, dataclass, field
from pathlib import Path

from .fakes.captain import ACCOUNT_UUID
from .fakes.captain_state import DEVELOPER_KEY, INTEGRATION_KEY
from .fakes.syrve_state import API_LOGIN, ORGANIZATION_ID


def _secret() -> str:
    return secrets.token_urlsafe(24)


@dataclass(frozen=True)
class Account:
    account_id: str = "demo"
    organization_id: str = ORGANIZATION_ID
    api_login: str = API_LOGIN
    syrve_token: str = field(default_factory=_secret)
    captain_token: str = field(default_factory=_secret)
    captain_account_uuid: str = ACCOUNT_UUID
    captain_integration_key: str = INTEGRATION_KEY
    captain_developer_key: str = DEVELOPER_KEY
    # Calls per minute with Syrve, by group; None leaves it to the bridge.
    rate_limits: dict[str, int] | None = None
    # Calls per minute with Captain.AI.
    captain_rate: int | None = None

    def body(self, syrve_url: str, captain_url: str | None = None) -> dict:
        """With a `captain_url` the account's orders are dispatched there, else nowhere."""
        told = captain_url is not None
        rates = {} if self.rate_limits is None else {"rate_limits": self.rate_limits}
        rate = {} if self.captain_rate is None else {"requests_per_minute": self.captain_rate}
        return {
            "name": "Demo Restaurant",
            "time_zone": "Europe/Dublin",
            "enabled": True,
            "syrve": {
                "base_url": syrve_url,
                "organization_id": self.organization_id,
                "api_login": self.api_login,
                "webhook_token": self.syrve_token,
                "terminal_group_id": None,
                **rates,
            },
            "fleets": {
                "captain": {
                    "webhook_token": self.captain_token,
                    "base_url": captain_url,
                    "integration_key": self.captain_integration_key if told else None,
                    "developer_key": self.captain_developer_key if told else None,
                    "account_uuid": self.captain_account_uuid if told else None,
                    **rate,
                }
            },
            "dispatch_to": "captain" if told else None,
            "match_orders_by": "order_id",
        }


@dataclass(frozen=True)
class Secrets:
    """What one installation keeps from run to run."""

    api_token: str
    demo: Account

    @classmethod
    def kept_in(cls, file: Path) -> "Secrets":
        if file.is_file():
            kept = json.loads(file.read_text())
            return cls(kept["api_token"], Account(**kept["demo"]))
        made = cls(_secret(), Account())
        write_private(file, asdict(made))
        return made


def write_private(file: Path, content: dict) -> None:
    """Write JSON that only this user may read."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as out:
        json.dump(content, out, indent=2)
