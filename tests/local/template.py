"""Reads the real template.yaml: its functions, their binaries and their routes.

The local stack deploys exactly what the template says. The only change is where the code comes
from, as `sam package` would make it.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml

FUNCTION = "AWS::Serverless::Function"


@dataclass(frozen=True)
class Function:
    logical_id: str
    binary: str
    routes: tuple[str, ...]


class _Loader(yaml.SafeLoader):
    """YAML with CloudFormation's short forms, such as !Ref, turned into their long forms."""


def _short_form(loader: _Loader, suffix: str, node: yaml.Node) -> dict:
    if isinstance(node, yaml.ScalarNode):
        value = loader.construct_scalar(node)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    else:
        value = loader.construct_mapping(node, deep=True)
    if suffix == "GetAtt" and isinstance(value, str):
        value = value.split(".", 1)
    return {suffix if suffix in ("Ref", "Condition") else f"Fn::{suffix}": value}


_Loader.add_multi_constructor("!", _short_form)


class Template:
    def __init__(self, path: Path) -> None:
        self.body = yaml.load(path.read_text(), _Loader)  # noqa: S506 - derived from SafeLoader

    def functions(self) -> Iterator[Function]:
        for logical_id, resource in self.body["Resources"].items():
            if resource["Type"] == FUNCTION:
                binary = resource["Metadata"]["BuildProperties"]["Binary"]
                yield Function(logical_id, binary, tuple(_routes(resource)))

    def time_to_live(self) -> dict[str, dict]:
        """Each table's TimeToLiveSpecification by the table's logical id."""
        return {
            logical_id: resource["Properties"]["TimeToLiveSpecification"]
            for logical_id, resource in self.body["Resources"].items()
            if "TimeToLiveSpecification" in resource.get("Properties", {})
        }

    def packaged(self, code: dict[str, str]) -> str:
        """The template with each function's code at the address given by its logical id."""
        body = json.loads(json.dumps(self.body))
        body["Globals"]["Function"].pop("CodeUri", None)
        for logical_id, address in code.items():
            body["Resources"][logical_id]["Properties"]["CodeUri"] = address
        return json.dumps(body)


def _routes(resource: dict) -> Iterator[str]:
    for event in resource["Properties"].get("Events", {}).values():
        if event["Type"] == "HttpApi":
            yield f"{event['Properties']['Method']} {event['Properties']['Path']}"
