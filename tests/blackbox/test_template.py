"""What in the template has to agree with something else in it, or with the code."""

import pytest

from local.fakes.subscriber_contract import EVENTS
from local.settings import TEMPLATE
from local.template import FUNCTION, Template

BODY = Template(TEMPLATE).body
RESOURCES: dict[str, dict] = BODY["Resources"]
GLOBAL = BODY["Globals"]["Function"]


def of_type(name: str) -> dict[str, dict]:
    """The properties of all resources of a type, by logical id."""
    return {
        logical_id: resource["Properties"]
        for logical_id, resource in RESOURCES.items()
        if resource["Type"] == name
    }


FUNCTIONS, QUEUES = of_type(FUNCTION), of_type("AWS::SQS::Queue")
READERS = {
    event["Properties"]["Queue"]["Fn::GetAtt"][0]: logical_id
    for logical_id, function in FUNCTIONS.items()
    for event in function.get("Events", {}).values()
    if event["Type"] == "SQS"
}
DEAD_LETTERS = sorted(set(QUEUES) - set(READERS))


def test_the_rule_lets_all_events_of_subscribers_through_but_positions():
    [rule] = of_type("AWS::Events::Rule").values()
    assert rule["EventPattern"]["source"] == ["courier-bridge"]
    told = rule["EventPattern"]["detail-type"]
    assert sorted(told) == sorted(set(EVENTS) - {"agent.radar_locations.created"})


@pytest.mark.parametrize("queue", READERS)
def test_a_queue_hides_a_message_for_longer_than_any_run(queue):
    timeout = FUNCTIONS[READERS[queue]].get("Timeout", GLOBAL["Timeout"])
    assert QUEUES[queue]["VisibilityTimeout"] == 2 * timeout


@pytest.mark.parametrize("queue", READERS)
def test_a_queue_has_dead_letters_of_its_own_kind_and_its_function_knows_them(queue):
    target = QUEUES[queue]["RedrivePolicy"]["deadLetterTargetArn"]["Fn::GetAtt"][0]
    assert QUEUES[target].get("FifoQueue") == QUEUES[queue].get("FifoQueue")
    variables = FUNCTIONS[READERS[queue]]["Environment"]["Variables"]
    assert variables["QUEUE_URL"] == {"Ref": queue}
    assert variables["DEAD_LETTER_QUEUE_URL"] == {"Ref": target}


@pytest.mark.parametrize("queue", DEAD_LETTERS)
def test_dead_letters_raise_an_alarm(queue):
    watched = [
        dimension["Value"]
        for alarm in of_type("AWS::CloudWatch::Alarm").values()
        if alarm.get("MetricName") == "ApproximateNumberOfMessagesVisible"
        for dimension in alarm["Dimensions"]
    ]
    assert {"Fn::GetAtt": [queue, "QueueName"]} in watched


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_function_has_a_role_and_a_log_of_its_own(function):
    name = function.removesuffix("Function")
    properties = FUNCTIONS[function]
    assert properties["Role"] == {"Fn::GetAtt": [f"{name}Role", "Arn"]}
    assert properties["LoggingConfig"] == {"LogGroup": {"Ref": f"{name}Log"}}
    assert "RetentionInDays" in of_type("AWS::Logs::LogGroup")[f"{name}Log"]


def test_nobody_may_do_everything():
    for name, role in of_type("AWS::IAM::Role").items():
        for statement in role["Policies"][0]["PolicyDocument"]["Statement"]:
            actions = statement["Action"]
            actions = [actions] if isinstance(actions, str) else actions
            assert not [action for action in actions if "*" in action], name
            assert statement["Resource"] != "*", name
