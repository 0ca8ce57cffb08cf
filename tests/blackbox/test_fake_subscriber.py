"""The fake subscriber must notice what a receiver would, and misbehave when told to."""

import base64
import json
import secrets
import threading
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.client import HTTPException

import pytest
from standardwebhooks import Webhook

from local.fakes.subscriber import FakeSubscriber, running_fake_subscriber
from local.fakes.subscriber_contract import EVENTS
from local.http import Answer, call
from local.payloads import FIXTURES
from local.waiting import wait_until

PATH, TOKEN = "/hook", "its-token"
SECRET, OLD_SECRET = ("whsec_" + base64.b64encode(secrets.token_bytes(24)).decode() for _ in "12")


@pytest.fixture(scope="module")
def running() -> Iterator[FakeSubscriber]:
    with running_fake_subscriber() as fake:
        yield fake


@pytest.fixture
def fake(running: FakeSubscriber) -> FakeSubscriber:
    running.reset()
    running.expect(PATH, TOKEN, [SECRET, OLD_SECRET])
    return running


def notification(event_name: str = "order_assigned", replay: bool = False) -> tuple[dict, dict]:
    """A right one: its body, and all headers but those of the signature."""
    file = FIXTURES / "captain" / f"{event_name.replace('.', '_')}.json"
    body = json.loads(file.read_text()) | {"event_uuid": str(uuid.uuid4())}
    headers = {"webhook-id": body["event_uuid"], "Auth-Token": TOKEN, "User-Agent": "test"}
    if replay:
        body["metadata"]["replay"] = True
        headers |= {"webhook-id": f"{body['event_uuid']}_{uuid.uuid4()}", "webhook-replay": "true"}
    return body, headers


def send(
    fake: FakeSubscriber,
    body: dict,
    headers: dict,
    path: str = PATH,
    keys: tuple[str, ...] = (SECRET,),
    age: int = 0,
    timeout: float = 10,
) -> Answer:
    text, at = json.dumps(body), datetime.now(UTC) - timedelta(seconds=age)
    signatures = [Webhook(key).sign(headers["webhook-id"], at, text) for key in keys]
    signed = {
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": " ".join(signatures),
    }
    return call("POST", fake.url + path, text.encode(), signed | headers, timeout)


@pytest.mark.parametrize("replay", [False, True])
@pytest.mark.parametrize("event_name", EVENTS)
def test_what_captain_sends_itself_is_right(fake, event_name, replay):
    body, headers = notification(event_name, replay)
    assert send(fake, body, headers).status == 200
    [record] = fake.wait_for(path=PATH, event_name=event_name, status=200)
    assert (record["authorized"], record["signed_by"], record["replay"]) == (True, [0], replay)
    assert record["attempt"] == 1
    assert fake.violations == []


def test_both_keys_of_a_rotation_are_told_apart(fake):
    send(fake, *notification(), keys=(SECRET, OLD_SECRET))
    send(fake, *notification(), keys=(OLD_SECRET,))
    assert [record["signed_by"] for record in fake.requests] == [[0, 1], [1]]
    assert fake.violations == []


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"Auth-Token": "another"}, "Auth-Token"),
        ({"webhook-signature": "v1,AAAA"}, "no signature is right"),
        ({"webhook-id": str(uuid.uuid4())}, "webhook-id"),
        ({"webhook-replay": "true"}, "webhook-replay"),
        ({"Content-Type": "text/plain"}, "content-type"),
    ],
)
def test_wrong_headers_are_violations(fake, changes, words):
    body, headers = notification()
    assert send(fake, body, headers | changes).status == 200
    assert words in fake.violations[0]["problem"]


def test_an_old_signature_and_a_strange_key_are_violations(fake):
    send(fake, *notification(), age=600)
    send(fake, *notification(), keys=("whsec_" + base64.b64encode(b"strange").decode(),))
    assert ["no signature" in violation["problem"] for violation in fake.violations] == [True] * 2


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda body: body.pop("environment"), "the body's keys"),
        (lambda body: body["data"].pop("agent_uuid"), "data lacks agent_uuid"),
        (lambda body: body["data"].update(more=1), "data has more"),
        (lambda body: body["data"].update(agent_uuid=None), "data.agent_uuid is null"),
        (lambda body: body["data"].update(published_at="1"), "is string, not number"),
        (lambda body: body["metadata"].update(delivery_attempt=0), "delivery_attempt"),
        (lambda body: body["metadata"].update(sent_at="2026-06-28T16:30:00Z"), "sent_at"),
        (lambda body: body.update(event_name="order_created"), "event_name"),
    ],
)
def test_other_than_captains_format_is_a_violation(fake, change, words):
    body, headers = notification()
    change(body)
    send(fake, body, headers)
    assert words in fake.violations[0]["problem"]


def test_answers_are_used_up_one_by_one(fake):
    fake.answer(PATH, 500, 410, retry_after=7)
    fake.faults.add({"path": PATH, "kind": "redirect", "location": "/elsewhere"})
    answers = [send(fake, *notification()) for _ in range(4)]
    assert [answer.status for answer in answers] == [500, 410, 302, 200]
    assert answers[0].headers["retry-after"] == "7"
    assert answers[2].headers["location"] == "/elsewhere"


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        ("garbage", HTTPException),
        ("huge_head", HTTPException),
        ("hang", TimeoutError),
        ("drip", TimeoutError),
        ("hang_then_close", (HTTPException, ConnectionError)),
    ],
)
def test_what_is_no_answer_is_none(fake, kind, error):
    fake.faults.add({"path": PATH, "kind": kind, "bytes": 300_000, "part": "head"})
    with pytest.raises(error):
        send(fake, *notification(), timeout=0.3 if error is TimeoutError else 10)
    fake.release(PATH)
    wait_until(lambda: fake.requests[0]["status"])
    assert send(fake, *notification()).status == 200


def test_a_long_body_comes_as_far_as_it_is_read(fake):
    fake.faults.add({"path": PATH, "kind": "huge_body", "bytes": 5 * 65536})
    assert len(send(fake, *notification()).body) == 5 * 65536


def test_a_hanging_call_is_seen_while_it_hangs_and_ends_when_released(fake):
    fake.faults.add({"path": PATH, "kind": "hang", "times": None})
    calls = [threading.Thread(target=send, args=(fake, *notification())) for _ in range(2)]
    for one in calls:
        one.start()
    fake.wait_for(2, path=PATH, status=None)
    assert fake.most_open[PATH] == 2
    assert send(fake, *notification(), path="/another").status == 200
    fake.release(PATH)
    for one in calls:
        one.join(10)
    assert [record["status"] for record in fake.received(path=PATH)] == [200, 200]


def test_what_was_received_is_waited_for_over_http(fake):
    body, headers = notification()
    later = threading.Timer(0.05, send, (fake, body, headers))
    later.start()
    answer = call("GET", f"{fake.url}/received?path={PATH}&count=1&timeout=10")
    later.join()
    assert [record["event_uuid"] for record in answer.json()] == [body["event_uuid"]]
    answer = call("GET", f"{fake.url}/received?event_name=order_assigned&count=2&timeout=0")
    assert (answer.status, len(answer.json())) == (408, 1)
