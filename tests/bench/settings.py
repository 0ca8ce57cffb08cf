"""The environment of each function, worked out from template.yaml as a deployment would.

Reading the template keeps the benchmark right when a function gets a new variable: references to
the table, the queues and the bus become names and URLs of the fake AWS.
"""

import hashlib
from dataclasses import dataclass

from local.settings import HOST, REGION
from local.template import Template

from .cloud import ACCOUNT

STACK = "bench"


@dataclass(frozen=True)
class Settings:
    template: Template
    port: int
    api_token: str

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.port}"

    def environment(self, binary: str) -> dict[str, str]:
        """What AWS sets for every function, and what the template sets for this one."""
        body = self.template.body
        variables = dict(_variables(body["Globals"]["Function"]))
        properties = self._properties(binary)
        if properties is not None:
            variables |= _variables(properties)
        values = {name: self._value(value) for name, value in variables.items()}
        if url := self.queue_url(binary):
            values.setdefault("QUEUE_URL", url)
        return {
            "AWS_ACCESS_KEY_ID": "bench",
            "AWS_SECRET_ACCESS_KEY": "bench",
            "AWS_SESSION_TOKEN": "bench",
            "AWS_REGION": REGION,
            "AWS_ENDPOINT_URL": self.url,
            "AWS_LAMBDA_FUNCTION_NAME": f"{STACK}-{binary}",
            "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(self._parameter("MemorySize")),
            "AWS_LAMBDA_LOG_GROUP_NAME": f"/aws/lambda/{STACK}-{binary}",
            "AWS_LAMBDA_LOG_STREAM_NAME": "bench",
            "TZ": ":UTC",
            **values,
        }

    def queue_url(self, binary: str) -> str | None:
        """The queue that a function takes its messages from."""
        for event in (self._properties(binary) or {}).get("Events", {}).values():
            if event["Type"] == "SQS":
                return self._queue(event["Properties"]["Queue"]["Fn::GetAtt"][0])
        return None

    def _properties(self, binary: str) -> dict | None:
        for function in self.template.functions():
            if function.binary == binary:
                return self.template.body["Resources"][function.logical_id]["Properties"]
        return None

    def _queue(self, logical_id: str) -> str:
        properties = self.template.body["Resources"][logical_id]["Properties"]
        return f"{self.url}/{ACCOUNT}/{self._value(properties['QueueName'])}"

    def _parameter(self, name: str) -> str:
        if name == "ApiTokenSha256":
            return hashlib.sha256(self.api_token.encode()).hexdigest()
        if name == "AllowLoopbackSubscribers":
            return "true"
        return str(self.template.body["Parameters"][name].get("Default", ""))

    def _value(self, value: object) -> str:
        if not isinstance(value, dict):
            return str(value)
        if "Fn::Sub" in value:
            return value["Fn::Sub"].replace("${AWS::StackName}", STACK)
        name = value["Ref"]
        if name in self.template.body["Parameters"]:
            return self._parameter(name)
        queue = self.template.body["Resources"][name]["Type"] == "AWS::SQS::Queue"
        return self._queue(name) if queue else name.lower()


def _variables(function: dict) -> dict:
    return function.get("Environment", {}).get("Variables", {})
