"""`make bench`, or python -m bench [--rounds N]: measures what is built and prints a table.

In each round every function is started once, one at a time and in turn, so that whatever else the
machine does falls on all of them alike. It judges nothing: each number stands beside the one of
`bare`, and a reader compares.
"""

import argparse
import asyncio
import sys
from functools import partial

from local.settings import BINARIES, TEMPLATE
from local.template import Template

from .cloud import Cloud
from .process import FunctionFailedError, Run, run
from .rehearsal import BARE, Rehearsal
from .report import Measured, table
from .server import Server
from .settings import Settings

ROUNDS = 15
# Enough for caches, pools and buffers to have the size that they keep.
INVOCATIONS = 20
# The token in events/api.json.
API_TOKEN = "sample-api-token"


class Bench:
    def __init__(self, template: Template, port: int, cloud: Cloud) -> None:
        self.settings = Settings(template, port, API_TOKEN)
        self.cloud = cloud
        names = [BARE, *(function.binary for function in template.functions())]
        paths = {name: BINARIES / name / "bootstrap" for name in names}
        self.missing = [name for name, path in paths.items() if not path.is_file()]
        self.measured = {
            name: Measured(path) for name, path in paths.items() if name not in self.missing
        }
        self.rehearsal = Rehearsal(self.settings, cloud, set(self.measured), self._play)

    async def measure(self, rounds: int) -> None:
        await self.rehearsal.perform()
        for _ in range(rounds):
            for name in self.rehearsal.cases:
                if one := await self._run(name):
                    self.measured[name].start_ms.append(one.start_ms)
                    self.measured[name].answer_ms.append(one.answer_ms)
        for name in self.rehearsal.cases:
            if one := await self._run(name, INVOCATIONS):
                self.measured[name].peak_bytes = one.peak_bytes

    async def _play(self, name: str, event: bytes) -> bytes:
        binary, environment = self.measured[name].binary, self.settings.environment(name)
        return (await run(binary, environment, event)).answers[0]

    async def _run(self, name: str, count: int = 1) -> Run | None:
        case = self.rehearsal.cases[name]
        binary, environment = self.measured[name].binary, self.settings.environment(name)
        put_back = partial(self.cloud.restore, case.state)
        try:
            return await run(binary, environment, case.event, count, put_back)
        except FunctionFailedError as error:
            self.rehearsal.notes.append(f"{name}: {error}")
            return None

    def report(self, rounds: int) -> str:
        parts = [
            f"{rounds} rounds; start: exec to the first poll; first answer: exec to the answer of",
            f"the event below; peak: memory after {INVOCATIONS} invocations; zip: deflate, level 9",
            "",
            table(self.measured, self.measured.get(BARE)),
            "",
            "First event of each:",
        ]
        parts += [f"  {name}: {case.outcome}" for name, case in self.rehearsal.cases.items()]
        notes = [*dict.fromkeys(self.rehearsal.notes)]
        notes += [f"not built: {name}" for name in self.missing]
        notes += [f"a call that was not answered: {call}" for call in self.cloud.not_answered]
        if notes:
            parts += ["", "Notes:", *(f"  {note}" for note in notes)]
        return "\n".join(parts)


async def main(rounds: int) -> None:
    cloud = Cloud()
    async with Server(cloud.answer) as server:
        bench = Bench(Template(TEMPLATE), server.port, cloud)
        await bench.measure(rounds)
        print(bench.report(rounds))


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench", description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=ROUNDS, help=f"default {ROUNDS}")
    parsed = parser.parse_args()
    if parsed.rounds < 1:
        parser.error("--rounds must be at least 1")
    return parsed


if __name__ == "__main__":
    try:
        asyncio.run(main(arguments().rounds))
    except KeyboardInterrupt:
        sys.exit("stopped")
