"""Runs every fuzz target for a while, one after the other, and says what came of it: `make fuzz`.

A target's seeds and dictionary are made from its sender's fixtures each time, so that a new fixture
is a new seed. What the fuzzer learns stays in `corpus` for the next run; an input that breaks
something is kept in `artifacts`.

FUZZ_SECONDS is the time that each target gets, FUZZ_TARGETS names some of them only, separated by
spaces. Stable Rust has no sanitizers, and the code under test has no `unsafe`; to look at what its
dependencies do to memory, set FUZZ_SANITIZER=address and RUSTC_BOOTSTRAP=1.
"""

import os
import re
import subprocess
import sys
import time
from pathlib import Path

import seeds

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
MADE = HERE / "target" / "made"
SANITIZER = os.environ.get("FUZZ_SANITIZER", "none")
CARGO_FUZZ = ["cargo", "fuzz"]
OPTIONS = ["--fuzz-dir", "tests/fuzz", "--sanitizer", SANITIZER]
# A reader that takes seconds or a gigabyte for a few kilobytes is broken as well.
LIMITS = ["-timeout=10", "-rss_limit_mb=1024"]
COLUMNS = "{:<12} {:>11} {:>8} {:>15} {:>8} {:>9}"


def main() -> int:
    seconds = int(os.environ.get("FUZZ_SECONDS", "60"))
    known = cargo_fuzz("list", "--fuzz-dir", "tests/fuzz").split()
    targets = os.environ.get("FUZZ_TARGETS", "").split() or known
    if unknown := sorted(set(targets) - set(known)):
        print(f"no such target: {' '.join(unknown)}; there are {' '.join(known)}", file=sys.stderr)
        return 2
    subprocess.run([*CARGO_FUZZ, "build", *OPTIONS], cwd=ROOT, check=True)
    rows, findings = [], []
    for target in targets:
        print(f"{target}: {seconds} s", flush=True)
        row, found = fuzz(target, seconds)
        rows.append(row)
        findings.extend(found)
    print("\n" + COLUMNS.format("target", "executions", "exec/s", "coverage", "corpus", "findings"))
    for row in rows:
        print(COLUMNS.format(*row))
    for finding in findings:
        print(finding)
    return 1 if findings else 0


def cargo_fuzz(*arguments: str) -> str:
    command = [*CARGO_FUZZ, *arguments]
    return subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout


def fuzz(target: str, seconds: int) -> tuple[list[str], list[str]]:
    """Runs one target; its row of the table, and how to repeat what it found."""
    corpus, artifacts = HERE / "corpus" / target, HERE / "artifacts" / target
    corpus.mkdir(parents=True, exist_ok=True)
    MADE.mkdir(parents=True, exist_ok=True)
    seeded, words = MADE / "seeds" / target, MADE / f"{target}.dict"
    seeds.write(target, seeded, words)
    limits = [*LIMITS, f"-max_total_time={seconds}", "-print_final_stats=1", f"-dict={words}"]
    command = [*CARGO_FUZZ, "run", *OPTIONS, target, str(corpus), str(seeded), "--", *limits]
    began = time.time()
    log = MADE / f"{target}.log"
    with log.open("w") as out:
        failed = subprocess.run(command, cwd=ROOT, stdout=out, stderr=subprocess.STDOUT).returncode
    said = log.read_text(errors="replace")
    found = [path for path in artifacts.glob("*") if path.stat().st_mtime >= began - 1]
    findings = [repeat(target, path, said) for path in found]
    if failed and not findings:
        findings = [f"\n{target} ended with {failed}:\n{tail(said)}"]
    return [target, *figures(said), str(len(findings))], findings


def figures(said: str) -> list[str]:
    """Executions, how many a second, coverage at first and at last, inputs that reached more."""
    stat = dict(re.findall(r"^stat::(\w+):\s+(\d+)", said, re.MULTILINE))
    coverage = re.findall(r"^#\d+\s+\w+\s+cov: (\d+)", said, re.MULTILINE)
    reached = f"{coverage[0]} > {coverage[-1]}" if coverage else "-"
    names = ("number_of_executed_units", "average_exec_per_sec", "new_units_added")
    executions, speed, new = (stat.get(name, "-") for name in names)
    return [executions, speed, reached, new]


def repeat(target: str, path: Path, said: str) -> str:
    where = path.relative_to(ROOT)
    command = " ".join([*CARGO_FUZZ, "run", *OPTIONS, target, str(where)])
    return (
        f"\n{target} broke; the input is {where}\n"
        f"again: PATH=.venv/cargo/bin:$PATH {command}\n{tail(said)}"
    )


def tail(said: str) -> str:
    """The panic and the way to it, or else the last that was said."""
    at = said.rfind("panicked at")
    return "\n".join(said[at:].splitlines()[:25] if at >= 0 else said.splitlines()[-25:])


if __name__ == "__main__":
    sys.exit(main())
