"""`make demo` ends well and soon, also when it is run again, and shows what it promises."""

import secrets
import time
from dataclasses import replace

from local.account import Account
from local.demo import Demo
from local.fakes.captain_api import FakeCaptainApi
from local.fakes.subscriber import running_fake_subscriber
from local.fakes.syrve import FakeSyrve
from local.http import Api
from local.run import RATES, register
from local.session import Session
from queues import Queues

TITLES = (
    "Order",
    "Timeline of the order",
    "Commands",
    "What Syrve and Captain.AI received",
    "Three more orders, for the other fleets",
    "Orders that the other fleets carried",
    "Signed notifications that the subscriber received",
)


def test_the_demo_tells_its_story_twice(
    stack, own_syrve: FakeSyrve, own_captain_api: FakeCaptainApi, queues: Queues, capsys
):
    with running_fake_subscriber() as subscriber:
        session = Session(
            api_url=stack.api_url,
            api_token=stack.api_token,
            emulator_url=stack.emulator.url,
            syrve_url=own_syrve.url,
            captain_url=own_captain_api.url,
            subscriber_url=subscriber.url,
            account=replace(Account(f"demo-{secrets.token_hex(3)}"), rate_limits=RATES),
            outputs=stack.outputs,
        )
        register(session)
        for _ in range(2):
            started = time.monotonic()
            Demo(session).run()
            assert time.monotonic() - started < 45
            tells_its_story(capsys.readouterr().out.splitlines())
        assert subscriber.violations == []
        # A position may be told a minute later, when nobody listens any more.
        account = f"/accounts/{session.account.account_id}"
        assert Api(stack.api_url, stack.api_token).delete(account).status == 204
        queues.purge("notify")
    statuses = [order["status"] for order in own_captain_api.state.orders.values()]
    assert (len(statuses), statuses.count("prepared")) == (8, 2)


def tells_its_story(lines: list[str]) -> None:
    heads = [line for line in lines if line and not line.startswith(" ")]
    assert len(heads) == len(TITLES)
    assert all(head.startswith(title) for head, title in zip(heads, TITLES, strict=True))
    assert max(map(len, lines)) <= 100
    told = [line.split() for line in lines]
    commands = [words for words in told if "confirmed" in words and words[-1] == "1"]
    assert {words[0] for words in commands} == {"Syrve", "Captain.AI"}
    assert not [words for words in told if "failed" in words]
    others = [words for words in told if words[1:2] in (["jelp"], ["radaro"], ["bringg"])]
    assert len(others) == 9
    assert [words[-1] for words in others].count("Delivered") == 3
    notifications = [words for words in told if words[-3:-2] == ["yes"]]
    says = [words[2] for words in notifications]
    assert says.count("dropped_off") == says.count("completed") == 4
    assert says.count("being_prepared") == says.count("prepared") == 2
    missed = [words for words in notifications if "503" in words]
    assert [words[1:4] for words in missed] == [["order_assigned", "1:", "503"]]
    assert [*missed[0][:2], "2:", "200"] in [words[:4] for words in notifications]
