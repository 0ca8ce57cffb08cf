"""Plain HTTP calls to the stack: JSON in, JSON out, and every status is an answer, not an error.

The machine's proxy settings are ignored: everything that is called here listens on 127.0.0.1.
"""

import json
from dataclasses import dataclass
from urllib.error import HTTPError
from urllib.request import HTTPRedirectHandler, ProxyHandler, Request, build_opener


class _NoRedirects(HTTPRedirectHandler):
    def redirect_request(self, *_: object) -> None:
        return None


_OPENER = build_opener(ProxyHandler({}), _NoRedirects)


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> dict | list:
        return json.loads(self.body)


def call(
    method: str,
    url: str,
    body: object = None,
    headers: dict[str, str] | None = None,
    timeout: float = 30,
) -> Answer:
    """Send `body` as it is when it is bytes, else as JSON; None sends none."""
    data = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
    sent = {"Content-Type": "application/json"} if data is not None else {}
    request = Request(url, data=data, headers={**sent, **(headers or {})}, method=method)
    try:
        with _OPENER.open(request, timeout=timeout) as response:
            return Answer(response.status, _lower(response.headers), response.read())
    except HTTPError as error:
        with error:
            return Answer(error.code, _lower(error.headers), error.read())


class Api:
    """The /v1 API with its token."""

    def __init__(self, base_url: str, token: str | None) -> None:
        self.base_url, self.token = base_url, token

    def __call__(self, method: str, path: str, body: object = None, **headers: str) -> Answer:
        authorization = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        return call(method, f"{self.base_url}/v1{path}", body, {**authorization, **headers})

    def get(self, path: str) -> Answer:
        return self("GET", path)

    def put(self, path: str, body: object) -> Answer:
        return self("PUT", path, body)

    def post(self, path: str, body: object = None) -> Answer:
        return self("POST", path, body if body is not None else {})

    def delete(self, path: str) -> Answer:
        return self("DELETE", path)


def _lower(headers) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}
