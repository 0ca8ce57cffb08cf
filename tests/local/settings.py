"""Where the local stack lives: ports, folders and keys, with what the environment may change.

Everything listens on 127.0.0.1 only, and every file that a run leaves behind is under .local/.
"""

import contextlib
import itertools
import os
import platform
import socket
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TEMPLATE = ROOT / "template.yaml"
BINARIES = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "lambda"
STATE = ROOT / ".local"
HOST = "127.0.0.1"
REGION = "eu-west-1"
# The emulator's root user. It guards nothing: these are not credentials of any AWS account.
CREDENTIALS = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}


class StackError(Exception):
    """Something the user must change; its text says what, and is all that is printed."""


@dataclass(frozen=True)
class Ports:
    """0 stands for any free port."""

    emulator: int = 0
    api: int = 0
    syrve: int = 0
    captain: int = 0
    subscriber: int = 0

    @classmethod
    def from_environment(cls) -> "Ports":
        """The ports of `make run`, checked before anything is started."""
        return cls(
            emulator=_port("EMULATOR_PORT", 4566),
            api=_port("API_PORT", 8080),
            syrve=_port("SYRVE_PORT", 8081),
            captain=_port("CAPTAIN_PORT", 8082),
            subscriber=_port("SUBSCRIBER_PORT", 8083),
        )


_PORTS = itertools.count(20_000 + os.getpid() % 100 * 100)


def free_port() -> int:
    """Below those that the kernel gives out by itself, so nobody has it until it is used."""
    while True:
        port = next(_PORTS)
        with socket.socket() as listener, contextlib.suppress(OSError):
            listener.bind((HOST, port))
            return port


def architecture() -> str:
    """The template's Architecture for this machine, on which the functions run as processes."""
    if platform.system() != "Linux":
        raise StackError("the local stack runs the functions themselves, so it needs Linux")
    return "arm64" if platform.machine() in ("aarch64", "arm64") else "x86_64"


def _port(variable: str, default: int) -> int:
    text = os.environ.get(variable) or str(default)
    if not text.isdigit() or not 0 < int(text) < 65536:
        raise StackError(f"{variable}={text} is not a port")
    port = int(text)
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((HOST, port))
        except OSError as error:
            raise StackError(
                f"port {port} is taken ({error.strerror}); choose another with {variable}=<port>"
            ) from error
    return port
