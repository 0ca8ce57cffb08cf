"""Deploys the template with the built functions to the emulator's CloudFormation.

This is what `sam deploy` does (upload zips, create the stack), without its 12 seconds. Two things
that the emulator leaves out are added from the template itself: the routes of an HTTP API that
are declared as events of functions, and a table's time to live.
"""

import io
import time
import zipfile

from .emulator import Emulator
from .settings import BINARIES, HOST, REGION, StackError, architecture
from .template import Function, Template

BUCKET = "deployment"
DEPLOY_SECONDS = 60


def deploy(emulator: Emulator, template: Template, name: str, parameters: dict) -> dict[str, str]:
    """Deploy, and return the stack's outputs by name."""
    code = _upload(emulator, template)
    cloudformation = emulator.client("cloudformation")
    cloudformation.create_stack(
        StackName=name,
        TemplateURL=_upload_template(emulator, template.packaged(code)),
        Parameters=[
            {"ParameterKey": key, "ParameterValue": value}
            for key, value in {"Architecture": architecture(), **parameters}.items()
        ],
        Capabilities=["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"],
    )
    stack = _wait(cloudformation, name)
    ids = {
        resource["LogicalResourceId"]: resource["PhysicalResourceId"]
        for resource in cloudformation.describe_stack_resources(StackName=name)["StackResources"]
    }
    outputs = {item["OutputKey"]: item["OutputValue"] for item in stack["Outputs"]}
    _add_routes(emulator, template, outputs["HttpApiId"], ids)
    _set_time_to_live(emulator, template, ids)
    return outputs


def api_base(emulator: Emulator, outputs: dict[str, str]) -> str:
    """The emulator's address of the HTTP API, which needs no host name of its own."""
    return f"http://{HOST}:{emulator.port}/_aws/execute-api/{outputs['HttpApiId']}/$default"


def _upload(emulator: Emulator, template: Template) -> dict[str, str]:
    s3 = emulator.client("s3")
    s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
    code = {}
    for function in template.functions():
        key = f"{function.binary}.zip"
        s3.put_object(Bucket=BUCKET, Key=key, Body=_zip(function))
        code[function.logical_id] = f"s3://{BUCKET}/{key}"
    return code


def _upload_template(emulator: Emulator, body: str) -> str:
    """A template of more than 51,200 bytes cannot be in the request itself."""
    key = "template.json"
    emulator.client("s3").put_object(Bucket=BUCKET, Key=key, Body=body.encode())
    return f"{emulator.url}/{BUCKET}/{key}"


def _zip(function: Function) -> bytes:
    binary = BINARIES / function.binary / "bootstrap"
    if not binary.is_file():
        raise StackError(f"{function.binary} is not built ({binary} is missing): make build")
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:
        entry = zipfile.ZipInfo("bootstrap")
        entry.external_attr = 0o755 << 16
        archive.writestr(entry, binary.read_bytes())
    return packed.getvalue()


def _wait(cloudformation, name: str) -> dict:
    deadline = time.monotonic() + DEPLOY_SECONDS
    while True:
        stack = cloudformation.describe_stacks(StackName=name)["Stacks"][0]
        status = stack["StackStatus"]
        if status == "CREATE_COMPLETE":
            return stack
        if not status.endswith("IN_PROGRESS") or time.monotonic() > deadline:
            raise StackError(f"deployment ended {status}: {_reasons(cloudformation, name)}")
        time.sleep(0.05)


def _reasons(cloudformation, name: str) -> str:
    events = cloudformation.describe_stack_events(StackName=name)["StackEvents"]
    return "; ".join(
        f"{event['LogicalResourceId']}: {event.get('ResourceStatusReason', 'no reason given')}"
        for event in reversed(events)
        if event["ResourceStatus"].endswith("FAILED")
    )


def _add_routes(emulator: Emulator, template: Template, api_id: str, ids: dict) -> None:
    gateway, functions = emulator.client("apigatewayv2"), emulator.client("lambda")
    present = {route["RouteKey"] for route in gateway.get_routes(ApiId=api_id)["Items"]}
    for function in template.functions():
        missing = [route for route in function.routes if route not in present]
        if not missing:
            continue
        name = ids[function.logical_id]
        arn = functions.get_function(FunctionName=name)["Configuration"]["FunctionArn"]
        integration = gateway.create_integration(
            ApiId=api_id,
            IntegrationType="AWS_PROXY",
            IntegrationUri=arn,
            PayloadFormatVersion="2.0",
        )
        target = f"integrations/{integration['IntegrationId']}"
        for route in missing:
            gateway.create_route(ApiId=api_id, RouteKey=route, Target=target)


def _set_time_to_live(emulator: Emulator, template: Template, ids: dict) -> None:
    dynamodb = emulator.client("dynamodb")
    for logical_id, specification in template.time_to_live().items():
        dynamodb.update_time_to_live(
            TableName=ids[logical_id], TimeToLiveSpecification=specification
        )
