"""The account of the demo, and of each test: what PUT /v1/accounts/{account} is told.

Secrets are made up once and kept in .local/, so that a second `make run` has the same ones and
what a user configured with them still works.
"""

import base64
import json
import os
import secrets
from dataclasses import asdict, dataclass, field
from pathlib import Path

from .fakes.bringg_auth import AUDIENCE, ISSUER, SUBJECT
from .fakes.captain import ACCOUNT_UUID
from .fakes.captain_state import DEVELOPER_KEY, INTEGRATION_KEY
from .fakes.syrve_state import API_LOGIN, ORGANIZATION_ID


def _secret() -> str:
    return secrets.token_urlsafe(24)


def _key() -> str:
    return base64.b64encode(secrets.token_bytes(32)).decode()


@dataclass(frozen=True)
class Account:
    account_id: str = "demo"
    organization_id: str = ORGANIZATION_ID
    api_login: str = API_LOGIN
    syrve_token: str = field(default_factory=_secret)
    captain_token: str = field(default_factory=_secret)
    jelp_token: str = field(default_factory=_secret)
    radaro_token: str = field(default_factory=_secret)
    bringg_token: str = field(default_factory=_secret)
    bringg_jwt_key: str = field(default_factory=_key)
    bringg_client_id: str = "bringg"
    bringg_client_secret: str = field(default_factory=_secret)
    subscriber_token: str = field(default_factory=_secret)
    captain_account_uuid: str = ACCOUNT_UUID
    captain_integration_key: str = INTEGRATION_KEY
    captain_developer_key: str = DEVELOPER_KEY
    # Calls per minute with Syrve, by group; None leaves it to the bridge.
    rate_limits: dict[str, int] | None = None
    # Calls per minute with Captain.AI.
    captain_rate: int | None = None

    @property
    def secrets(self) -> list[str]:
        """What is this account's alone and must not be seen anywhere."""
        return [
            self.syrve_token,
            self.captain_token,
            self.jelp_token,
            self.radaro_token,
            self.bringg_token,
            self.bringg_jwt_key,
            self.bringg_client_secret,
            self.subscriber_token,
            self.api_login,
        ]

    def body(self, syrve_url: str, captain_url: str | None = None) -> dict:
        """With a `captain_url` the account's orders are dispatched there, else nowhere.

        All four fleets may send webhooks, Bringg in each of its three ways.
        """
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
                },
                "jelp": {"webhook_token": self.jelp_token},
                "radaro": {"webhook_token": self.radaro_token},
                "bringg": {
                    "webhook_token": self.bringg_token,
                    "jwt": {
                        "key": self.bringg_jwt_key,
                        "issuer": ISSUER,
                        "audience": AUDIENCE,
                        "subject": SUBJECT,
                    },
                    "oauth": {
                        "client_id": self.bringg_client_id,
                        "client_secret": self.bringg_client_secret,
                    },
                },
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
            found = cls(kept["api_token"], Account(**kept["demo"]))
        else:
            kept, found = None, cls(_secret(), Account())
        # An older version kept fewer secrets than there are now.
        if asdict(found) != kept:
            write_private(file, asdict(found))
        return found


def write_private(file: Path, content: dict) -> None:
    """Write JSON that only this user may read."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as out:
        json.dump(content, out, indent=2)
