"""Runs the stack's functions one invocation at a time, with the trace header of AWS.

Lambda counts the invocations of a chain in that header (`Lineage`) and stops a chain that goes
round. The function's SDK puts the header on each request, the queue hands it to the next function.
The emulator does neither the counting nor the handing on, so both are done here, around the real
functions, on the emulator's real queues and table.
"""

import asyncio
import json
from dataclasses import dataclass

from aiohttp import web

from bench import events, process
from bench.units import CountingProxy
from local.settings import BINARIES, CREDENTIALS, REGION, free_port
from local.stack import NAME, Stack
from restaurant import Restaurant

# As the first function of a chain gets it.
FIRST = "Root=1-66f0c0de-0123456789abcdef01234567;Sampled=0;Lineage=1:5a7fc2d1:1"
# What can lead to another invocation.
STARTING = {
    "SendMessage",
    "SendMessageBatch",
    "PutEvents",
    "Invoke",
    "InvokeAsync",
    "StartExecution",
}


def invocations(trace: str) -> int:
    """How many invocations of its chain one with this header ends."""
    return int(trace.rpartition(":")[2])


def handed_on(trace: str) -> str:
    """The header of an invocation that a request with this one leads to."""
    start, _, count = trace.rpartition(":")
    return f"{start}:{int(count) + 1}"


@dataclass(frozen=True)
class Invocation:
    """What a function answered, and its requests: each one's name and trace header."""

    answer: dict
    requests: list[tuple[str, str | None]]

    @property
    def starting(self) -> list[str]:
        """Its requests that can lead to other invocations."""
        return [name for name, _ in self.requests if name in STARTING]

    @property
    def traces(self) -> set[str | None]:
        return {trace for _, trace in self.requests}

    @property
    def kept(self) -> list[str]:
        """The messages that stay in the queue."""
        return [failure["itemIdentifier"] for failure in self.answer["batchItemFailures"]]


class _Recorder(CountingProxy):
    """Stands before the emulator and notes what passes."""

    def __init__(self, target: str) -> None:
        super().__init__(target, free_port())
        self.seen: list[tuple[str, str | None]] = []

    async def _pass(self, request: web.Request) -> web.Response:
        name = request.headers.get("X-Amz-Target", request.path).rpartition(".")[2]
        self.seen.append((name, request.headers.get("X-Amzn-Trace-Id")))
        return await super()._pass(request)


class Functions:
    def __init__(self, stack: Stack) -> None:
        self.stack, self.client = stack, stack.client("lambda")

    def invoke(self, name: str, event: dict, trace: str) -> Invocation:
        return asyncio.run(self._invoke(name, event, trace))

    def webhook(self, name: str, account: Restaurant, token: dict, body: object, trace: str):
        """A receiver is called as API Gateway calls it."""
        event = events.sample(name)
        path = f"/webhooks/{name.removesuffix('-webhook')}/{account.account_id}"
        event |= {"rawPath": path, "pathParameters": {"account": account.account_id}}
        event["requestContext"]["http"]["path"] = path
        event["headers"] |= token
        event |= {"body": json.dumps(body), "isBase64Encoded": False}
        return self.invoke(name, event, trace)

    async def _invoke(self, name: str, event: dict, trace: str) -> Invocation:
        binary = BINARIES / name / "bootstrap"
        async with _Recorder(self.stack.emulator.url) as recorder:
            environment = self._environment(name) | {
                "AWS_ENDPOINT_URL": f"http://127.0.0.1:{recorder.port}"
            }
            sent = json.dumps(event).encode()
            run = await process.run(binary, environment, sent, trace=trace)
            return Invocation(json.loads(run.answers[0] or b"null"), recorder.seen)

    def _environment(self, name: str) -> dict[str, str]:
        configuration = self.client.get_function_configuration(FunctionName=f"{NAME}-{name}")
        return configuration["Environment"]["Variables"] | {
            "AWS_ACCESS_KEY_ID": CREDENTIALS["aws_access_key_id"],
            "AWS_SECRET_ACCESS_KEY": CREDENTIALS["aws_secret_access_key"],
            "AWS_REGION": REGION,
            "AWS_LAMBDA_FUNCTION_NAME": f"{NAME}-{name}",
            "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "256",
            "AWS_LAMBDA_LOG_GROUP_NAME": f"/aws/lambda/{NAME}-{name}",
            "AWS_LAMBDA_LOG_STREAM_NAME": "chain",
        }
