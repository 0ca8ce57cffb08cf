"""Captain.AI's webhook: who may call, what is taken, and what each event changes."""

import json
import uuid

import pytest

from local.fakes import captain as events
from local.fakes.captain import EMPLOYEE_ID, FakeCaptain
from local.fakes.scenario import fixture
from local.http import call
from queues import Queues
from restaurant import Restaurant, timeline

SECOND_EMPLOYEE = EMPLOYEE_ID[:-1] + "8"
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
    ("status", "shown"),
    [*((status, status) for status in events.JOB_STATUSES), ("waiting_at_kerb", None)],
)
def test_every_published_job_status_is_shown(account: Restaurant, status: str, shown: str | None):
    order = account.has_order()
    account.report(order.job(status))
    entry = (f"job_delivery_status_updated {status}", True)
    seen = account.order(order, lambda o: len(timeline(o, "captain")) == 1)
    assert timeline(seen, "captain") == [entry]
    assert seen["delivery"]["status"] == shown


def test_an_order_status_means_the_delivery_or_the_kitchen_by_its_event(account: Restaurant):
    order = account.has_order()
    account.report(order.captain("order_status_updated"), order.captain("order_kds_print_request"))
    seen = account.order(order, lambda o: len(timeline(o, "captain")) == 2)
    delivery = seen["delivery"]
    assert (delivery["status"], delivery["order_status"]) == ("collected", "in_progress")
    assert [item["status"] for item in seen["kitchen_items"]] == ["being_prepared"]


def test_a_driver_who_is_taken_off_is_gone(account: Restaurant):
    order = account.has_order()
    account.report(order.captain("order_assigned"))
    seen = account.order(order, lambda o: o["delivery"])
    assert seen["delivery"]["driver"]["driver_id"] == EMPLOYEE_ID
    account.report(order.captain("order_unassigned"))
    seen = account.order(order, lambda o: o["delivery"]["driver"] is None)
    assert seen["delivery"]["status"] == "unassigned_to_driver"


@pytest.mark.parametrize(
    "name",
    [
        "job_numbers_as_strings",
        "job_published_at_integer",
        "job_location_numbers_and_iso_time",
        "job_location_time_utc_suffix",
        "job_without_location",
    ],
)
def test_numbers_and_times_are_read_in_every_spelling(account: Restaurant, name: str):
    order = account.has_order()
    account.report(order.captain(name))
    seen = account.order(order, lambda o: o["delivery"])
    assert seen["delivery"]["status"] == "collected"
    assert seen["delivery"]["occurred_at"].startswith("2026-06-28T16:30:00")


@pytest.mark.parametrize(
    "name",
    [
        "order_status_custom_fields_array",
        "order_status_custom_fields_null",
        "order_unassigned_with_duplicate_key",
    ],
)
def test_odd_but_published_payloads_are_understood(account: Restaurant, name: str):
    order = account.has_order()
    account.report(order.captain(name))
    seen = account.order(order, lambda o: o["delivery"])
    assert len(timeline(seen, "captain")) == 1


def test_one_event_tells_where_many_drivers_are(account: Restaurant, queues: Queues):
    account.report(account.new_order().captain("locations_many_agents"))
    queues.handled("fleet-event")
    first = account.driver(EMPLOYEE_ID)["position"]
    assert (first["recorded_at"], first["latitude"]) == ("2026-06-28T16:29:50Z", 53.3504)
    second = account.driver(SECOND_EMPLOYEE)["position"]
    assert (second["recorded_at"], second["longitude"]) == ("2026-06-28T16:29:40Z", -6.2501)


def test_hundreds_of_drivers_in_one_event_are_all_found(account: Restaurant, queues: Queues):
    employees = [str(uuid.uuid4()) for _ in range(250)]
    point = {"latitude": "53.3", "longitude": "-6.2", "recorded_at": "2026-06-28 16:28:50 UTC"}
    agents = [
        {
            "agent_uuid": f"agent{number}",
            "agent_partners_external_identifier": employee,
            "locations": [point] * 3,
        }
        for number, employee in enumerate(employees)
    ]
    account.report(events.agent_radar_locations_created(agents))
    queues.handled("fleet-event")
    listed, cursor = [], ""
    while cursor is not None:
        page = account.get(f"/drivers?limit=100{cursor and f'&cursor={cursor}'}").json()
        listed += [driver["driver_id"] for driver in page["items"]]
        cursor = page["next_cursor"]
    assert listed == sorted(employees)


def test_a_newer_position_and_estimate_win(account: Restaurant, queues: Queues):
    order = account.new_order()
    account.report(
        order.captain("agent_eta_updated"),
        order.captain("agent_eta_updated", calculated_at=1782664199, eta_till_available=1782660000),
    )
    driver = account.driver_where(EMPLOYEE_ID, available_at="2026-06-28T16:50:00Z")
    assert driver["home_at"] == "2026-06-28T16:55:00Z"
    queues.handled("fleet-event")
    account.driver_where(EMPLOYEE_ID, available_at="2026-06-28T16:50:00Z")


def test_a_finished_report_is_kept_with_the_account(account: Restaurant, queues: Queues, table):
    account.report(account.new_order().captain("analytics_report_ready"))
    queues.handled("fleet-event")
    key = {"pk": f"ACCOUNT#{account.account_id}", "sk": "REPORT#5a1e00000001"}
    item = table("get_item", Key={name: {"S": value} for name, value in key.items()})["Item"]
    assert item["data"]["M"]["state"] == {"S": "ready"}


def test_what_came_before_the_order_joins_when_it_is_announced(account: Restaurant, queues: Queues):
    order = account.new_order()
    account.report(order.assigned(), order.job("collected"))
    queues.handled("fleet-event")
    assert account.found(order) is None
    assert account.calls(order) == []
    account.stock(order.syrve())
    account.announce(order.syrve())
    seen = account.order(order)
    assert timeline(seen, "captain") == [
        ("order_assigned", True),
        ("job_delivery_status_updated collected", True),
    ]
    account.commands(order, ["confirmed"], ["OnWay"])
    assert account.calls(order) == [("OnWay", None)]


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
