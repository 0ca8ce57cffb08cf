"""Captain.AI's webhook: who may call, what is taken, and what becomes of the rest."""

import json

import pytest

from local.fakes import captain as events
from local.fakes.captain import FakeCaptain
from local.fakes.scenario import fixture
from local.http import call
from queues import Queues
from restaurant import Restaurant

RECEIVED = {"received": 1, "queued": 1, "ignored": 0}
EVERY_EVENT = [
    "order_assigned",
    "order_unassigned",
    "job_delivery_status_updated",
    "order_status_updated",
    "item_status_updated",
    "order_kds_print_request",
    "locations_many_agents",
    "agent_eta_updated",
    "analytics_report_ready",
]


def test_the_auth_token_is_demanded(account: Restaurant, new_account, queues: Queues):
    event, own = account.new_order().captain("order_assigned"), account.account
    queues.handled("fleet-event")
    with queues.held("fleet-event"):
        for headers in (
            {},
            {"Auth-Token": ""},
            {"Auth-Token": own.captain_token + "x"},
            {"Auth-Token": own.syrve_token},
            {"Auth-Token": new_account().account.captain_token},
            {"Authorization": own.captain_token},
        ):
            answer = call("POST", account.url("captain"), event, headers)
            assert (answer.status, answer.json()["status"]) == (401, 401), headers
        assert queues.waiting("fleet-event") == 0
    assert account.captain(event).json() == RECEIVED


@pytest.mark.parametrize("token", [None, "any-token-at-all"])
def test_an_unknown_account_is_not_found(stack, token: str | None):
    headers = {"Auth-Token": token} if token else {}
    url = f"{stack.api_url}/webhooks/captain/nobody-is-called-this"
    assert call("POST", url, {}, headers).status == 404


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"event_name": None}, "event_name"),
        ({"event_name": 5}, "event_name"),
        ({"event_uuid": ""}, "event_uuid"),
        ({"event_uuid": "u" * 129}, "event_uuid"),
        ({"data": []}, "data"),
        ({"data": None}, "data"),
    ],
)
def test_an_envelope_without_its_essentials_is_refused(account: Restaurant, change, field: str):
    answer = account.captain(account.new_order().captain("order_assigned") | change)
    assert (answer.status, answer.json()["field"]) == (400, field)


@pytest.mark.parametrize(("body", "field"), [(b"{", None), (b"", None), (b"[]", "body")])
def test_what_is_not_one_event_is_refused(account: Restaurant, body: bytes, field: str | None):
    answer = account.captain(body)
    assert (answer.status, answer.json().get("field")) == (400, field)


@pytest.mark.parametrize("items", [False, True])
@pytest.mark.parametrize("name", EVERY_EVENT)
def test_both_urls_take_every_event(account: Restaurant, queues: Queues, name: str, items: bool):
    order = account.has_order()
    assert account.captain(order.captain(name), items=items).json() == RECEIVED
    queues.handled("fleet-event")
    assert queues.dead_letters("fleet-event", account.account_id) == []


def test_an_event_nobody_knows_is_counted_and_not_kept(account: Restaurant):
    answer = account.captain(fixture("captain", "event_unknown.json"))
    assert answer.status == 200
    assert answer.json() == {"received": 1, "queued": 0, "ignored": 1}


def test_the_sender_of_the_documentation_gets_its_events_through(account: Restaurant):
    order = account.has_order()
    token = account.account.captain_token
    sender = FakeCaptain(account.url("captain"), token, items_url=account.url("captain_items"))
    item = events.item_status_updated("prepared", **order.names)
    for event in (order.assigned(), item):
        assert sender.send(event).statuses == [200]
    seen = account.order(order, lambda o: len(o["timeline"]) == 3)
    assert [item["status"] for item in seen["kitchen_items"]] == ["prepared"]


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"order_uuid": None, "partners_unique_internal_order_id": None}, "partners_unique"),
        ({"published_at": "yesterday"}, "published_at"),
    ],
)
def test_an_event_that_cannot_be_mapped_is_kept_with_the_reason(
    account: Restaurant, queues: Queues, change: dict, named: str
):
    event = account.new_order().assigned() | {"created_at": "unreadable"}
    event["data"] |= change
    account.report(event)
    queues.handled("fleet-event")
    [(letter, reason)] = queues.dead_letters("fleet-event", account.account_id)
    assert named in reason
    assert letter["body"]["event_uuid"] == event["event_uuid"]
    assert json.dumps(event["data"]["agent_uuid"]) in json.dumps(letter["body"])
