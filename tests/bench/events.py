"""Events as AWS hands them to functions: samples of events/, other bodies in them, and messages."""

import base64
import json

from local.settings import ROOT

EVENTS = ROOT / "events"
FIXTURES = ROOT / "tests" / "fixtures"


def sample(binary: str) -> dict:
    return json.loads((EVENTS / f"{binary}.json").read_text())


def body(binary: str, fixture: str) -> dict:
    """The sample call of a receiver with the body of a fixture."""
    text = (FIXTURES / f"{fixture}.json").read_text()
    return sample(binary) | {"body": text, "isBase64Encoded": False}


def text(request: dict) -> str:
    content = request["body"]
    return base64.b64decode(content).decode() if request["isBase64Encoded"] else content


def batch(queue: str, bodies: list[str]) -> dict:
    """The messages of a queue, all of one group if it keeps an order."""
    return {"Records": [_record(queue, number, one) for number, one in enumerate(bodies)]}


def of_bus(entry: dict) -> str:
    """The body of the message that a rule of the bus makes of a published event."""
    wrapped = {
        "version": "0",
        "id": "00000000-0000-4000-8000-000000000000",
        "detail-type": entry["DetailType"],
        "source": entry["Source"],
        "account": "000000000000",
        "time": "2026-06-28T16:30:00Z",
        "region": "eu-west-1",
        "resources": [],
        "detail": json.loads(entry["Detail"]),
    }
    return json.dumps(wrapped)


def _record(queue: str, number: int, content: str) -> dict:
    attributes = {
        "ApproximateReceiveCount": "1",
        "SentTimestamp": "1782664200000",
        "SenderId": "bench",
        "ApproximateFirstReceiveTimestamp": "1782664200000",
    }
    if queue.endswith(".fifo"):
        attributes |= {
            "SequenceNumber": f"{number:020}",
            "MessageGroupId": "group",
            "MessageDeduplicationId": f"deduplication-{number}",
        }
    return {
        "messageId": f"00000000-0000-4000-8000-{number:012}",
        "receiptHandle": f"receipt-{number}",
        "body": content,
        "attributes": attributes,
        "messageAttributes": {},
        "md5OfBody": "",
        "eventSource": "aws:sqs",
        "eventSourceARN": f"arn:aws:sqs:eu-west-1:000000000000:{queue}",
        "awsRegion": "eu-west-1",
    }
