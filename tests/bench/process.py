"""Runs one function once, with a Runtime API of its own, and takes its times and its memory.

The clock starts right before the process is made: the kernel's part (mapping the binary, relocating
it page by page) is paid in AWS too. It stops when the first request for an invocation arrives, and
again when the first answer does. Peak memory is the kernel's own count (VmHWM), read while the
function waits for more work.
"""

import asyncio
import os
import signal
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from local.settings import HOST

from .server import Request, Response, Server

LIMIT_SECONDS = 15
DEADLINE_MS = 60_000
ARN = "arn:aws:lambda:eu-west-1:000000000000:function:bench"


class FunctionFailedError(Exception):
    """The function ended, hung or reported an error; the text says which, and its last log."""


@dataclass
class Run:
    start_ms: float = 0.0
    answer_ms: float = 0.0
    peak_bytes: int = 0
    # Of all its threads, from its start to its last answer.
    cpu_ms: float = 0.0
    # When each answer arrived, since the start.
    answered_ms: list[float] = field(default_factory=list)
    answers: list[bytes] = field(default_factory=list)


class RuntimeApi:
    """Hands out `count` times the same event, then lets the function wait. `trace` is the header by
    which Lambda counts the invocations of a chain.
    """

    def __init__(
        self, event: bytes, count: int, before_each: Callable[[], None], trace: str | None
    ) -> None:
        self._event, self._left, self._before_each = event, count, before_each
        self._trace = {"Lambda-Runtime-Trace-Id": trace} if trace else {}
        self.started = 0.0
        self.run = Run()
        self.done = asyncio.Event()
        self.error: str | None = None

    async def answer(self, request: Request) -> Response:
        now = time.perf_counter()
        if request.path.endswith("/invocation/next"):
            return await self._next(now)
        if request.path.endswith("/response"):
            self.run.answer_ms = self.run.answer_ms or (now - self.started) * 1000
            self.run.answered_ms.append((now - self.started) * 1000)
            self.run.answers.append(request.body)
        else:
            self.error = f"{request.path}: {request.body.decode(errors='replace')}"
            self.done.set()
        return Response(202, b'{"status":"OK"}')

    async def _next(self, now: float) -> Response:
        self.run.start_ms = self.run.start_ms or (now - self.started) * 1000
        if self._left == 0:
            self.done.set()
            await asyncio.Event().wait()
        self._left -= 1
        self._before_each()
        headers = {
            "Lambda-Runtime-Aws-Request-Id": f"00000000-0000-4000-8000-{self._left:012}",
            "Lambda-Runtime-Deadline-Ms": str(int(time.time() * 1000) + DEADLINE_MS),
            "Lambda-Runtime-Invoked-Function-Arn": ARN,
            **self._trace,
        }
        return Response(200, self._event, headers)


async def run(
    binary: Path,
    environment: dict[str, str],
    event: bytes,
    count: int = 1,
    before_each: Callable[[], None] = lambda: None,
    trace: str | None = None,
    limit: float = LIMIT_SECONDS,
) -> Run:
    """Start `binary`, let it answer `event` `count` times within `limit` seconds, and end it."""
    api = RuntimeApi(event, count, before_each, trace)
    async with Server(api.answer) as server:
        with tempfile.TemporaryFile() as log:
            address = {"AWS_LAMBDA_RUNTIME_API": f"{HOST}:{server.port}"}
            output = [(os.POSIX_SPAWN_DUP2, log.fileno(), descriptor) for descriptor in (1, 2)]
            api.started = time.perf_counter()
            pid = os.posix_spawn(
                binary, [str(binary)], {**environment, **address}, file_actions=output
            )
            try:
                problem = await _finished(pid, api.done, limit)
                if not problem:
                    api.run.peak_bytes, api.run.cpu_ms = _peak(pid), _cpu_ms(pid)
            finally:
                os.kill(pid, signal.SIGKILL)  # at most a zombie, which still has its id
                os.waitpid(pid, 0)
            if problem := api.error or problem:
                log.seek(0)
                lines = log.read().decode(errors="replace").splitlines()[-5:]
                raise FunctionFailedError("\n    ".join([problem, *lines]))
    return api.run


async def _finished(pid: int, done: asyncio.Event, limit: float) -> str | None:
    """Wait for the last answer. Otherwise the reason why it will not come."""
    loop, ended = asyncio.get_running_loop(), asyncio.Event()
    descriptor = os.pidfd_open(pid)
    loop.add_reader(descriptor, ended.set)
    waiting = [asyncio.ensure_future(event.wait()) for event in (done, ended)]
    try:
        await asyncio.wait(waiting, timeout=limit, return_when=asyncio.FIRST_COMPLETED)
    finally:
        loop.remove_reader(descriptor)
        os.close(descriptor)
        for future in waiting:
            future.cancel()
    if done.is_set():
        return None
    return "it ended" if ended.is_set() else f"no answer in {limit} s"


def _peak(pid: int) -> int:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    return 0


def _cpu_ms(pid: int) -> float:
    """What the scheduler has given to its threads; the first number of each is nanoseconds."""
    threads = Path(f"/proc/{pid}/task").glob("*/schedstat")
    return sum(int(thread.read_text().split()[0]) for thread in threads) / 1_000_000
