"""`make demo` ends well and soon, also when it is run again, and shows what it promises."""

import secrets
import time
from dataclasses import replace

from local.account import Account
from local.demo import Demo
from local.fakes.captain_api import FakeCaptainApi
from local.fakes.syrve import FakeSyrve
from local.run import RATES, register
from local.session import Session

TITLES = (
    "Order",
    "Timeline of the order",
    "Commands",
    "What Syrve and Captain.AI received",
    "Three more orders, for the other fleets",
    "Orders that the other fleets carried",
)


def test_the_demo_tells_its_story_twice(
    stack, own_syrve: FakeSyrve, own_captain_api: FakeCaptainApi, capsys
):
    session = Session(
        api_url=stack.api_url,
        api_token=stack.api_token,
        emulator_url=stack.emulator.url,
        syrve_url=own_syrve.url,
        captain_url=own_captain_api.url,
        account=replace(Account(f"demo-{secrets.token_hex(3)}"), rate_limits=RATES),
        outputs=stack.outputs,
    )
    register(session)
    for _ in range(2):
        started = time.monotonic()
        Demo(session).run()
        assert time.monotonic() - started < 20
        lines = capsys.readouterr().out.splitlines()
        heads = [line for line in lines if line and not line.startswith(" ")]
        assert len(heads) == len(TITLES)
        assert all(head.startswith(title) for head, title in zip(heads, TITLES, strict=True))
        assert max(map(len, lines)) <= 100
        told = [line.split() for line in lines]
        commands = [words for words in told if "confirmed" in words and words[-1] == "1"]
        assert {words[0] for words in commands} == {"Syrve", "Captain.AI"}
        assert not [words for words in told if "failed" in words]
        others = [line for line in told if line and line[1:2] in (["jelp"], ["radaro"], ["bringg"])]
        assert len(others) == 9
        assert [words[-1] for words in others].count("Delivered") == 3
    statuses = [order["status"] for order in own_captain_api.state.orders.values()]
    assert (len(statuses), statuses.count("prepared")) == (8, 2)
