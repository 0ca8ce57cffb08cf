"""What the black-box tests stand on: one deployed stack and one fake Syrve for the whole run.

Deploying takes a second or two, so it happens once. Tests keep out of each other's way by having
an account of their own, with its own organization, order and driver ids; so a test must not ask
for "all orders" or "all requests", but for those of its account.
"""

import itertools
import os
import secrets
import shutil
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest

from local.account import Account
from local.fakes.syrve import FakeSyrve, running_fake_syrve
from local.http import Answer, Api, call
from local.settings import STATE, StackError
from local.stack import Stack


@dataclass(frozen=True)
class Restaurant:
    """A registered account, and how its senders call the bridge."""

    account: Account
    api_url: str

    @property
    def account_id(self) -> str:
        return self.account.account_id

    @property
    def organization_id(self) -> str:
        return self.account.organization_id

    def url(self, sender: str) -> str:
        """`sender` is syrve, captain or captain_items."""
        name, _, rest = sender.partition("_")
        return f"{self.api_url}/webhooks/{name}/{self.account_id}" + (f"/{rest}" if rest else "")

    def syrve(self, body: object, token: str | None = None) -> Answer:
        headers = {"Authorization": token or self.account.syrve_token}
        return call("POST", self.url("syrve"), body, headers)

    def captain(self, event: object, token: str | None = None, items: bool = False) -> Answer:
        headers = {"Auth-Token": token or self.account.captain_token}
        return call("POST", self.url("captain_items" if items else "captain"), event, headers)


@pytest.fixture(scope="session")
def stack(request: pytest.FixtureRequest) -> Iterator[Stack]:
    """The real template with the built functions, on free ports, in an emulator of its own.

    Its folder, with the emulator's log, stays only if a test failed.
    """
    folder = STATE / f"test-{os.getpid()}"
    try:
        with Stack(folder, api_token=secrets.token_urlsafe(32)) as stack:
            yield stack
    except StackError as error:
        pytest.exit(str(error), returncode=1)
    if not request.session.testsfailed:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def syrve() -> Iterator[FakeSyrve]:
    with running_fake_syrve() as fake:
        yield fake


@pytest.fixture(scope="session")
def api(stack: Stack) -> Api:
    """The /v1 API with a valid token."""
    return Api(stack.api_url, stack.api_token)


@pytest.fixture(scope="session")
def anonymous(stack: Stack) -> Api:
    """The /v1 API without a token."""
    return Api(stack.api_url, None)


_numbers = itertools.count(1)


@pytest.fixture
def new_account(api: Api, syrve: FakeSyrve, stack: Stack) -> Callable[..., Restaurant]:
    """Makes accounts. Keyword arguments change the registration's body, at its top level."""

    def make(**changes: object) -> Restaurant:
        organization = str(uuid.uuid4())
        account = Account(f"test-{next(_numbers)}-{secrets.token_hex(3)}", organization)
        syrve.state.organizations[organization] = account.account_id
        answer = api.put(f"/accounts/{account.account_id}", account.body(syrve.url) | changes)
        assert answer.status in (200, 201), answer.body
        return Restaurant(account, stack.api_url)

    return make


@pytest.fixture
def account(new_account: Callable[..., Restaurant]) -> Restaurant:
    """A fresh account of this test alone."""
    return new_account()


@pytest.fixture(scope="session")
def table(stack: Stack) -> Callable[..., dict]:
    """Calls DynamoDB on the stack's table: table("get_item", Key=...)."""
    client, name = stack.client("dynamodb"), stack.outputs["TableName"]
    return lambda operation, **arguments: getattr(client, operation)(TableName=name, **arguments)


@dataclass(frozen=True)
class Queues:
    """The stack's queues by the names of their functions, such as delivery-order."""

    client: object
    outputs: dict[str, str]

    def url(self, name: str) -> str:
        return self.outputs[_logical(name) + "QueueUrl"]

    def dead_letters_url(self, name: str) -> str:
        return self.outputs[_logical(name) + "DeadLettersUrl"]

    def waiting(self, url: str) -> int:
        """Messages in a queue, those in a function's hands included."""
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        answer = self.client.get_queue_attributes(QueueUrl=url, AttributeNames=names)
        return sum(int(answer["Attributes"][name]) for name in names)

    def are_empty(self) -> bool:
        """Nothing waits to be handled; dead letters do not count."""
        urls = (url for name, url in self.outputs.items() if name.endswith("QueueUrl"))
        return not any(self.waiting(url) for url in urls)

    def dead_letters(self, name: str) -> list[dict]:
        """Dead letters of a function, taken out of the queue."""
        url, taken = self.dead_letters_url(name), []
        while messages := self.client.receive_message(
            QueueUrl=url,
            MaxNumberOfMessages=10,
            AttributeNames=["All"],
            MessageAttributeNames=["All"],
        ).get("Messages", []):
            for message in messages:
                self.client.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
            taken += messages
        return taken


@pytest.fixture(scope="session")
def queues(stack: Stack) -> Queues:
    return Queues(stack.client("sqs"), stack.outputs)


def _logical(name: str) -> str:
    return "".join(part.capitalize() for part in name.split("-"))
