"""What the functions call while they are measured: a fake AWS, and a fake Syrve beside it.

Requests are answered from memory and never refused: conditions, index order and permissions are the
emulator's business and tested there. Here an answer must only be well-formed and quick. Everything
that is kept is replaced, never changed in place, so that a state can be taken and put back by
copying two dictionaries.
"""

import hashlib
import json
from collections import Counter

from .server import Request, Response

ACCOUNT = "000000000000"


class NotFoundError(Exception):
    """Carries the name that the service gives this error."""


class Cloud:
    def __init__(self) -> None:
        self.items: dict[tuple[str, str], dict] = {}
        self.parameters: dict[str, str] = {}
        self.queued: dict[str, list[str]] = {}
        self.calls: Counter[str] = Counter()
        self.unknown: set[str] = set()

    def state(self) -> tuple[dict, dict]:
        return dict(self.items), dict(self.parameters)

    def restore(self, state: tuple[dict, dict]) -> None:
        items, parameters = state
        self.items, self.parameters = dict(items), dict(parameters)
        self.queued.clear()
        self.calls.clear()

    async def answer(self, request: Request) -> Response:
        target = request.headers.get("x-amz-target")
        operation = target.partition(".")[2] if target else request.path
        self.calls[operation.rpartition("/")[2]] += 1
        handler = getattr(self, f"_{operation}", None) if target else SYRVE.get(operation)
        if handler is None:
            self.unknown.add(operation)
            return _json({"__type": "UnknownOperationException", "message": operation}, 400)
        try:
            return _json(handler(json.loads(request.body)))
        except NotFoundError as error:
            return _json({"__type": str(error)}, 400)

    # ------------------------------------------------------------------------------- table

    def _GetItem(self, body: dict) -> dict:
        item = self.items.get(_key(body["Key"]))
        return {"Item": item} if item else {}

    def _BatchGetItem(self, body: dict) -> dict:
        found = {
            table: [self.items[_key(key)] for key in wanted["Keys"] if _key(key) in self.items]
            for table, wanted in body["RequestItems"].items()
        }
        return {"Responses": found, "UnprocessedKeys": {}}

    def _Query(self, body: dict) -> dict:
        name = "gsi1pk" if "IndexName" in body else "pk"
        values = body["ExpressionAttributeValues"].values()
        items = [item for item in self.items.values() if item.get(name) in values]
        return {"Items": items, "Count": len(items), "ScannedCount": len(items)}

    def _PutItem(self, body: dict) -> dict:
        self.items[_key(body["Item"])] = body["Item"]
        return {}

    def _UpdateItem(self, body: dict) -> dict:
        self.items.setdefault(_key(body["Key"]), body["Key"])
        return {}

    def _DeleteItem(self, body: dict) -> dict:
        item = self.items.pop(_key(body["Key"]), None)
        return {"Attributes": item} if item else {}

    def _TransactWriteItems(self, body: dict) -> dict:
        handlers = {"Put": self._PutItem, "Update": self._UpdateItem, "Delete": self._DeleteItem}
        for action in body["TransactItems"]:
            for kind, arguments in action.items():
                if kind in handlers:
                    handlers[kind](arguments)
        return {}

    # ----------------------------------------------------------------- queues, bus, secrets

    def _SendMessageBatch(self, body: dict) -> dict:
        queue = self.queued.setdefault(body["QueueUrl"], [])
        sent = []
        for entry in body["Entries"]:
            queue.append(entry["MessageBody"])
            sent.append({"Id": entry["Id"], **_receipt(entry["MessageBody"], len(queue))})
        return {"Successful": sent, "Failed": []}

    def _SendMessage(self, body: dict) -> dict:
        queue = self.queued.setdefault(body["QueueUrl"], [])
        queue.append(body["MessageBody"])
        return _receipt(body["MessageBody"], len(queue))

    def _ChangeMessageVisibility(self, _: dict) -> dict:
        return {}

    def _GetQueueAttributes(self, body: dict) -> dict:
        name = body["QueueUrl"].rpartition("/")[2]
        return {"Attributes": {"QueueArn": f"arn:aws:sqs:eu-west-1:{ACCOUNT}:{name}"}}

    def _PutEvents(self, body: dict) -> dict:
        entries = [{"EventId": str(number)} for number, _ in enumerate(body["Entries"])]
        return {"FailedEntryCount": 0, "Entries": entries}

    def _PutParameter(self, body: dict) -> dict:
        self.parameters[body["Name"]] = body["Value"]
        return {"Version": 1, "Tier": "Standard"}

    def _GetParameter(self, body: dict) -> dict:
        name = body["Name"]
        if name not in self.parameters:
            raise NotFoundError("ParameterNotFound")
        value = {"Name": name, "Type": "SecureString", "Value": self.parameters[name], "Version": 1}
        return {"Parameter": value}

    def _DeleteParameter(self, body: dict) -> dict:
        self.parameters.pop(body["Name"], None)
        return {}


CORRELATION_ID = "48fb4cd3-0000-4000-8000-00000000bec4"
# Syrve answers these to every caller.
SYRVE = {
    "/api/1/access_token": lambda _: {"correlationId": CORRELATION_ID, "token": "bench"},
    "/api/1/deliveries/update_order_delivery_status": lambda _: {"correlationId": CORRELATION_ID},
    "/api/1/commands/status": lambda _: {"state": "Success"},
}


def _key(attributes: dict) -> tuple[str, str]:
    return attributes["pk"]["S"], attributes["sk"]["S"]


def _receipt(text: str, number: int) -> dict:
    digest = hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
    return {"MessageId": f"message-{number}", "MD5OfMessageBody": digest}


def _json(body: dict, status: int = 200) -> Response:
    return Response(status, json.dumps(body).encode(), {"Content-Type": "application/x-amz-json"})
