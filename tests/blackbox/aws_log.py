"""What the functions ask AWS for, by the emulator's log of requests.

The functions' requests are told from the tests' own by the caller's key. The log shows the last 50
requests of a name, so it is for blocks that make few.
"""

import json

from local.http import call
from local.settings import CREDENTIALS
from local.stack import Stack

ROOT = CREDENTIALS["aws_access_key_id"]


class AwsLog:
    """The functions' requests, oldest first, once the block that made them has ended."""

    def __init__(self, stack: Stack) -> None:
        self.url = f"{stack.emulator.url}/_ministack/config"
        self.client = stack.client("cloudtrail")
        self.events: list[dict] = []
        self._known: set[str] = set()

    def start(self) -> None:
        self._known = {event["EventId"] for event in self._recorded()}
        self._switch(True)

    def stop(self) -> None:
        self._switch(False)
        self.events = [e for e in self._recorded() if e["EventId"] not in self._known]

    @property
    def requests(self) -> list[str]:
        """The names of the requests."""
        return [event["EventName"] for event in self.events]

    def parameters(self, name: str) -> list[dict]:
        """What each request of that name said."""
        told = [json.loads(e["CloudTrailEvent"]) for e in self.events if e["EventName"] == name]
        return [event["requestParameters"] for event in told]

    def _switch(self, on: bool) -> None:
        setting = {"cloudtrail._recording_enabled": str(on).lower()}
        assert call("POST", self.url, setting).json() == {"applied": {next(iter(setting)): on}}

    def _recorded(self) -> list[dict]:
        events = self.client.lookup_events(MaxResults=50)["Events"]
        return [event for event in reversed(events) if event["AccessKeyId"] != ROOT]
