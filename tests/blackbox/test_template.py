"""What in the template has to agree with something else in it, with the code, or with the docs."""

import re
from pathlib import Path

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


def as_list(actions: str | list[str]) -> list[str]:
    return [actions] if isinstance(actions, str) else actions


FUNCTIONS, QUEUES = of_type(FUNCTION), of_type("AWS::SQS::Queue")
READERS = {
    event["Properties"]["Queue"]["Fn::GetAtt"][0]: logical_id
    for logical_id, function in FUNCTIONS.items()
    for event in function.get("Events", {}).values()
    if event["Type"] == "SQS"
}
DEAD_LETTERS = sorted(set(QUEUES) - set(READERS))
FILTERS, ALARMS = of_type("AWS::Logs::MetricFilter"), of_type("AWS::CloudWatch::Alarm")
SHARED = Path(TEMPLATE).parent / "shared"
HANDLERS = SHARED / "handlers/src"
DOCS = Path(TEMPLATE).parent / "docs"
SECRETS = "parameter/courier-bridge/stack/accounts/joes-diner"
OF_SUBSCRIPTION = f"{SECRETS}/subscriptions/0b9f2a6e-0000-4000-8000-000000000001"


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
        for alarm in ALARMS.values()
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
            assert not [action for action in as_list(statement["Action"]) if "*" in action], name
            assert statement["Resource"] != "*", name


def test_the_api_may_look_into_the_queues_that_it_asks():
    statements = RESOURCES["ApiRole"]["Properties"]["Policies"][0]["PolicyDocument"]["Statement"]
    [resources] = [
        statement["Resource"]
        for statement in statements
        if "sqs:GetQueueAttributes" in as_list(statement["Action"])
    ]
    asked = {resource["Fn::GetAtt"][0] for resource in resources}
    assert asked == {"SyrveCommandQueue", "NotificationQueue"}


def patterns(function: str, effect: str, action: str) -> list[str]:
    """The SSM parameters that a function's role names for an action, as regular expressions."""
    document = RESOURCES[f"{function}Role"]["Properties"]["Policies"][0]["PolicyDocument"]
    found = [
        statement["Resource"]["Fn::Sub"]
        for statement in document["Statement"]
        if statement["Effect"] == effect and action in as_list(statement["Action"])
    ]
    named = [pattern.replace("${AWS::StackName}", "stack").split(":")[-1] for pattern in found]
    # IAM's wildcard takes any characters, slashes too.
    return [re.escape(pattern).replace(r"\*", ".*") for pattern in named]


def may(function: str, action: str, resource: str) -> bool:
    allowed, denied = (
        any(re.fullmatch(pattern, resource) for pattern in patterns(function, effect, action))
        for effect in ("Allow", "Deny")
    )
    return allowed and not denied


def who_may(action: str, resource: str) -> set[str]:
    names = (logical_id.removesuffix("Function") for logical_id in FUNCTIONS)
    return {name for name in names if may(name, action, resource)}


def test_each_function_reads_the_secrets_that_it_sends_and_no_others():
    of_account = {"BringgWebhook", "SyrveCommand", "FleetCommand", "DriverSyncAccount", "Api"}
    assert who_may("ssm:GetParameter", SECRETS) == of_account
    assert who_may("ssm:GetParameter", OF_SUBSCRIPTION) == {"Notify", "Api"}


@pytest.mark.parametrize("resource", [SECRETS, OF_SUBSCRIPTION])
@pytest.mark.parametrize("action", ["ssm:PutParameter", "ssm:DeleteParameter"])
def test_only_the_api_changes_secrets(action, resource):
    assert who_may(action, resource) == {"Api"}


def test_a_function_that_may_read_secrets_knows_where_they_are_and_no_other_does():
    readers = who_may("ssm:GetParameter", SECRETS) | who_may("ssm:GetParameter", OF_SUBSCRIPTION)
    told = {
        logical_id.removesuffix("Function")
        for logical_id, function in FUNCTIONS.items()
        if "SECRETS_PREFIX" in function.get("Environment", {}).get("Variables", {})
    }
    assert told == readers


def alarm_of(namespace: str, metric: str, dimension: dict | None = None) -> dict:
    [alarm] = [
        alarm
        for alarm in ALARMS.values()
        if alarm["Namespace"] == namespace
        and alarm["MetricName"] == metric
        and (dimension is None or dimension in [one["Value"] for one in alarm["Dimensions"]])
    ]
    return alarm


def minutes(alarm: dict) -> float:
    return alarm["Period"] * alarm["EvaluationPeriods"] / 60


# A notification waits for up to 29 hours for an endpoint of somebody else's.
@pytest.mark.parametrize("queue", sorted(set(READERS) - {"NotificationQueue"}))
def test_messages_that_nobody_takes_raise_an_alarm_long_before_they_are_gone(queue):
    age = {"Fn::GetAtt": [queue, "QueueName"]}
    alarm = alarm_of("AWS/SQS", "ApproximateAgeOfOldestMessage", age)
    assert alarm["Threshold"] / 60 + minutes(alarm) < QUEUES[queue]["MessageRetentionPeriod"] / 60


def test_a_driver_sync_that_crashes_raises_an_alarm_before_its_messages_are_gone():
    errors = alarm_of("AWS/Lambda", "Errors", {"Ref": "DriverSyncAccountFunction"})
    queue = QUEUES["DriverSyncQueue"]
    # A message of a run that crashed is in the next one when the queue shows it again.
    runs = errors["Period"] // queue["VisibilityTimeout"]
    assert runs > errors["Threshold"]
    assert errors["Period"] < queue["MessageRetentionPeriod"]


def test_a_driver_sync_that_is_not_started_raises_an_alarm_and_one_that_seldom_is_does_not():
    alarm = alarm_of("AWS/Lambda", "Invocations", {"Ref": "DriverSyncFunction"})
    assert (alarm["TreatMissingData"], alarm["ComparisonOperator"], alarm["Threshold"]) == (
        "breaching",
        "LessThanThreshold",
        1,
    )
    condition, often, seldom = alarm["EvaluationPeriods"]["Fn::If"]
    usual = [one["Fn::Equals"][1] for one in BODY["Conditions"][condition]["Fn::Or"]]
    interval = BODY["Parameters"]["DriverSyncMinutes"]
    assert str(interval["Default"]) in usual
    assert max(map(int, usual)) < often * alarm["Period"] / 60
    assert interval["MaxValue"] < seldom * alarm["Period"] / 60


def test_a_notify_that_tells_nobody_anything_raises_an_alarm_within_ten_minutes():
    queue = {"Fn::GetAtt": ["NotificationQueue", "QueueName"]}
    backlog = alarm_of("AWS/SQS", "ApproximateNumberOfMessagesVisible", queue)
    assert minutes(backlog) == 5
    errors = alarm_of("AWS/Lambda", "Errors", {"Ref": "NotifyFunction"})
    # A message of a run that crashed is in the next one when the queue shows it again.
    runs = errors["Period"] // QUEUES["NotificationQueue"]["VisibilityTimeout"]
    assert runs > errors["Threshold"]
    assert minutes(errors) <= 10
    [metric] = FILTERS["NotifyRetriesFilter"]["MetricTransformations"]
    name = metric["MetricName"]
    retries = [alarm for alarm in ALARMS.values() if alarm["MetricName"] == name]
    # One message that is stuck comes back once a minute.
    assert [alarm["Period"] // 60 > alarm["Threshold"] for alarm in retries] == [True]
    assert minutes(retries[0]) <= 10


WATCHED = {(str(alarm["Namespace"]), alarm["MetricName"]) for alarm in ALARMS.values()}


def test_a_metric_of_ours_that_an_alarm_watches_is_made_by_a_filter():
    made = {
        (str(metric["MetricNamespace"]), metric["MetricName"])
        for one in FILTERS.values()
        for metric in one["MetricTransformations"]
    }
    ours = {metric for metric in WATCHED if not metric[0].startswith("AWS/")}
    assert ours
    assert ours <= made


def test_failed_syncs_are_counted_against_all_that_ended():
    alarm = ALARMS["FailedSyncsAlarm"]
    assert alarm["Threshold"] == {"Ref": "FailedSyncsPercent"}
    assert (alarm["Statistic"], alarm["TreatMissingData"]) == ("Average", "notBreaching")
    values = {
        outcome: metric["MetricValue"]
        for one in FILTERS.values()
        for metric in one["MetricTransformations"]
        if metric["MetricName"] == alarm["MetricName"]
        for outcome in re.findall(r'"(\w+)"', one["FilterPattern"])
        # A value where nothing is logged would count as a sync.
        if "DefaultValue" not in metric
    }
    assert values == {
        "sync_failed": "100",
        "sync_superseded": "100",
        "account_unreadable": "100",
        "synced": "0",
    }


def test_the_outcomes_that_are_counted_of_notify_are_those_that_it_logs():
    of_notify = [one for one in FILTERS.values() if one["LogGroupName"] == {"Ref": "NotifyLog"}]
    counted = {re.search(r'"(\w+)"', one["FilterPattern"])[1] for one in of_notify}
    sources = [HANDLERS / "notify.rs", *(HANDLERS / "notify").glob("*.rs")]
    code = "".join(source.read_text() for source in sources)
    assert counted == {"notified", "notification_failed", "subscription_disabled", "retry"}
    assert [word for word in counted if f'"{word}"' not in code] == []


def logged_at(level: str) -> set[str]:
    """The outcomes that are logged at a level; of a word that is put together, the beginning."""
    code = "".join(source.read_text() for source in SHARED.rglob("*.rs"))
    # commands.rs has one line for two levels.
    code = re.sub(r"log!\((\w+)\);", r'tracing::\1!(outcome = "command_', code)
    lines = re.findall(rf'tracing::{level}!\(\s*outcome = "(\w+)', code)
    return set(lines)


def test_what_an_alarm_counts_is_logged_whatever_the_level():
    watched = {metric for _, metric in WATCHED}
    counted = {
        outcome
        for one in FILTERS.values()
        if one["MetricTransformations"][0]["MetricName"] in watched
        for outcome in re.findall(r'outcome = "(\w+)"', one["FilterPattern"])
    }
    assert counted > {"command_failed", "subscription_disabled", "retry", "account_unreadable"}
    # Where those that end well are not logged, every failure is too many, which an alarm may say.
    counted.remove("synced")
    errors = logged_at("error")
    assert [word for word in counted if word not in errors and word != "command_failed"] == []
    assert "command_" in errors


def test_throttled_calls_are_counted_by_fields_that_the_access_log_has():
    log = RESOURCES["HttpApi"]["Properties"]["AccessLogSettings"]["Format"]
    assert '"status":"$context.status"' in log
    assert '"path":"$context.path"' in log
    pattern = FILTERS["ThrottledCallsFilter"]["FilterPattern"]
    assert pattern == '{ ($.status = "429") && ($.path != "*/replay") }'


def test_the_api_answers_nothing_but_a_replay_with_429():
    code = {source.name: source.read_text() for source in (HANDLERS / "api").glob("*.rs")}
    assert [name for name in code if "TOO_MANY_REQUESTS" in code[name]] == ["replays.rs"]


def test_the_runbook_says_of_every_alarm_what_to_do():
    text = (DOCS / "operations.md").read_text()
    section = text.split("\n## Alarms, and what to do\n")[1].split("\n#")[0]
    first = [line.split("|")[1] for line in section.splitlines() if line.startswith("|")]
    named = re.findall(r"`(\w+Alarm)`", "".join(first))
    assert sorted(named) == sorted(ALARMS)
    assert [name for name, alarm in ALARMS.items() if "AlarmDescription" not in alarm] == []


def calls(constant: str) -> set[str]:
    """The routes of a constant of the API, such as `GET /v1/accounts/*/orders`."""
    code = (HANDLERS / "api.rs").read_text().split(f"const {constant}:")[1].split("];\n")[0]
    routes = re.findall(r'\("([A-Z]+)", &\[(.*?)\]\)', code)
    return {f"{method} /v1/" + "/".join(re.findall(r'"(.*?)"', path)) for method, path in routes}


def test_the_reference_has_every_call_of_the_api_and_says_which_come_later():
    text = (DOCS / "api.md").read_text()
    text = text.replace("…/", "/v1/accounts/{account}/")
    served, later = text.split("\n## Not there yet\n")
    served, later = (
        {
            re.sub(r"\{\w+\}", "*", call)
            for call in re.findall(r"((?:GET|POST|PUT|DELETE) /v1/[\w/{}]+)", part)
        }
        for part in (served, later)
    )
    assert served == calls("SERVED")
    assert later == calls("LATER")
