"""Runs inside the emulator's own process: prepares it, then hands over to ministack.

Six things are set here because only the process itself can set them. It asks the kernel to be
terminated when the launcher dies, however that happens. It sends small answers at once: the
emulator writes head and body of each answer to a function separately, which without TCP_NODELAY
costs every invocation 40 ms of waiting for a delayed acknowledgement. It waits 10 ms instead of 50
for the log lines of an invocation, which most calls of the API have none of; a line that is later
is still kept. It looks every 100 ms, not every second, for messages that became due and queues that
are read again. It authorizes a batch call of SQS as AWS does, by the permission for the single
call: no others exist. And it takes the most copies of a function that a queue may start for a
number: from a template's parameter it comes as text, on which the emulator's poller of all queues
stumbles.
"""

import ctypes
import os
import runpy
import signal
import socketserver
import sys

from ministack.core import concurrency, iam_actions
from ministack.core.lambda_runtime import Worker
from ministack.services import lambda_svc

PR_SET_PDEATHSIG = 1


def end_with_parent(parent: int) -> None:
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:  # it died before the kernel was asked
        sys.exit(1)


def authorize_batches_as_single_calls() -> None:
    action_of = iam_actions.extract_iam_action

    def action(service: str, *request: object, **named: object) -> str | None:
        name = action_of(service, *request, **named)
        return name.removesuffix("Batch") if service == "sqs" and name else name

    iam_actions.extract_iam_action = action


def look_often() -> None:
    wait = concurrency.esm_wake.wait
    concurrency.esm_wake.wait = lambda timeout=None: wait(min(timeout or 0.1, 0.1))


def count_copies_in_numbers() -> None:
    limit_of = lambda_svc._sqs_esm_concurrency

    def limit(mapping: dict, *others: object) -> int:
        scaling = mapping.get("ScalingConfig") or {}
        if "MaximumConcurrency" in scaling:
            scaling["MaximumConcurrency"] = int(scaling["MaximumConcurrency"])
        return limit_of(mapping, *others)

    lambda_svc._sqs_esm_concurrency = limit


if __name__ == "__main__":
    end_with_parent(int(sys.argv[1]))
    authorize_batches_as_single_calls()
    count_copies_in_numbers()
    look_often()
    # Waits for the first line, for the next one, and at most, in seconds.
    Worker._drain_stderr_bounded.__defaults__ = (0.010, 0.005, 0.250)
    socketserver.StreamRequestHandler.disable_nagle_algorithm = True
    sys.argv = ["ministack"]
    runpy.run_module("ministack", run_name="__main__")
