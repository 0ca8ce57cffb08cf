"""What a running stack tells the commands that use it (`make demo`, `make logs`).

It is a file that exists as long as the stack runs, readable by its owner only.
"""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

import boto3

from .account import Account, write_private
from .settings import CREDENTIALS, REGION, STATE, StackError

FILE = STATE / "run" / "session.json"


@dataclass(frozen=True)
class Session:
    api_url: str
    api_token: str
    emulator_url: str
    syrve_url: str
    captain_url: str
    subscriber_url: str
    account: Account
    outputs: dict[str, str]

    @property
    def webhook_urls(self) -> dict[str, str]:
        base, account = f"{self.api_url}/webhooks", self.account.account_id
        return {
            "syrve": f"{base}/syrve/{account}",
            "captain": f"{base}/captain/{account}",
            "captain_items": f"{base}/captain/{account}/items",
            "jelp": f"{base}/jelp/{account}",
            "radaro": f"{base}/radaro/{account}",
            "bringg": f"{base}/bringg/{account}",
        }

    @property
    def subscriber_path(self) -> str:
        """Where at the fake subscriber the account's events go; items' to `/items` below."""
        return f"/{self.account.account_id}"

    def client(self, service: str):
        return boto3.client(
            service, endpoint_url=self.emulator_url, region_name=REGION, **CREDENTIALS
        )

    def save(self, file: Path = FILE) -> None:
        write_private(file, asdict(self))

    @classmethod
    def load(cls, file: Path = FILE) -> "Session":
        if not file.is_file():
            raise StackError("nothing is running here; start it with: make run")
        content = json.loads(file.read_text())
        return cls(**{**content, "account": Account(**content["account"])})
