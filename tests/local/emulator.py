"""Starts and ends the AWS emulator (ministack), which also runs the functions.

It enforces IAM (`AUTH`): a function signs with the role that the template gives it, so an action
that the template forgot fails here as it would on AWS. It starts with an environment of its own,
so that nothing of the user's shell reaches the functions. It leads a process group, and ending
the group ends the functions with it.
"""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from urllib.error import URLError
from urllib.request import ProxyHandler, build_opener

import boto3

from .settings import CREDENTIALS, HOST, REGION, StackError, free_port

START_SECONDS = 30
STOP_SECONDS = 5


class Emulator:
    def __init__(self, folder: Path, port: int = 0) -> None:
        self.folder = folder
        self.port = port or free_port()
        self.url = f"http://{HOST}:{self.port}"
        # Where the functions find AWS: the emulator, or what stands before it.
        self.functions_url = self.url
        self.log = folder / "emulator.log"
        self._process: subprocess.Popen | None = None

    def start(self) -> None:
        temporary = self.folder / "tmp"
        shutil.rmtree(temporary, ignore_errors=True)
        temporary.mkdir(parents=True)
        command = [sys.executable, "-m", "local.emulator_process", str(os.getpid())]
        with self.log.open("wb") as log:
            self._process = subprocess.Popen(
                command,
                env=self._environment(temporary),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self._wait_until_ready()

    def stop(self) -> None:
        if self._process is None:
            return
        self._process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(STOP_SECONDS)
        # Whatever of its group is left, functions included.
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self._process = None

    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def client(self, service: str):
        return boto3.client(service, endpoint_url=self.url, region_name=REGION, **CREDENTIALS)

    def _environment(self, temporary: Path) -> dict[str, str]:
        return {
            "PATH": os.environ.get("PATH", os.defpath),
            "HOME": str(temporary),
            "TMPDIR": str(temporary),
            "PYTHONPATH": str(Path(__file__).resolve().parents[1]),
            "BIND_HOST": HOST,
            "MINISTACK_HOST": HOST,
            "GATEWAY_PORT": str(self.port),
            "MINISTACK_REGION": REGION,
            "AUTH": "true",
            "AWS_ENDPOINT_URL": self.functions_url,
            "AWS_ACCESS_KEY_ID": CREDENTIALS["aws_access_key_id"],
            "AWS_SECRET_ACCESS_KEY": CREDENTIALS["aws_secret_access_key"],
            "IOT_MTLS_ENABLED": "0",
            # It removes containers of its own kind at start and end; none of ours, so none.
            "DOCKER_HOST": f"unix://{temporary}/no-docker.sock",
        }

    def _wait_until_ready(self) -> None:
        opener = build_opener(ProxyHandler({}))
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if not self.is_running():
                break
            with contextlib.suppress(URLError, OSError):
                opener.open(f"{self.url}/_ministack/health", timeout=2).close()
                return
            time.sleep(0.05)
        self.stop()
        raise StackError(f"the emulator did not start; its log: {self.log}")
