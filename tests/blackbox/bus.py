"""The domain events that the bridge publishes, collected in a queue as any rule of a customer's
could, each of them as the documented schema says.
"""

import json
from pathlib import Path

from jsonschema import Draft202012Validator

from local.payloads import Order
from local.stack import Stack
from restaurant import Restaurant

NAME = "published"
DOCS = Path(__file__).parents[2] / "docs"
SCHEMA = Draft202012Validator(
    json.loads((DOCS / "events.schema.json").read_text()),
    format_checker=Draft202012Validator.FORMAT_CHECKER,
)


class Bus:
    """A rule of the stack's bus that sends all events to a queue of the tests."""

    def __init__(self, stack: Stack) -> None:
        self.sqs, events = stack.client("sqs"), stack.client("events")
        self.url = self.sqs.create_queue(QueueName=NAME)["QueueUrl"]
        attributes = self.sqs.get_queue_attributes(QueueUrl=self.url, AttributeNames=["QueueArn"])
        bus = {"EventBusName": stack.outputs["EventBusName"]}
        pattern = json.dumps({"source": ["courier-bridge"]})
        events.put_rule(Name=NAME, EventPattern=pattern, **bus)
        target = {"Id": NAME, "Arn": attributes["Attributes"]["QueueArn"]}
        events.put_targets(Rule=NAME, Targets=[target], **bus)
        self._seen: list[dict] = []

    def of(self, restaurant: Restaurant) -> list[dict]:
        """All events of an account so far, oldest first."""
        while found := self.sqs.receive_message(QueueUrl=self.url, MaxNumberOfMessages=10).get(
            "Messages"
        ):
            for message in found:
                event = json.loads(message["Body"])
                SCHEMA.validate(event["detail"])
                assert event["detail-type"] == event["detail"]["name"]
                self._seen.append(event["detail"])
                receipt = message["ReceiptHandle"]
                self.sqs.delete_message(QueueUrl=self.url, ReceiptHandle=receipt)
        return [event for event in self._seen if event["account_id"] == restaurant.account_id]

    def of_order(self, restaurant: Restaurant, order: Order) -> list[tuple[str, dict]]:
        """Name and detail of an order's events, repeats of the same event left out."""
        events = {
            event["event_uuid"]: (event["name"], event["detail"])
            for event in self.of(restaurant)
            if event.get("order_id") == order.order_id
        }
        return list(events.values())

    def of_driver(self, restaurant: Restaurant, driver_id: str) -> list[str]:
        """The names of a driver's events, repeats of the same event left out."""
        names = {
            event["event_uuid"]: event["name"]
            for event in self.of(restaurant)
            if event.get("driver_id") == driver_id
        }
        return list(names.values())
