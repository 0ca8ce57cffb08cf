"""A fake of Captain.AI's REST API: a real HTTP server that behaves as documented.

It stands in for a cloud that cannot run here. Requests are checked against captain_contract.py; a
request that breaks it is answered 422 (404 for a path that is not there) and kept as a violation,
so a test can demand that there were none. Refusals that are no mistake of ours (an order that
exists, one that is cancelled, an unknown account, wrong keys) are answered and not held against
us. It sends no webhooks; captain.py does, about any order or driver. Faults, keys and the state
are steered through `/_control`, see captain_control.py.

Not documented, so an assumption here: the path and answers of clock_in, the words of errors
(documented is only {"errors": ["..."]}; their own client also shows a tree of fields, which the
setting `errors_as` gives), the rate, and that an update replaces each field it names.

    async: fake = FakeCaptainApi(); await fake.start(); ... ; await fake.stop()
    sync:  with running_fake_captain_api() as fake: ...
    shell: python -m local.fakes.captain_api --port 8082
"""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager

from aiohttp import web

from . import captain_contract as contract
from .captain_control import CaptainControl
from .captain_operations import Call, Refused, carry_out, check
from .captain_state import CaptainState
from .faults import Faults, status_answer
from .limits import Limits, rates_from
from .server import FakeServer, Incoming, main, running

UNKNOWN = "unknown"
GROUP = "requests"


class FakeCaptainApi(FakeServer):
    name = "fake-captain-api"

    def reset(self) -> None:
        """Forget everything; the address stays."""
        self.state = CaptainState()
        self.faults = Faults("operation")
        self.limits = Limits()
        self.requests = []
        self.violations = []

    def add_control_routes(self, app: web.Application) -> None:
        CaptainControl(self).add_to(app)

    def limit(self, rate: list | None) -> None:
        """Allow an integration key so many calls in so many seconds, or any number."""
        self.limits.rates = rates_from({GROUP: rate} if rate else {}, {GROUP})

    def fault_answer(self, fault: dict, request: web.Request) -> web.Response | None:
        if fault["kind"] != "status":
            return None
        return status_answer(
            fault, lambda status, text, headers: errors_response(status, [text], headers)
        )

    def receive(self, request: web.Request, text: str) -> Incoming:
        found = contract.find(request.method, request.path)
        operation, ids = found or (None, {})
        body, problem = _parse(request, text)
        keys = _keys(request)
        wait = self.limits.take(keys[0], GROUP)
        record = {
            "operation": operation.name if operation else UNKNOWN,
            "method": request.method,
            "path": request.path,
            "body": body,
            "at": time.time(),
            "status": None,
        }
        if operation is None:
            problem = f"{request.method} {request.path} is not in the contract"
            return Incoming(UNKNOWN, record, problem, lambda: errors_response(404, ["Not found"]))
        problems = [problem] if problem else contract.problems(operation, body)
        return Incoming(
            operation.name,
            record,
            "; ".join(map(str, problems)) or None,
            lambda: self._answer(operation, ids, body, keys, problems, wait),
        )

    def _answer(
        self,
        operation: contract.Operation,
        ids: dict[str, str],
        body: dict | None,
        keys: tuple[str, str],
        problems: list[contract.Problem],
        wait: int | None,
    ) -> web.Response:
        if keys not in self.state.keys:
            return errors_response(401, ["Unauthorized"])
        if wait is not None:
            return errors_response(429, ["Too many requests"], {"Retry-After": str(wait)})
        call = Call(self.state, ids, body or {}, self.state.keys[keys])
        try:
            check(call)
            if problems:
                return errors_response(422, self._errors(problems))
            status, answer = carry_out(operation.name, call)
        except Refused as refused:
            return errors_response(refused.status, [refused.words])
        return web.json_response(answer, status=status)

    def _errors(self, problems: list[contract.Problem]) -> list | dict:
        if not self.state.errors_as_tree:
            return [str(problem) for problem in problems]
        return _tree(problems)


def errors_response(status: int, errors: list | dict, headers: dict | None = None) -> web.Response:
    return web.json_response({"errors": errors}, status=status, headers=headers)


def _tree(problems: list[contract.Problem]) -> dict:
    """Each field's problems under its name; those of an object beside its fields' as "base"."""
    places, tree = {problem.where for problem in problems}, {}
    for problem in problems:
        where = problem.where
        if not where or any(place[: len(where)] == where for place in places - {where}):
            where = (*where, "base")
        branch = tree
        for name in where[:-1]:
            branch = branch.setdefault(name, {})
        branch.setdefault(where[-1], []).append(problem.words)
    return tree


def _keys(request: web.Request) -> tuple[str, str]:
    return (
        request.headers.get("x-integration-key", ""),
        request.headers.get("x-developer-key", ""),
    )


def _parse(request: web.Request, text: str) -> tuple[object, contract.Problem | None]:
    if not text:
        return None, None
    if request.content_type != "application/json":
        return None, contract.Problem((), f"is {request.content_type}, not application/json")
    try:
        return json.loads(text), None
    except json.JSONDecodeError:
        return None, contract.Problem((), "is not JSON")


@contextmanager
def running_fake_captain_api(port: int = 0) -> Iterator[FakeCaptainApi]:
    """A fake in a thread of its own, for callers that are not asynchronous."""
    with running(FakeCaptainApi(), port) as fake:
        yield fake


if __name__ == "__main__":
    main(FakeCaptainApi, "fake Captain.AI")
