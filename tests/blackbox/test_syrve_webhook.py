"""Syrve's webhook: who may call, what is taken, and what is answered to everything else.

An answer of 200 is a promise: every event in the call is in a queue. Any other answer means that
nothing of the call is.
"""

import json
import random
import time
import uuid

import pytest

from leaks import leaked
from local.fakes.captain import EMPLOYEE_ID
from local.fakes.scenario import fixture
from local.fakes.syrve_state import TERMINAL_GROUP_ID
from local.http import Answer, call
from local.payloads import shift
from local.waiting import wait_until
from problems import problem
from queues import Queues
from restaurant import Restaurant

QUEUES = ("delivery-order", "personal-shift")
MEBIBYTE = 1024 * 1024


def receipt(answer: Answer) -> tuple[int, int, int]:
    assert answer.status == 200, answer
    body = answer.json()
    assert set(body) == {"received", "queued", "ignored"}
    return body["received"], body["queued"], body["ignored"]


@pytest.mark.parametrize("form", ["{}", "Bearer {}", "bearer  {} "])
def test_the_token_is_taken_bare_and_as_a_bearer(account: Restaurant, form: str):
    answer = account.syrve([], form.format(account.account.syrve_token))
    assert receipt(answer) == (0, 0, 0)


def test_a_missing_or_wrong_token_is_refused(account: Restaurant, new_account, queues: Queues):
    order = account.new_order()
    own, other = account.account, new_account().account
    wrong = ["", "Bearer", "Bearer ", "x", other.syrve_token, own.captain_token, own.api_login]
    queues.handled(*QUEUES)
    with queues.held(*QUEUES):
        answers = [call("POST", account.url("syrve"), [order.syrve()])]
        for token in [*wrong, own.syrve_token[:-1], own.syrve_token + "x", "Basic abc"]:
            headers = {"Authorization": token}
            answers.append(call("POST", account.url("syrve"), [order.syrve()], headers))
        assert [problem(answer)[0] for answer in answers] == [401] * len(answers)
        assert [queues.waiting(name) for name in QUEUES] == [0, 0]


@pytest.mark.parametrize("token", [None, "any-token-at-all"])
@pytest.mark.parametrize("name", ["nobody-is-called-this", "Not-A-Slug"])
def test_an_unknown_account_is_not_found(stack, name: str, token: str | None):
    headers = {"Authorization": token} if token else {}
    answer = call("POST", f"{stack.api_url}/webhooks/syrve/{name}", [], headers)
    assert problem(answer)[0] == 404


@pytest.mark.parametrize("body", [b"", b"[", b"not json", b'[{"eventType": }]', b"\xff\xfe[]"])
def test_what_is_not_json_is_refused(account: Restaurant, body: bytes):
    assert problem(account.syrve(body))[0] == 400


@pytest.mark.parametrize(
    ("change", "field"),
    [
        (lambda event: 17, "[1]"),
        (lambda event: event | {"eventType": None}, "[1].eventType"),
        (lambda event: event | {"organizationId": "12"}, "[1].organizationId"),
        (lambda event: event | {"eventInfo": []}, "[1].eventInfo"),
        (lambda event: _info(event, id="577"), "[1].eventInfo.id"),
        (lambda event: _info(event, timestamp="late"), "[1].eventInfo.timestamp"),
        (lambda event: _info(event, organizationId=5), "[1].eventInfo.organizationId"),
    ],
)
def test_a_wrong_shape_is_refused_by_the_fields_name_and_nothing_is_queued(
    account: Restaurant, queues: Queues, change, field: str
):
    good, bad = account.new_order().syrve(), account.new_order().syrve()
    with queues.held(*QUEUES):
        answer = account.syrve([good, change(bad)])
        assert queues.waiting("delivery-order") == 0
    assert problem(answer) == (400, field)


def _info(event: dict, **changes: object) -> dict:
    return event | {"eventInfo": event["eventInfo"] | changes}


@pytest.mark.parametrize("body", [17, "text", None, True])
def test_a_body_that_is_neither_array_nor_event_is_refused(account: Restaurant, body):
    answer = account.syrve(json.dumps(body).encode())
    assert problem(answer) == (400, "body")


def test_one_event_may_come_without_an_array(account: Restaurant):
    order = account.new_order()
    assert receipt(account.syrve(order.syrve("single_object_instead_of_array"))) == (1, 1, 0)
    assert account.order(order)["number"] == order.number


def test_events_of_several_types_go_each_their_way(account: Restaurant):
    order = account.new_order()
    text = json.dumps(fixture("syrve", "mixed_events.json"))
    event = order.syrve()
    events = json.loads(text.replace(fixture_organization(), account.organization_id))
    events[0] = event
    assert receipt(account.syrve(events)) == (4, 2, 2)
    account.order(order)
    account.driver_where(EMPLOYEE_ID, clocked_in=True)


def fixture_organization() -> str:
    return fixture("syrve", "order_created.json")[0]["organizationId"]


def test_an_unknown_type_is_counted_and_not_kept(account: Restaurant):
    event = {"eventType": "MoonPhaseUpdate", "organizationId": account.organization_id}
    assert receipt(account.syrve([event, event])) == (2, 0, 2)


def test_events_of_another_organization_are_refused_whole(account: Restaurant, queues: Queues):
    own, envelope, inner = (account.new_order().syrve() for _ in range(3))
    foreign = str(uuid.uuid4())
    envelope["organizationId"] = foreign
    inner["eventInfo"]["organizationId"] = foreign
    ignored = {"eventType": "StopListUpdate", "organizationId": foreign}
    with queues.held(*QUEUES):
        answers = [account.syrve([own, event]) for event in (envelope, inner, ignored)]
        assert [problem(answer)[0] for answer in answers] == [403] * 3
        assert queues.waiting("delivery-order") == 0


def test_seven_megabytes_are_too_much(account: Restaurant, queues: Queues):
    with queues.held(*QUEUES):
        answer = account.syrve([account.new_order().syrve(comment="pizza " * (7 * MEBIBYTE // 6))])
        assert problem(answer)[0] == 413
        assert queues.waiting("delivery-order") == 0


def test_a_large_event_arrives_whole(account: Restaurant):
    order = account.new_order()
    event = order.syrve(future_field="pizza margherita " * (5 * MEBIBYTE // 17))
    assert len(json.dumps(event)) > 5 * MEBIBYTE - 1000
    assert receipt(account.syrve([event])) == (1, 1, 0)
    assert account.order(order)["total"] == "22"


def test_a_large_event_that_does_not_compress_is_refused_and_not_cut(
    account: Restaurant, queues: Queues
):
    order, small = account.new_order(), account.new_order()
    noise = random.Random(1).randbytes(3 * MEBIBYTE // 2).hex()
    opened = shift(
        account.organization_id, EMPLOYEE_ID, True, "2026-06-28 12:00:00.000", TERMINAL_GROUP_ID
    )
    with queues.held(*QUEUES):
        answer = account.syrve([small.syrve(), opened, order.syrve(future_field=noise)])
        assert problem(answer)[0] == 413
        assert [queues.waiting(name) for name in QUEUES] == [0, 0]


def test_only_post_is_served(account: Restaurant):
    headers = {"Authorization": account.account.syrve_token}
    for method in ("GET", "PUT", "DELETE"):
        assert call(method, account.url("syrve"), None, headers).status in (404, 405)


def test_answers_never_repeat_what_was_sent(account: Restaurant):
    token = account.account.syrve_token
    bad = account.new_order().syrve()
    bad["eventInfo"]["id"] = "Testa Example"
    answers = [
        account.syrve([bad]),
        account.syrve([account.new_order().syrve()], token + "wrong"),
        account.syrve(f'["{token}'.encode()),
        account.syrve([{"eventType": "PersonalShift", "organizationId": token}]),
        account.syrve([account.new_order().syrve()]),
    ]
    assert [answer.status for answer in answers] == [400, 401, 400, 400, 200]
    for answer in answers:
        assert token not in str(answer)
        assert "Testa" not in str(answer)


def test_what_was_received_is_logged_without_its_content(account: Restaurant, stack, queues):
    since = time.time() - 0.001
    order = account.has_order()
    account.syrve([order.syrve()], account.account.syrve_token + "wrong")
    account.report(order.assigned())
    queues.handled(*QUEUES, "fleet-event")

    def outcomes() -> list[str]:
        lines = [line["fields"] for line in stack.logs("syrve-webhook", since)]
        return [line["outcome"] for line in lines if line.get("account") == account.account_id]

    wait_until(lambda: outcomes() == ["received", "refused"])
    tokens = [account.account.syrve_token, account.account.captain_token]
    assert leaked(stack, tokens, since) == []
    # The search does see what is logged.
    assert leaked(stack, [account.account_id], since) != []


def test_ten_thousand_events_of_one_call_are_all_queued(account: Restaurant, queues: Queues):
    employees = [str(uuid.uuid4()) for _ in range(50)]
    sent = [
        (
            employees[number % 50],
            f"2026-06-28 {number // 3600:02}:{number // 60 % 60:02}:{number % 60:02}.000",
        )
        for number in range(10_000)
    ]
    events = [
        shift(account.organization_id, employee, True, at, TERMINAL_GROUP_ID)
        for employee, at in sent
    ]
    body = json.dumps(events).encode()
    assert len(body) < 6 * MEBIBYTE
    with queues.held("personal-shift"):
        assert receipt(account.syrve(body)) == (10_000, 10_000, 0)
        messages = queues.take(queues.url("personal-shift"))
    queued = [json.loads(message["Body"])["body"] for message in messages]
    assert sorted((e["eventInfo"]["id"], e["eventTime"]) for e in queued) == sorted(sent)
    groups = {message["Attributes"]["MessageGroupId"] for message in messages}
    assert len(groups) == len(employees)


def test_hundreds_of_events_of_one_call_are_all_applied(account: Restaurant, queues: Queues):
    employees = [str(uuid.uuid4()) for _ in range(300)]
    at = "2026-06-28 12:00:00.000"
    account.announce(
        *(shift(account.organization_id, e, True, at, TERMINAL_GROUP_ID) for e in employees)
    )
    queues.handled("personal-shift", timeout=60)
    assert all(account.driver(employee)["clocked_in"] for employee in employees[::30])
    pages = [account.get("/drivers?limit=100").json()]
    while cursor := pages[-1]["next_cursor"]:
        pages.append(account.get(f"/drivers?limit=100&cursor={cursor}").json())
    listed = [driver["driver_id"] for page in pages for driver in page["items"]]
    assert listed == sorted(employees)
