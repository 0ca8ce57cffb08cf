"""Subscriptions in the API: made, read, listed, changed, deleted, and which are refused."""

import base64
import uuid
from datetime import UTC, datetime, timedelta

import pytest

from integrator import EVENTS, Integrator
from leaks import stored
from local.http import Api
from problems import problem
from restaurant import Restaurant

FIELDS = {
    "id",
    "url",
    "items_url",
    "events",
    "auth_token",
    "state",
    "disabled",
    "items_disabled",
    "failures",
    "failing_since",
    "items_failures",
    "items_failing_since",
    "created_at",
    "updated_at",
}


def listed(account: Restaurant) -> list[dict]:
    page = account.get("/subscriptions").json()
    assert page["next_cursor"] is None
    return page["items"]


def test_a_subscription_is_made_read_listed_changed_and_deleted(account: Restaurant, subscribe):
    one = subscribe(account)
    made = one.subscription
    assert set(made) == FIELDS | {"signing_secret"}
    assert made["signing_secret"].startswith("whsec_")
    assert 24 <= len(base64.b64decode(made["signing_secret"].removeprefix("whsec_"))) <= 64
    assert (made["url"], made["items_url"], set(made["events"])) == (one.url, None, set(EVENTS))
    assert (made["auth_token"], made["state"], made["disabled"]) == ("set", "enabled", None)
    assert (made["failures"], made["failing_since"], made["items_disabled"]) == (0, None, None)
    assert (made["items_failures"], made["items_failing_since"]) == (0, None)
    assert made["created_at"] == made["updated_at"]
    shown = one.shown()
    assert shown == {name: made[name] for name in FIELDS}
    other = subscribe(account, items_url=one.items_url, events=["order_assigned"])
    assert {item["id"]: item for item in listed(account)} == {
        made["id"]: shown,
        other.subscription["id"]: other.shown(),
    }
    changes = {"url": one.url + "/new", "auth_token": "set", "events": ["item_status_updated"]}
    answer = one.call("PUT", "", changes)
    assert answer.status == 200, answer
    changed = answer.json()
    assert changed == one.shown()
    assert {name for name in FIELDS if changed[name] != shown[name]} == {
        "url",
        "events",
        "updated_at",
    }
    assert changed["updated_at"] > shown["updated_at"]
    assert one.call("DELETE").status == 204
    assert [item["id"] for item in listed(account)] == [other.subscription["id"]]
    for method, path, body in (
        ("GET", "", None),
        ("PUT", "", one.body()),
        ("DELETE", "", None),
        ("POST", "/rotate_secret", {}),
        ("POST", "/enable", {}),
        ("POST", "/disable", {}),
        ("POST", "/replay", {"event_uuid": str(uuid.uuid4())}),
        ("GET", "/attempts", None),
        ("GET", "/notifications", None),
    ):
        assert problem(one.call(method, path, body))[0] == 404, (method, path)


def test_secrets_go_in_and_come_out_only_when_they_are_made(account, subscribe, table):
    one = subscribe(account)
    answers = [
        one.call("GET"),
        account.get("/subscriptions"),
        one.call("PUT", "", one.body(auth_token="set")),
        one.call("PUT", "", one.body()),
        one.call("POST", "/disable", {}),
        one.call("POST", "/enable", {}),
    ]
    rotated = one.call("POST", "/rotate_secret", {})
    answers.append(one.call("GET"))
    keys = [one.secret, rotated.json()["signing_secret"]]
    words = [one.token, *(key.removeprefix("whsec_") for key in keys)]
    for answer in answers:
        assert answer.status == 200, answer
        assert [word for word in words if word in answer.body.decode()] == []
    assert stored(table, account.account_id, words) == []


def test_a_secret_is_rotated_with_a_day_of_overlap(account: Restaurant, subscribe):
    one = subscribe(account)
    answer = one.call("POST", "/rotate_secret", {})
    assert answer.status == 200, answer
    assert set(answer.json()) == {"signing_secret", "previous_valid_until"}
    assert answer.json()["signing_secret"] != one.secret
    left = datetime.fromisoformat(answer.json()["previous_valid_until"]) - datetime.now(UTC)
    assert timedelta(hours=23, minutes=59) < left <= timedelta(hours=24)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"url": ...}, "url"),
        ({"url": None}, "url"),
        ({"url": 5}, "url"),
        ({"url": ""}, "url"),
        ({"items_url": "nonsense"}, "items_url"),
        ({"items_url": 5}, "items_url"),
        ({"auth_token": 12345678}, "auth_token"),
        ({"auth_token": "a" * 7}, "auth_token"),
        ({"auth_token": "a" * 1025}, "auth_token"),
        ({"auth_token": "with a space"}, "auth_token"),
        ({"auth_token": "with-a\nnew-line"}, "auth_token"),
        ({"auth_token": "with-a-\u00fc-in-it"}, "auth_token"),
        ({"events": "order_assigned"}, "events"),
        ({"events": []}, "events"),
        ({"events": ["order_created"]}, "events.0"),
        ({"events": ["order_assigned", 7]}, "events.1"),
        ({"surprise": 1}, "surprise"),
    ],
)
def test_a_problem_names_the_field(account: Restaurant, subscribe, change: dict, field: str):
    one = subscribe(account)
    for answer in (
        account.api.post(one.place(), one.body(**change)),
        one.call("PUT", "", one.body(**change)),
    ):
        assert problem(answer) == (400, field)
    assert len(listed(account)) == 1


def test_a_token_may_have_eight_to_a_thousand_and_twenty_four_letters(account, subscribe):
    for length in (8, 1024):
        assert subscribe(account, auth_token="t" * length).shown()["auth_token"] == "set"


def test_a_token_is_kept_where_there_is_one(account: Restaurant, subscribe, subscriber):
    """Absent or as it is shown; a new subscription has none to keep."""
    one, new = subscribe(account), Integrator(account, subscriber)
    for token in ("set", None, ...):
        assert one.call("PUT", "", one.body(auth_token=token)).status == 200
        assert problem(new.register(auth_token=token)) == (400, "auth_token")


def test_others_do_not_reach_a_subscription(account, new_account, subscribe, anonymous: Api):
    one, other = subscribe(account), new_account()
    place = one.place("").replace(account.account_id, other.account_id)
    for method, path, body in (
        ("GET", "", None),
        ("PUT", "", one.body()),
        ("DELETE", "", None),
        ("POST", "/rotate_secret", {}),
        ("POST", "/enable", {}),
        ("POST", "/disable", {}),
        ("GET", "/attempts", None),
        ("GET", "/notifications", None),
    ):
        assert problem(other.api(method, place + path, body))[0] == 404, path
        assert problem(anonymous(method, one.place(path), body))[0] == 401, path
    nobody = "/accounts/nobody-is-called-this/subscriptions"
    assert problem(account.api.get(nobody))[0] == 404
    assert problem(account.api.post(nobody, one.body()))[0] == 404
    assert one.shown()["state"] == "enabled"


def test_an_account_has_a_hundred_subscriptions_at_most(account, subscribe, table):
    """Ninety-nine are copies of the first, written as the first is."""
    one = subscribe(account)
    sort = f"SUBSCRIPTION#{one.subscription['id']}"
    key = {"pk": {"S": f"ACCOUNT#{account.account_id}"}, "sk": {"S": sort}}
    row = table("get_item", Key=key)["Item"]
    for _ in range(99):
        copy = str(uuid.uuid4())
        data = row["data"]["M"] | {"id": {"S": copy}}
        table("put_item", Item=row | {"sk": {"S": f"SUBSCRIPTION#{copy}"}, "data": {"M": data}})
    assert len(listed(account)) == 100
    assert problem(account.api.post(one.place(), one.body()))[0] == 409
    assert one.call("DELETE").status == 204
    assert account.api.post(one.place(), one.body()).status == 201
