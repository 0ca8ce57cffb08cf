"""Two fleets on one order: the second takes over when the first gives up, or by carrying it; what
the first says after that is kept beside it and changes nothing.
"""

import itertools

import pytest

from fleets import DELIVERED_AT, DELIVERED_LOCAL, REMARK, STEPS, at, events_of, settled, told
from local.fakes import jelp
from local.fakes.captain import EMPLOYEE_ID
from queues import Queues
from restaurant import Restaurant

ACCEPTED = "assigned_and_accepted_by_driver"


def utc(minutes: str) -> str:
    return f"2026-06-28T16:{minutes}+00:00"


def test_a_second_fleet_takes_over_after_a_failure(account: Restaurant, queues: Queues):
    order = account.has_order()
    account.report(order.assigned(utc("10:00")), order.job(ACCEPTED, utc("11:00")))
    told(account, order, "Waiting")
    account.report(order.job("failed", utc("20:00")))
    seen = settled(account, queues, order)
    assert (seen["delivery"]["provider"], seen["delivery"]["status"]) == ("captain", "failed")

    account.report(order.jelp("assign_driver", jelp.OWN_DRIVER, at=at("25:00")))
    seen = settled(account, queues, order)
    assert seen["delivery"]["provider"] == "jelp"
    assert seen["delivery"]["driver"]["name"] == "Courier Nineteen"
    account.report(order.jelp("status_change", "TRANSIT", at=at("30:00")))
    told(account, order, "Waiting", "OnWay")
    account.report(order.jelp("complete_order", at=DELIVERED_AT))
    seen = told(account, order, *STEPS)
    assert account.calls(order)[2] == ("Delivered", DELIVERED_LOCAL)

    shown = {fleet: d["status"] for fleet, d in seen["deliveries"].items()}
    assert shown == {"captain": "failed", "jelp": "dropped_off"}
    assert seen["deliveries"]["captain"]["driver"]["driver_id"] == EMPLOYEE_ID
    assert events_of(seen, "captain") == [
        "order_assigned",
        f"job_delivery_status_updated {ACCEPTED}",
        "job_delivery_status_updated failed",
    ]
    assert events_of(seen, "jelp") == [
        "assign_driver PENDING",
        "status_change TRANSIT",
        "complete_order COMPLETED",
    ]


def test_late_events_of_the_first_change_nothing_but_its_own_record(account, queues: Queues):
    order = account.has_order()
    account.report(
        order.job("failed", utc("20:00")),
        order.jelp("assign_driver", jelp.OWN_DRIVER, at=at("25:00")),
        order.jelp("status_change", "TRANSIT", at=at("30:00")),
    )
    before = settled(account, queues, order)
    told(account, order, "Waiting", "OnWay")
    account.report(
        order.assigned(utc("10:00")),
        order.job(ACCEPTED, utc("11:00")),
        order.job("collected", utc("15:00")),
    )
    seen = settled(account, queues, order)
    told(account, order, "Waiting", "OnWay")
    assert seen["delivery"] == before["delivery"]
    assert seen["deliveries"]["jelp"] == before["deliveries"]["jelp"]
    assert seen["deliveries"]["captain"]["status"] == "failed"
    assert len(events_of(seen, "captain")) == 4


def test_a_failure_that_is_told_late_does_not_end_what_the_second_does(account, queues: Queues):
    order = account.has_order()
    account.report(
        order.radaro("status_changed", "picked_up", at=at("10:00")),
        order.jelp("status_change", "TRANSIT", at=at("30:00")),
        order.jelp("complete_order", at=DELIVERED_AT),
    )
    settled(account, queues, order)
    told(account, order, *STEPS)
    account.report(order.radaro("status_changed", "failed", "picked_up", at=at("55:00")))
    seen = settled(account, queues, order)
    assert (seen["delivery"]["provider"], seen["delivery"]["status"]) == ("jelp", "dropped_off")
    assert seen["deliveries"]["radaro"]["status"] == "failed"
    told(account, order, *STEPS)


def test_a_cancellation_by_both_is_shown_and_leaves_the_order_in_syrve(
    account, queues: Queues, bus
):
    order = account.has_order()
    account.report(
        order.radaro("status_changed", "failed", at=at("10:00")),
        order.jelp("cancel_order", at=at("20:00")),
    )
    seen = settled(account, queues, order)
    assert (seen["delivery"]["status"], seen["commands"]) == ("cancelled", [])
    assert (seen["syrve_status"], account.calls(order)) == ("WaitCooking", [])
    told_of = [
        (event["detail"]["provider"], event["detail"]["job_delivery_status"])
        for event in bus.of(account)
        if event["name"] == "job_delivery_status_updated"
    ]
    assert set(told_of) == {("radaro", "failed"), ("jelp", "cancelled")}


def test_the_first_comes_back_when_the_second_gives_up_too(account: Restaurant, queues: Queues):
    order = account.has_order()
    account.report(
        order.bringg("order_assigned", at("10:00")),
        order.bringg("order_cancelled", at("12:00")),
        order.radaro("status_changed", "assigned", at=at("15:00")),
        order.radaro("status_changed", "failed", "assigned", at=at("20:00")),
        order.bringg("order_accepted", at("25:00")),
    )
    seen = settled(account, queues, order)
    told(account, order, "Waiting")
    assert (seen["delivery"]["provider"], seen["delivery"]["status"]) == ("bringg", ACCEPTED)


@pytest.mark.parametrize("arrival", list(itertools.permutations(range(4)))[::5])
def test_whatever_arrives_first_the_fleet_that_delivered_is_in_charge(
    account: Restaurant, queues: Queues, arrival: tuple[int, ...]
):
    order = account.has_order()
    events = [
        order.radaro("status_changed", "assigned", at=at("10:00")),
        order.radaro("status_changed", "failed", "assigned", at=at("20:00")),
        order.bringg("order_accepted", at("25:00")),
        order.bringg("task_done", DELIVERED_AT),
    ]
    for index in arrival:
        account.report(events[index])
        settled(account, queues, order)
    seen = account.found(order)
    assert (seen["delivery"]["provider"], seen["delivery"]["status"]) == ("bringg", "dropped_off")
    told(account, order, *STEPS)
    assert seen["deliveries"]["radaro"]["status"] == "failed"
    assert len(events_of(seen, "radaro")) == len(events_of(seen, "bringg")) == 2


def test_remarks_of_a_fleet_that_carries_nothing_do_not_take_an_order_over(account, queues: Queues):
    order = account.has_order()
    account.report(
        order.radaro("status_changed", "pickup", at=at("10:00")),
        order.jelp("comment", REMARK, at=at("20:00")),
        order.jelp("order_new", at=at("21:00")),
    )
    seen = settled(account, queues, order)
    assert seen["delivery"]["provider"] == "radaro"
    assert seen["deliveries"]["jelp"]["notes"][0]["text"] == REMARK
    assert (seen["delivery"]["notes"], seen["delivery"]["status"]) == ([], ACCEPTED)
