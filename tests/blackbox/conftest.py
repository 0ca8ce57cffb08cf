"""What the black-box tests stand on: one deployed stack, and one fake of each outside system.

Deploying takes a second or two, so it happens once in each of the processes that share the tests:
most of a test is waiting, so stacks side by side take less time. Tests keep out of each
other's way by having an account of their own, with its own login, keys, organization, order and
driver ids; so a test must not ask for "all orders" or "all requests", but for those of its
account. Tests that break Syrve or Captain.AI have a fake of their own besides.

Three promises are checked over the whole run: neither ever got a request that its contract forbids,
no function ever logged a secret or a person's data, and no subscriber was told of people.
"""

import contextlib
import itertools
import os
import secrets
import shutil
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

import pytest

from aws_log import AwsLog
from bus import Bus
from integrator import Integrator
from leaks import leaked, told_of_people
from local.account import Account
from local.fakes.captain_api import FakeCaptainApi, running_fake_captain_api
from local.fakes.subscriber import FakeSubscriber, running_fake_subscriber
from local.fakes.syrve import FakeSyrve, running_fake_syrve
from local.http import Api
from local.settings import STATE, TEMPLATE, StackError
from local.stack import Stack, log_events
from local.template import Template
from queues import Queues
from restaurant import Restaurant

# No scheduled driver sync runs into a test; those that are about it start it themselves.
PARAMETERS = {"DriverSyncMinutes": "1440"}
# So many calls per minute that no test waits for one.
RATES = dict.fromkeys(
    ["authorization", "dictionaries", "drivers", "shifts", "order_status", "orders", "commands"],
    6000,
)


# Files whose tests wait more than they work, longest first.
WAITING = (
    "driver_sync_size",
    "gate",
    "notify_retries",
    "runbook",
    "notify_locations",
    "notify_disabled",
    "notify_hanging",
    "notify_chain",
    "driver_sync_faults",
    "dispatch_failures",
    "dispatch_outage",
    "demo",
    "driver_sync_schedule",
    "notify_dead_letters",
)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files go to the stacks in this order: one that waits, two that work, the long ones first. So
    the processor has work all the time, and no long file is left for the end.
    """
    tests = Counter(_file(item) for item in items)
    waiting = [name for name in WAITING if name in tests]
    working = sorted(tests.keys() - set(waiting), key=lambda name: (-tests[name], name))
    threes = itertools.zip_longest(waiting, working[::2], working[1::2])
    woven = [name for three in threes for name in three if name]
    items.sort(key=lambda item: woven.index(_file(item)))


def _file(item: pytest.Item) -> str:
    return item.path.stem.removeprefix("test_")


@pytest.fixture(scope="session")
def stack(request: pytest.FixtureRequest) -> Iterator[Stack]:
    """The real template with the built functions, on free ports, in an emulator of its own.

    Its folder, with the emulator's log, stays only if a test failed.
    """
    folder = STATE / f"test-{os.getpid()}"
    try:
        with Stack(folder, api_token=secrets.token_urlsafe(32), parameters=PARAMETERS) as stack:
            yield stack
            assert leaked(stack, [stack.api_token, *_secrets]) == []
    except StackError as error:
        pytest.exit(str(error), returncode=1)
    if not request.session.testsfailed:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo):
    """A failed test is shown with what the functions logged while it ran."""
    report = yield
    stack = getattr(item, "funcargs", {}).get("stack")
    if report.failed and report.when == "call" and stack is not None:
        client = stack.client("logs")
        lines = [
            (event["at"], f"{function.binary}: {event['text']}")
            for function in Template(TEMPLATE).functions()
            for event in log_events(client, function.binary, call.start)
            if event["line"]
        ]
        report.sections.append(("functions", "\n".join(text for _, text in sorted(lines)[-60:])))
    return report


@pytest.fixture(scope="session")
def syrve() -> Iterator[FakeSyrve]:
    """The fake Syrve of all accounts that need no other."""
    with running_fake_syrve() as fake:
        yield fake
        assert fake.violations == []


@pytest.fixture
def own_syrve() -> Iterator[FakeSyrve]:
    """A fake Syrve of this test alone, to be broken at will."""
    with running_fake_syrve() as fake:
        yield fake
        assert fake.violations == []


@pytest.fixture(scope="session")
def captain_api() -> Iterator[FakeCaptainApi]:
    """The fake of Captain.AI's REST API of all accounts that need no other."""
    with running_fake_captain_api() as fake:
        yield fake
        assert fake.violations == []


@pytest.fixture
def own_captain_api() -> Iterator[FakeCaptainApi]:
    """A fake of Captain.AI's REST API of this test alone, to be broken at will."""
    with running_fake_captain_api() as fake:
        yield fake
        assert fake.violations == []


@pytest.fixture(scope="session")
def subscriber() -> Iterator[FakeSubscriber]:
    """Where all subscriptions lead to; nobody is told of people there."""
    with running_fake_subscriber() as fake:
        yield fake
        assert fake.violations == []
        assert told_of_people(fake.requests) == []


@pytest.fixture(scope="session")
def api(stack: Stack) -> Api:
    """The /v1 API with a valid token."""
    return Api(stack.api_url, stack.api_token)


@pytest.fixture(scope="session")
def anonymous(stack: Stack) -> Api:
    """The /v1 API without a token."""
    return Api(stack.api_url, None)


_numbers = itertools.count(1)
_secrets: list[str] = []


@pytest.fixture
def new_account(api: Api, syrve: FakeSyrve) -> Callable[..., Restaurant]:
    """Makes accounts. Keyword arguments change the registration's body, at its top level."""

    def make(
        pos: FakeSyrve | None = None,
        captain: FakeCaptainApi | None = None,
        login_of: Restaurant | None = None,
        rates: dict | None = None,
        fleets: dict[str, dict | None] | None = None,
        **changes: object,
    ) -> Restaurant:
        """An account whose orders are dispatched to `captain`, if one is given.

        It has an API login of its own, or that of another restaurant, `login_of`. `fleets` changes
        fields of fleets by name; None takes one away.
        """
        pos = pos or (login_of.pos if login_of else syrve)
        own_login = f"login-{secrets.token_urlsafe(12)}"
        account = Account(
            f"test-{next(_numbers)}-{secrets.token_hex(3)}",
            organization_id=str(uuid.uuid4()),
            api_login=login_of.account.api_login if login_of else own_login,
            captain_account_uuid=secrets.token_hex(6),
            captain_integration_key=f"integration-{secrets.token_urlsafe(12)}",
            captain_developer_key=f"developer-{secrets.token_urlsafe(12)}",
            rate_limits=RATES | (rates or {}),
            captain_rate=6000,
        )
        pos.state.organizations[account.organization_id] = account.account_id
        if login_of:
            pos.state.api_logins[account.api_login].organizations.add(account.organization_id)
        else:
            pos.state.add_login(account.api_login, [account.organization_id])
        _secrets.extend(account.secrets)
        if captain:
            keys = (account.captain_integration_key, account.captain_developer_key)
            captain.state.add_account(account.captain_account_uuid, account.account_id)
            captain.state.add_keys(*keys, [account.captain_account_uuid])
            _secrets.extend(keys)
        body = account.body(pos.url, captain.url if captain else None)
        for name, fields in (fleets or {}).items():
            own = body["fleets"].pop(name)
            if fields is not None:
                body["fleets"][name] = own | fields
        answer = api.put(f"/accounts/{account.account_id}", body | changes)
        assert answer.status == 201, answer.body
        return Restaurant(account, api, pos, captain)

    return make


@pytest.fixture
def account(new_account: Callable[..., Restaurant]) -> Restaurant:
    """A fresh account of this test alone."""
    return new_account()


@pytest.fixture
def restaurant(new_account: Callable[..., Restaurant], own_syrve: FakeSyrve) -> Restaurant:
    """A fresh account whose Syrve is this test's alone."""
    return new_account(own_syrve)


@pytest.fixture
def subscribe(subscriber: FakeSubscriber, queues: Queues) -> Iterator[Callable[..., Integrator]]:
    """Makes subscriptions, which end with the test: subscribe(account, events=[...]). So does what
    would be sent again.
    """
    queues.purge("notify")
    made = []

    def make(restaurant: Restaurant, **body: object) -> Integrator:
        integrator = Integrator(restaurant, subscriber)
        answer = integrator.register(**body)
        assert answer.status == 201, answer
        _secrets.extend([integrator.token, integrator.secret.removeprefix("whsec_")])
        made.append(integrator)
        return integrator

    yield make
    for integrator in made:
        integrator.call("DELETE")
    queues.purge("notify")


@pytest.fixture(scope="session")
def table(stack: Stack) -> Callable[..., dict]:
    """Calls DynamoDB on the stack's table: table("get_item", Key=...)."""
    client, name = stack.client("dynamodb"), stack.outputs["TableName"]
    return lambda operation, **arguments: getattr(client, operation)(TableName=name, **arguments)


@pytest.fixture(scope="session")
def queues(stack: Stack) -> Queues:
    return Queues(stack)


@pytest.fixture
def nothing_left(queues: Queues) -> Iterator[None]:
    """Commands that are still held back when the test ends are thrown away."""
    yield
    for name in ("syrve-command", "fleet-command"):
        queues.purge(name)


@pytest.fixture(scope="session")
def requests_of(stack: Stack, queues: Queues) -> Callable[..., AbstractContextManager[AwsLog]]:
    """`with requests_of("personal-shift") as log:` waits for that queue at the end.

    What `notify` asks for counts only if it is named: it works up each minute's positions in the
    next one, those of other tests too.
    """

    @contextlib.contextmanager
    def record(*names: str) -> Iterator[AwsLog]:
        log = AwsLog(stack, *({"notify"} - set(names)))
        log.start()
        try:
            yield log
            queues.handled(*names)
        finally:
            log.stop()

    return record


@pytest.fixture(scope="session")
def bus(stack: Stack) -> Bus:
    """What is published from now on."""
    return Bus(stack)
