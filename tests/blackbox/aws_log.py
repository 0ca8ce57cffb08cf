"""What the functions ask AWS for, by the emulator's log of requests.

The functions' requests are told from the tests' own by the caller's key. The log is read 50
requests at a time, as AWS's, and goes on by the time of the last one.
"""

import hashlib
import json

from local.http import call
from local.settings import CREDENTIALS
from local.stack import NAME, Stack

ROOT = CREDENTIALS["aws_access_key_id"]


class AwsLog:
    """The functions' requests, oldest first, once the block that made them has ended.

    Those of `but` are left out.
    """

    def __init__(self, stack: Stack, *but: str) -> None:
        self.others = {ROOT, *(_key(stack, name) for name in but)}
        self.url = f"{stack.emulator.url}/_ministack/config"
        self.client = stack.client("cloudtrail")
        self.client.meta.events.register("before-call.cloudtrail.LookupEvents", self._until)
        self.events: list[dict] = []
        self._known: set[str] = set()
        self._end: float | None = None

    def start(self) -> None:
        self._known = {event["EventId"] for event in self._page()}
        self._switch(True)

    def stop(self) -> None:
        self._switch(False)
        events: list[dict] = []
        self._end = None
        while page := self._page():
            new = [event for event in page if event["EventId"] not in self._known]
            events += new
            if len(new) < len(page):
                break
            # Times are read with microseconds.
            self._end = page[-1]["EventTime"].timestamp() - 1e-6
        self._end = None
        self.events = [
            event for event in reversed(events) if event["AccessKeyId"] not in self.others
        ]

    @property
    def requests(self) -> list[str]:
        """The names of the requests."""
        return [event["EventName"] for event in self.events]

    def about(self, account_id: str) -> list[str]:
        """The names of those that have the account in what they said."""
        return [e["EventName"] for e in self.events if account_id in e["CloudTrailEvent"]]

    def parameters(self, name: str) -> list[dict]:
        """What each request of that name said."""
        told = [json.loads(e["CloudTrailEvent"]) for e in self.events if e["EventName"] == name]
        return [event["requestParameters"] for event in told]

    def _switch(self, on: bool) -> None:
        setting = {"cloudtrail._recording_enabled": str(on).lower()}
        assert call("POST", self.url, setting).json() == {"applied": {next(iter(setting)): on}}

    def _page(self) -> list[dict]:
        """The newest requests up to a time, newest first."""
        return self.client.lookup_events(MaxResults=50)["Events"]

    def _until(self, params: dict, **_: object) -> None:
        # boto3 would cut the time to a second, which holds more than 50 requests.
        if self._end is not None:
            body = json.loads(params["body"]) | {"EndTime": self._end}
            params["body"] = json.dumps(body).encode()


def _key(stack: Stack, function: str) -> str:
    """The key that the emulator gives to a function: made of its name and its role's."""
    functions = stack.client("lambda")
    told = functions.get_function_configuration(FunctionName=f"{NAME}-{function}")
    made = hashlib.sha256(f"{told['FunctionArn']}:{told['Role']}".encode())
    return f"ASIA{made.hexdigest()[:16].upper()}"
