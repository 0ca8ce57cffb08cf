"""The commands of docs/operations.md for many subscriptions that were disabled at once.

They are run as they stand there, by the shell that a person would use, since nobody tries them
before the day on which they are needed.
"""

import os
import re
import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest

from integrator import Integrator
from local.fakes import captain
from local.settings import TEMPLATE
from local.stack import Stack
from local.waiting import wait_until

RUNBOOK = Path(TEMPLATE).parent / "docs/operations.md"
pytestmark = pytest.mark.skipif(not shutil.which("jq"), reason="the commands need jq")


def commands(since: str) -> list[str]:
    """The section's blocks, each for a shell of its own, and without the minute of waiting."""
    section = RUNBOOK.read_text().split("\n### Many subscriptions were disabled at once\n")[1]
    blocks = re.findall(r"```bash\n(.*?)```", section.split("\n### ")[0], re.DOTALL)
    first = re.sub(r"^SINCE=.*$", f"SINCE={since}", blocks[0], flags=re.MULTILINE)
    known = "".join(line for line in first.splitlines(True) if re.match(r"SINCE=|call\(\)", line))
    return [first, *(f"{known}sleep() {{ :; }}\n{block}" for block in blocks[1:])]


def are_given_up(*some: Integrator) -> None:
    """Their endpoints answer an event with the word that they are gone for good, and miss it."""
    for one in some:
        one.fault("gone")
        one.restaurant.report(captain.analytics_report_ready(uuid=one.path[1:]))
    for one in some:
        wait_until(lambda one=one: one.shown()["state"] == "disabled")


def test_what_was_disabled_is_called_again_and_told_what_it_missed(
    new_account, subscribe, stack: Stack, tmp_path: Path
):
    def run(block: str) -> None:
        done = subprocess.run(
            ["/bin/bash", "-c", block],
            cwd=tmp_path,
            env=os.environ | {"API": stack.api_url, "API_TOKEN": stack.api_token},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")

    before, one, other = (subscribe(new_account()) for _ in range(3))
    are_given_up(before)
    since = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    healthy = subscribe(one.restaurant)
    are_given_up(one, other)
    # The refused event is found stopped when its retry is due; what is sent again is not.
    for missed in (one, other):
        missed.settled("stopped")
    listing, mending = commands(since)
    run(listing)
    listed = (tmp_path / "disabled.txt").read_text().splitlines()
    expected = [
        f"{n.restaurant.account_id}/subscriptions/{n.subscription['id']} " for n in (one, other)
    ]
    assert sorted(line[: line.index(" ") + 1] for line in listed) == sorted(expected)
    assert all("410" in line for line in listed)
    run(mending)
    for mended in (one, other):
        assert mended.shown()["state"] == "enabled"
        [refused, again] = mended.hears(2)
        assert again.event_uuid == refused.event_uuid
        assert again.headers["webhook-replay"] == "true"
    assert before.shown()["state"] == "disabled"
    assert {call.headers.get("webhook-replay") for call in healthy.hears(1)} == {None}
