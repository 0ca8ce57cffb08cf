"""The whole product on one machine: the emulator, the real template in it, and plain URLs.

    with Stack(STATE / "run", api_token="...") as stack:
        stack.api_url, stack.outputs["TableName"], stack.client("sqs"), stack.logs("api")

Leaving the block ends everything that was started. `python -m local.stack` starts it without the
fakes and prints what `Stack` knows.
"""

import hashlib
import json
import secrets
import signal
import sys
import time
from pathlib import Path

from .deploy import api_base, deploy
from .emulator import Emulator
from .proxy import Proxy
from .settings import HOST, STATE, TEMPLATE, Ports, StackError, free_port
from .template import Template

NAME = "courier-bridge"
# Subscribers are on this machine too, and are told that this is not the real thing.
LOCAL = {"AllowLoopbackSubscribers": "true", "Environment": "local"}


class Stack:
    def __init__(
        self,
        folder: Path,
        api_token: str,
        ports: Ports | None = None,
        parameters: dict[str, str] | None = None,
    ) -> None:
        self.folder, self.api_token, self.ports = folder, api_token, ports or Ports()
        self.parameters = parameters or {}
        self.template = Template(TEMPLATE)
        self.emulator = Emulator(folder, self.ports.emulator)
        self.outputs: dict[str, str] = {}
        self._proxy: Proxy | None = None

    def __enter__(self) -> "Stack":
        try:
            self._start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def api_url(self) -> str:
        return f"http://{HOST}:{self._api_port}"

    def client(self, service: str):
        """An AWS client of the emulator's root user."""
        return self.emulator.client(service)

    def logs(self, function: str, since: float = 0) -> list[dict]:
        """What a function logged since a moment (seconds), oldest first: its JSON lines."""
        events = log_events(self.client("logs"), function, since)
        return [event["line"] for event in events if event["line"]]

    def stop(self) -> None:
        if self._proxy:
            self._proxy.stop()
            self._proxy = None
        self.emulator.stop()

    def _start(self) -> None:
        self._api_port = self.ports.api or free_port()
        self.emulator.start()
        digest = hashlib.sha256(self.api_token.encode()).hexdigest()
        parameters = {"ApiTokenSha256": digest, "PublicUrl": self.api_url, **LOCAL}
        self.outputs = deploy(self.emulator, self.template, NAME, {**parameters, **self.parameters})
        self._proxy = Proxy(api_base(self.emulator, self.outputs), self._api_port)
        self._proxy.start()


def log_events(client, function: str, since: float = 0) -> list[dict]:
    """Each line of a function's log group: when (ms), its text, and its JSON if it is JSON."""
    group = f"/aws/lambda/{NAME}-{function}"
    pages = client.get_paginator("filter_log_events").paginate(
        logGroupName=group, startTime=int(since * 1000)
    )
    events = [
        {"at": event["timestamp"], "text": text, "line": _json(text)}
        for page in pages
        for event in page["events"]
        for text in event["message"].splitlines()
    ]
    return sorted(events, key=lambda event: event["at"])


def end_on_signals() -> None:
    """Leave through the `with` blocks on Ctrl-C, SIGTERM and the end of the terminal."""

    def leave(*_: object) -> None:
        raise KeyboardInterrupt

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, leave)


def _json(text: str) -> dict | None:
    try:
        line = json.loads(text)
    except json.JSONDecodeError:
        return None
    return line if isinstance(line, dict) else None


def main() -> None:
    end_on_signals()
    token = secrets.token_urlsafe(32)
    try:
        with Stack(STATE / "run", token, Ports.from_environment()) as stack:
            print(json.dumps({"api_url": stack.api_url, "api_token": token, **stack.outputs}))
            sys.stdout.flush()
            while stack.emulator.is_running():
                time.sleep(0.5)
            raise StackError(f"the emulator ended; its log: {stack.emulator.log}")
    except KeyboardInterrupt:
        pass
    except StackError as error:
        sys.exit(f"error: {error}")


if __name__ == "__main__":
    main()
