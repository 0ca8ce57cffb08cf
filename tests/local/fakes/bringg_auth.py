"""The three ways in which Bringg proves that a webhook is its own.

A static header; a JSON Web Token that it signs with a key agreed on; or an access token that it
fetches from the receiver by OAuth 2.0 client credentials, as a form, as JSON or in the query.
"""

import base64
import time
from dataclasses import dataclass, field
from typing import Protocol
from urllib.parse import urlencode

from ..http import Answer, call
from .tokens import signed

ISSUER, AUDIENCE, SUBJECT = "https://us2-admin-api.bringg.com", "courier-bridge", "bringg-event"
# Bringg's own default, in seconds.
LIFETIME = 20160


class Proof(Protocol):
    def headers(self) -> dict[str, str]: ...


@dataclass(frozen=True)
class StaticHeader:
    token: str
    name: str = "Authorization"

    def headers(self) -> dict[str, str]:
        return {self.name: self.token}


@dataclass(frozen=True)
class Jwt:
    """`key` is in base64, as an operator enters it. `claims` change or, by None, take one away."""

    key: str
    scheme: str = "JWTBearer"
    claims: dict = field(default_factory=dict)

    def headers(self) -> dict[str, str]:
        token = signed(base64.b64decode(self.key), self.said())
        return {"Authorization": f"{self.scheme} {token}".strip()}

    def said(self) -> dict:
        now = int(time.time())
        usual = {"iss": ISSUER, "aud": AUDIENCE, "sub": SUBJECT, "iat": now, "exp": now + LIFETIME}
        return {name: told for name, told in (usual | self.claims).items() if told is not None}


@dataclass(frozen=True)
class Oauth:
    """Fetches a token for every webhook; `style` is form, json, query or basic."""

    url: str
    client_id: str
    client_secret: str
    style: str = "form"

    def fetch(self, **changes: str | None) -> Answer:
        """Ask for a token. A change of a parameter to None leaves it out."""
        usual = {
            "grant_type": "client_credentials",
            "client_id": self.client_id,
            "client_secret": self.client_secret,
            "scope": "write:orders",
        }
        asked = {name: told for name, told in (usual | changes).items() if told is not None}
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        match self.style:
            case "json":
                return call("POST", self.url, asked)
            case "query":
                return call("POST", f"{self.url}?{urlencode(asked)}")
            case "basic":
                pair = f"{asked.pop('client_id', '')}:{asked.pop('client_secret', '')}"
                basic = f"Basic {base64.b64encode(pair.encode()).decode()}"
                headers = form | {"Authorization": basic}
                return call("POST", self.url, urlencode(asked).encode(), headers)
            case _:
                return call("POST", self.url, urlencode(asked).encode(), form)

    def headers(self) -> dict[str, str]:
        answer = self.fetch()
        assert answer.status == 200, answer
        return {"Authorization": f"Bearer {answer.json()['access_token']}"}
