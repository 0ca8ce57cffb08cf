"""What each of Captain.AI's events changes: the delivery, the driver, the items, the account."""

import uuid

import pytest

from local.fakes import captain as events
from local.fakes.captain import EMPLOYEE_ID
from queues import Queues
from restaurant import Restaurant, timeline

SECOND_EMPLOYEE = EMPLOYEE_ID[:-1] + "8"


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
