"""The commands that the docs tell people to type, and the answers that they tell them to expect.

Commands are run as they stand there, by the shell that a person would use, since nobody tries them
before the day on which they are needed.
"""

import base64
import json
import os
import re
import secrets
import shutil
import subprocess
import textwrap
import zlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from integrator import Integrator
from local.fakes import captain
from local.fakes.captain import EMPLOYEE_ID
from local.fakes.syrve_state import TERMINAL_GROUP_ID
from local.payloads import shift
from local.settings import CREDENTIALS, REGION, TEMPLATE
from local.stack import NAME, Stack
from local.waiting import wait_until
from restaurant import Restaurant

DOCS = Path(TEMPLATE).parent / "docs"
RUNBOOK = DOCS / "operations.md"
needs_jq = pytest.mark.skipif(not shutil.which("jq"), reason="the commands need jq")
needs_aws = pytest.mark.skipif(not shutil.which("aws"), reason="the commands need the AWS CLI")


def blocks(text: str) -> list[str]:
    found = re.findall(r"^ *```bash\n(.*?)^ *```", text, re.DOTALL | re.MULTILINE)
    return [textwrap.dedent(block) for block in found]


def blocks_of(title: str) -> list[str]:
    """The blocks of a section of the runbook."""
    section = rf"^#+ {title}\n(.*?)^#+ "
    [text] = re.findall(section, RUNBOOK.read_text(), re.DOTALL | re.MULTILINE)
    return blocks(text)


def put(block: str, **variables: str) -> str:
    """A block with values of ours for the variables that it sets as an example."""
    for name, value in variables.items():
        block, count = re.subn(rf"(?<!\S){name}=\S+", f"{name}={value}", block)
        assert count == 1, name
    return block


def seconds(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


@pytest.fixture
def run(stack: Stack, tmp_path: Path) -> Callable[[str], str]:
    """Runs a block and shows what it printed; it must not complain."""
    aws = {
        "AWS_ENDPOINT_URL": stack.emulator.url,
        "AWS_DEFAULT_REGION": REGION,
        **{name.upper(): value for name, value in CREDENTIALS.items()},
    }

    def run(block: str) -> str:
        done = subprocess.run(
            ["/bin/bash", "-c", block],
            cwd=tmp_path,
            env=os.environ | aws | {"API": stack.api_url, "API_TOKEN": stack.api_token},
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        assert (done.returncode, done.stderr) == (0, ""), done
        return done.stdout

    return run


@pytest.mark.parametrize(
    "path", [DOCS.parent / "README.md", *sorted(DOCS.glob("*.md"))], ids=lambda path: path.stem
)
def test_a_shell_can_read_every_block(path: Path):
    for block in blocks(path.read_text()):
        done = subprocess.run(["/bin/bash", "-n"], input=block, text=True, capture_output=True)
        assert (done.returncode, done.stderr) == (0, ""), block


def members(value: object) -> set[str]:
    """The names of all that is in an answer, at any depth."""
    if isinstance(value, list):
        return set().union(*map(members, value))
    if not isinstance(value, dict):
        return set()
    # Those are names of URLs.
    inner = (members(one) for name, one in value.items() if name != "webhook_urls")
    return set(value).union(*inner)


def test_the_reference_has_every_member_of_an_answer(account: Restaurant, subscribe, queues):
    one = subscribe(account)
    order, unknown = account.has_order(), account.new_order()
    at = "2026-06-28 09:00:00.000"
    account.announce(shift(account.organization_id, EMPLOYEE_ID, True, at, TERMINAL_GROUP_ID))
    account.report(
        order.assigned(), order.job("assigned_and_accepted_by_driver"), unknown.assigned()
    )
    account.commands(order, ["confirmed"])
    queues.handled("fleet-event", "personal-shift")
    wait_until(one.attempts)
    answers = [
        account.get(path).json()
        for path in (
            "",
            "/orders",
            f"/orders/{order.order_id}",
            "/drivers",
            f"/drivers/{EMPLOYEE_ID}",
            "/unmatched",
        )
    ]
    assert all(answer.get("items", True) for answer in answers)
    answers += [one.shown(), one.notifications(), one.attempts()]
    reference = (DOCS / "api.md").read_text()
    words = set(re.findall(r"\w+", " ".join(re.findall(r"`([^`\n]+)`", reference))))
    assert members(answers) - words == set()


@needs_aws
def test_a_dead_letter_is_read_and_deleted(queues, run):
    url = queues.stack.outputs["FleetEventDeadLettersUrl"]
    queues.take(url)
    reason = {"reason": {"DataType": "String", "StringValue": "no such field"}}
    queues.client.send_message(
        QueueUrl=url,
        MessageBody='{"account_id": "demo"}',
        MessageGroupId="group",
        MessageDeduplicationId=secrets.token_hex(8),
        MessageAttributes=reason,
    )
    look, *_, delete, put_back = blocks_of("A message in a dead-letter queue")
    # Some versions of the CLI take the address of this one service from the option alone.
    here = 'aws() { command aws --endpoint-url "$AWS_ENDPOINT_URL" "$@"; }\n'
    look = here + put(look, STACK=NAME)
    shown = json.loads(run(look))
    [letter] = shown["Messages"]
    assert letter["Body"] == '{"account_id": "demo"}'
    assert letter["MessageAttributes"]["reason"]["StringValue"] == "no such field"
    known = "".join(look.splitlines(True)[:4])
    # The emulator cannot move letters back, but says which queues they would be moved between.
    spoken = run(known + put_back.replace("aws sqs start-message-move-task", "echo"))
    for place, name in (("source", "fleet-event-dead-letters"), ("destination", "fleet-event")):
        assert re.search(rf"--{place}-arn arn:aws:sqs:\S+:{NAME}-{name}\.fifo\b", spoken), spoken
    run(known + delete.replace("<ReceiptHandle>", letter["ReceiptHandle"]))
    assert queues.client.get_queue_attributes(
        QueueUrl=url, AttributeNames=["ApproximateNumberOfMessagesNotVisible"]
    )["Attributes"] == {"ApproximateNumberOfMessagesNotVisible": "0"}


def test_a_large_letter_is_made_readable(run):
    packed = base64.b64encode(zlib.compress(b'{"account_id": "demo"}')).decode()
    [reader] = [one for one in blocks_of("A message in a dead-letter queue") if "zlib" in one]
    assert run(f"echo '{json.dumps({'zlib': packed})}' | {reader}") == '{"account_id": "demo"}\n'


def test_an_account_is_changed_by_writing_back_what_was_read(new_account, run, tmp_path: Path):
    account = new_account()
    before = account.get().json()
    read, write = (
        block.replace("/joes-diner", f"/{account.account_id}")
        for block in blocks_of("Changing an account")
    )
    run(read)
    file = tmp_path / "account.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | {"name": "Another name"}))
    run(write)
    after = account.get().json()
    changed = {name for name in after if after[name] != before[name]}
    assert (after["name"], changed) == ("Another name", {"name", "updated_at"})
    assert account.captain(captain.order_assigned()).status == 200


def is_given_up(*some: Integrator) -> None:
    """Their endpoints answer an event with the word that they are gone for good, and miss it."""
    for one in some:
        one.fault("gone")
        one.restaurant.report(captain.analytics_report_ready(uuid=one.path[1:]))
    for one in some:
        wait_until(lambda one=one: one.shown()["state"] == "disabled")


@needs_jq
def test_one_subscription_is_sent_what_it_missed_and_nothing_else(new_account, subscribe, run):
    one = subscribe(new_account())
    one.restaurant.report(captain.analytics_report_ready(uuid="before"))
    one.hears(1)
    is_given_up(one)
    one.restaurant.report(captain.analytics_report_ready(uuid="meanwhile"))
    # The refused event is found stopped when its retry is due.
    [_, refused, meanwhile] = one.settled("delivered", "stopped", "stopped")
    failing_since = datetime.fromisoformat(one.shown()["failing_since"])
    assert refused["created_at"] < one.listed("attempts")[0]["at"]
    assert one.call("POST", "/enable").status == 200
    finding, sending = blocks_of("A subscription is disabled")
    path = f"{one.restaurant.account_id}/subscriptions/{one.subscription['id']}"
    finding = put(finding, path=path, FROM=seconds(failing_since - timedelta(days=2)))
    assert run(finding + sending).split()[-1] == refused["created_at"]
    again = one.hears(2, when=lambda call: "webhook-replay" in call.headers)
    assert {call.event_uuid for call in again} == {
        refused["event_uuid"],
        meanwhile["event_uuid"],
    }


@needs_jq
def test_a_subscription_that_missed_nothing_is_sent_nothing(new_account, subscribe, run):
    one = subscribe(new_account())
    one.restaurant.report(captain.analytics_report_ready())
    one.settled("delivered")
    finding, sending = blocks_of("A subscription is disabled")
    path = f"{one.restaurant.account_id}/subscriptions/{one.subscription['id']}"
    finding = put(finding, path=path, FROM=seconds(datetime.now(UTC) - timedelta(days=2)))
    assert run(finding + sending).split()[-1] == "none"
    assert len(one.hears(1)) == 1


@needs_jq
def test_what_was_disabled_is_called_again_and_told_what_it_missed(
    new_account, subscribe, run, tmp_path: Path
):
    before, one, other = (subscribe(new_account()) for _ in range(3))
    is_given_up(before)
    since = seconds(datetime.now(UTC))
    healthy = subscribe(one.restaurant)
    is_given_up(one, other)
    # The refused event is found stopped when its retry is due; what is sent again is not.
    for missed in (one, other):
        missed.settled("stopped")
    listing, mending = blocks_of("Many subscriptions were disabled at once")
    listing = put(listing, SINCE=since)
    # The second is for the same shell, and waits for a minute.
    known = "".join(line for line in listing.splitlines(True) if re.match(r"SINCE=|call\(\)", line))
    mending = f"{known}sleep() {{ :; }}\n{mending}"
    assert run(listing) == ""
    listed = (tmp_path / "disabled.txt").read_text().splitlines()
    expected = [
        f"{n.restaurant.account_id}/subscriptions/{n.subscription['id']} " for n in (one, other)
    ]
    assert sorted(line[: line.index(" ") + 1] for line in listed) == sorted(expected)
    assert all("410" in line for line in listed)
    assert run(mending) == ""
    for mended in (one, other):
        assert mended.shown()["state"] == "enabled"
        [refused, again] = mended.hears(2)
        assert again.event_uuid == refused.event_uuid
        assert again.headers["webhook-replay"] == "true"
    assert before.shown()["state"] == "disabled"
    assert {call.headers.get("webhook-replay") for call in healthy.hears(1)} == {None}
