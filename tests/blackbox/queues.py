"""The stack's queues, by their names: looking into them, holding them, taking dead letters out, and
delivering a message once more, as SQS may do. All but `driver-sync` and `notify` are FIFO; all but
`driver-sync` have the name of the function that reads them.
"""

import contextlib
import json
import uuid
from collections.abc import Iterator

from local.settings import REGION
from local.stack import NAME, Stack
from local.waiting import wait_until

DEPTH = [
    "ApproximateNumberOfMessages",
    "ApproximateNumberOfMessagesNotVisible",
    "ApproximateNumberOfMessagesDelayed",
]
# The functions that read queues of another name.
READERS = {"driver-sync": "driver-sync-account"}


class Queues:
    def __init__(self, stack: Stack) -> None:
        self.stack, self.client = stack, stack.client("sqs")

    def url(self, name: str) -> str:
        return self.stack.outputs[_logical(name) + "QueueUrl"]

    def waiting(self, name: str) -> int:
        """Messages in a queue, those in a function's hands and those kept back included: of
        `notify` not what waits for the end of a minute.
        """
        counted = DEPTH[:2] if name == "notify" else DEPTH
        answer = self.client.get_queue_attributes(QueueUrl=self.url(name), AttributeNames=counted)
        return sum(int(answer["Attributes"][depth]) for depth in counted)

    def handled(self, *names: str, timeout: float = 30, every: float = 0.03) -> None:
        """Wait until nothing is left in these queues: every event was applied or buried."""
        wait_until(lambda: not any(map(self.waiting, names)), timeout, every)

    @contextlib.contextmanager
    def held(self, *names: str) -> Iterator[None]:
        """Nobody takes messages from these queues inside the block."""
        functions = self.stack.client("lambda")
        mappings = [
            mapping["UUID"]
            for name in names
            for mapping in functions.list_event_source_mappings(
                FunctionName=f"{NAME}-{READERS.get(name, name)}"
            )["EventSourceMappings"]
        ]
        assert len(mappings) == len(names)
        for mapping in mappings:
            functions.update_event_source_mapping(UUID=mapping, Enabled=False)
        try:
            yield
        finally:
            for mapping in mappings:
                functions.update_event_source_mapping(UUID=mapping, Enabled=True)

    def take(self, url: str) -> list[dict]:
        """All visible messages of a queue, taken out of it."""
        taken = []
        while messages := self.client.receive_message(
            QueueUrl=url,
            MaxNumberOfMessages=10,
            AttributeNames=["All"],
            MessageAttributeNames=["All"],
        ).get("Messages", []):
            entries = [
                {"Id": str(number), "ReceiptHandle": message["ReceiptHandle"]}
                for number, message in enumerate(messages)
            ]
            self.client.delete_message_batch(QueueUrl=url, Entries=entries)
            taken += messages
        return taken

    def receive(self, name: str, count: int) -> list[dict]:
        """Messages as a function gets them; they stay in the queue, in this receiver's hands."""
        answer = self.client.receive_message(
            QueueUrl=self.url(name), MaxNumberOfMessages=count, AttributeNames=["All"]
        )
        return [
            {
                "messageId": message["MessageId"],
                "receiptHandle": message["ReceiptHandle"],
                "body": message["Body"],
                "attributes": message["Attributes"],
                "messageAttributes": {},
                "eventSource": "aws:sqs",
                "awsRegion": REGION,
            }
            for message in answer.get("Messages", [])
        ]

    def deliver(self, name: str, message: dict) -> None:
        """Put a message that was taken into its queue again, as a new delivery."""
        group = message["Attributes"].get("MessageGroupId")
        turn = {"MessageGroupId": group, "MessageDeduplicationId": str(uuid.uuid4())}
        self.send(name, message["Body"], **(turn if group else {}))

    def send(self, name: str, body: str, **turn: str) -> None:
        self.client.send_message(QueueUrl=self.url(name), MessageBody=body, **turn)

    def purge(self, name: str) -> None:
        """Throw away all messages of a queue, those that nobody can receive now included."""
        self.client.purge_queue(QueueUrl=self.url(name))

    def dead_letters(self, name: str, account_id: str) -> list[tuple[dict, str]]:
        """The account's dead letters of a function, each with the reason; taken out for good."""
        url = self.stack.outputs[_logical(name) + "DeadLettersUrl"]
        letters = [
            (json.loads(message["Body"]), message["MessageAttributes"]["reason"]["StringValue"])
            for message in self.take(url)
        ]
        return [letter for letter in letters if account_id in _accounts(letter[0])]


def _accounts(letter: dict) -> list[str]:
    """Whom a message is about: one account, or those that share an API login."""
    if "accounts" in letter:
        return letter["accounts"]
    # Of those for `notify`, an event of the bus and a request have it one level down.
    inner = next((letter[name] for name in ("detail", "moves", "replay") if name in letter), letter)
    return [inner["account_id"]]


def _logical(name: str) -> str:
    return "".join(part.capitalize() for part in name.split("-"))
