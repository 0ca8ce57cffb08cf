"""What the functions call while they are measured: a fake AWS, with Syrve, Captain.AI and an
integrator beside it.

Requests are answered from memory. Only updates have their conditions looked at, since what follows
depends on them; those of other writes, index order and permissions are the emulator's business and
tested there. Here an answer must only be well-formed and quick. Everything that is kept is
replaced, never changed in place, so that a state can be taken and put back by copying two
dictionaries.
"""

import hashlib
import json
from collections import Counter

from .expressions import condition, update
from .server import Request, Response
from .systems import NotAnsweredError, Operation, Systems

ACCOUNT = "000000000000"
# Of what is kept for an API login: its token, and when it may be used.
LOGINS = "LOGIN#"
# The path under which an integrator is told of events.
SUBSCRIBER = "/subscriber"


class RefusedError(Exception):
    """Carries the name that the service gives this error, and what it says with it."""

    def __init__(self, name: str, **more: object) -> None:
        super().__init__(name)
        self.answer = {"__type": name, "message": name, **more}


class Cloud:
    def __init__(self) -> None:
        self.items: dict[tuple[str, str], dict] = {}
        self.parameters: dict[str, str] = {}
        self.queued: dict[str, list[str]] = {}
        self.published: list[dict] = []
        self.systems = Systems()
        self.calls: Counter[str] = Counter()
        # If any, what is measured is not a usual event.
        self.not_answered: set[str] = set()

    def state(self) -> tuple[dict, dict]:
        return dict(self.items), dict(self.parameters)

    def restore(self, state: tuple[dict, dict]) -> None:
        items, parameters = state
        self.items, self.parameters = dict(items), dict(parameters)
        self.queued.clear()
        self.published.clear()
        self.forget()

    def forget(self) -> None:
        """Begin anew: nothing was called, the other systems are empty, and nobody is logged in."""
        self.items = {
            key: item for key, item in self.items.items() if not key[0].startswith(LOGINS)
        }
        self.systems = Systems()
        self.calls.clear()

    async def answer(self, request: Request) -> Response:
        operation = self._operation(request)
        self.calls[operation.name] += 1
        try:
            status, body = operation.answer(json.loads(request.body or b"{}"))
        except RefusedError as error:
            return _json(error.answer, 400)
        except (NotAnsweredError, LookupError) as error:
            self.not_answered.add(f"{operation.name}: {error}")
            return _json({"errors": [str(error)]}, 400)
        return _json(body, status)

    def _operation(self, request: Request) -> Operation:
        target = request.headers.get("x-amz-target")
        if not target and request.path.startswith(SUBSCRIBER):
            return Operation("subscriber", lambda _: (200, {}))
        if not target:
            found = self.systems.find(request.method, request.path)
            return found or Operation(f"{request.method} {request.path}", _unknown)
        name = target.partition(".")[2]
        handler = getattr(self, f"_{name}", _unknown)
        return Operation(name, lambda body: (200, handler(body)))

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
        name, sort = ("gsi1pk", "gsi1sk") if "IndexName" in body else ("pk", "sk")
        values = body["ExpressionAttributeValues"]
        start = values.get(":prefix", {"S": ""})["S"]
        items = [
            item
            for item in self.items.values()
            if item.get(name) in values.values() and item[sort]["S"].startswith(start)
        ]
        return {"Items": items, "Count": len(items), "ScannedCount": len(items)}

    def _PutItem(self, body: dict) -> dict:
        self.items[_key(body["Item"])] = body["Item"]
        return {}

    def _UpdateItem(self, body: dict) -> dict:
        key, values = _key(body["Key"]), body.get("ExpressionAttributeValues", {})
        item = self.items.get(key)
        text = body.get("ConditionExpression")
        if text and not condition(text)(item or {}, values):
            raise RefusedError("ConditionalCheckFailedException", Item=item or {})
        self.items[key] = update(body["UpdateExpression"])(item or body["Key"], values)
        return {"Attributes": self.items[key]} if body.get("ReturnValues") == "ALL_NEW" else {}

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
        self.published += body["Entries"]
        entries = [{"EventId": str(number)} for number, _ in enumerate(body["Entries"])]
        return {"FailedEntryCount": 0, "Entries": entries}

    def _PutParameter(self, body: dict) -> dict:
        self.parameters[body["Name"]] = body["Value"]
        return {"Version": 1, "Tier": "Standard"}

    def _GetParameter(self, body: dict) -> dict:
        name = body["Name"]
        if name not in self.parameters:
            raise RefusedError("ParameterNotFound")
        value = {"Name": name, "Type": "SecureString", "Value": self.parameters[name], "Version": 1}
        return {"Parameter": value}

    def _DeleteParameter(self, body: dict) -> dict:
        self.parameters.pop(body["Name"], None)
        return {}


def _unknown(_: dict) -> dict:
    raise NotAnsweredError("not known")


def _key(attributes: dict) -> tuple[str, str]:
    return attributes["pk"]["S"], attributes["sk"]["S"]


def _receipt(text: str, number: int) -> dict:
    digest = hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
    return {"MessageId": f"message-{number}", "MD5OfMessageBody": digest}


def _json(body: dict, status: int = 200) -> Response:
    return Response(status, json.dumps(body).encode(), {"Content-Type": "application/x-amz-json"})
