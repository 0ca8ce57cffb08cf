"""The API logins of the fake Syrve: what each may see and do, and which tokens it was given.

A restaurant group makes one login for many restaurants, or one for each; in Syrve Web it chooses
the organizations and the rights of each login. A login can be blocked (by Syrve, after too many
bad requests) or switched off: then its tokens stop working too.
"""

import base64
import json
import time
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field


@dataclass
class Login:
    """`organizations` are those it may see, None for all; `rights_missing` are paths."""

    name: str
    organizations: set[str] | None = None
    blocked: bool = False
    inactive: bool = False
    rights_missing: set[str] = field(default_factory=set)

    @property
    def refusal(self) -> str | None:
        """Syrve's words where the login is of no use any more."""
        if self.blocked:
            return "Apilogin has been blocked."
        return "ApiLogin is inactive" if self.inactive else None

    def sees(self, organization_id: str) -> bool:
        return self.organizations is None or organization_id in self.organizations


@dataclass
class Logins:
    """Who may log in, with which tokens."""

    token_lifetime: float = 3600.0
    api_logins: dict[str, Login] = field(default_factory=dict)
    apps: dict[str, str] = field(default_factory=dict)
    tokens: dict[str, float] = field(default_factory=dict)
    # Kept when a token expires, so that its calls are still counted for its login.
    token_logins: dict[str, str] = field(default_factory=dict)

    def add_login(self, name: str, organizations: Iterable[str] | None = None) -> Login:
        """Make a login that sees these organizations, or all; one of that name is replaced."""
        seen = None if organizations is None else set(organizations)
        self.api_logins[name] = Login(name, seen)
        return self.api_logins[name]

    def issue_token(self, login: str) -> str:
        """A token shaped like the real one: a JWT whose `exp` a client may read."""
        expires_at = time.time() + self.token_lifetime
        claims = {"exp": int(expires_at), "jti": str(uuid.uuid4())}
        parts = ({"alg": "none", "typ": "JWT"}, claims)
        encoded = [base64.urlsafe_b64encode(json.dumps(p).encode()).decode() for p in parts]
        token = ".".join(part.rstrip("=") for part in encoded) + ".fake"
        self.tokens[token] = expires_at
        self.token_logins[token] = login
        return token

    def login_of(self, token: str) -> Login | None:
        """The login of a token that is still valid."""
        if self.tokens.get(token, 0) <= time.time():
            return None
        return self.api_logins.get(self.token_logins.get(token, ""))
