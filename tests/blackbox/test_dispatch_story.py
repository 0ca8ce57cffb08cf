"""The whole story: Syrve announces an order, Captain.AI has it and delivers it, Syrve is told.

Syrve's webhooks are sent by its fake, Captain.AI's are about the order and driver that it was told
of, and whatever either system is told comes back as an event of its own.
"""

import pytest

from couriers import synced
from dispatched import dispatched, there, told
from local.fakes import captain
from local.fakes.captain import EMPLOYEE_ID, of_driver, of_job, of_order
from local.fakes.captain_api import FakeCaptainApi
from local.http import call
from local.payloads import Order
from local.waiting import wait_until
from restaurant import Restaurant, timeline

STATUS = "update_order_status"
ACCEPTED, COLLECTED, DROPPED = "assigned_and_accepted_by_driver", "collected", "dropped_off"


@pytest.fixture
def account(new_account, captain_api: FakeCaptainApi) -> Restaurant:
    """A fresh account that is dispatched, and whose Syrve sends its webhooks."""
    account = new_account(captain=captain_api)
    target = {"url": account.url("syrve"), "token": account.account.syrve_token}
    restaurant(account, "PUT", "webhook", organizationId=account.organization_id, **target)
    return account


def restaurant(account: Restaurant, method: str, path: str, **body: object) -> None:
    """Something happens in the restaurant."""
    answer = call(method, f"{account.pos.url}/_control/{path}", body)
    assert answer.status == 200, answer


def announced(account: Restaurant) -> Order:
    order = account.new_order()
    restaurant(account, "POST", "orders", eventInfo=order.syrve()["eventInfo"])
    account.commands(order, ["confirmed"], ["create_order"])
    return order


def test_an_order_goes_from_syrve_to_captain_and_back(account: Restaurant):
    synced(account)
    known = account.driver_where(EMPLOYEE_ID, active=True, clocked_in=False)
    wait_until(lambda: account.driver(EMPLOYEE_ID)["fleet_ids"])
    order = announced(account)
    cook = f"orders/{order.order_id}"
    restaurant(account, "POST", cook, status="CookingStarted")
    account.commands(order, ["confirmed"] * 2, ["create_order", "being_prepared"])
    cooked = {"whenCookingCompleted": "2026-06-28 17:25:00.000"}
    restaurant(account, "POST", cook, status="CookingCompleted", **cooked)
    labels = ["create_order", "being_prepared", "prepared"]
    account.commands(order, ["confirmed"] * 3, labels)

    made = there(account, order)
    driver = account.fleet.state.driver_of(account.account.captain_account_uuid, EMPLOYEE_ID)
    assert f"{driver['first_name']} {driver['last_name']}" == known["name"]
    uuid = account.account.captain_account_uuid
    account.report(captain.order_assigned(**of_order(made, uuid), **of_driver(driver)))
    for status, pos in ((ACCEPTED, "Waiting"), (COLLECTED, "OnWay"), (DROPPED, "Delivered")):
        job = of_job(made, driver, uuid)
        account.report(captain.job_delivery_status_updated(status, **job))
        labels.append(pos)
        account.commands(order, ["confirmed"] * len(labels), labels)
    seen = account.order(order, lambda o: o["syrve_status"] == "Delivered")

    assert [status for status, _ in account.calls(order)] == ["Waiting", "OnWay", "Delivered"]
    steps = [f"{STATUS} being_prepared", f"{STATUS} prepared"]
    assert told(account, order) == ["create_order", *steps]
    assert account.pos.state.orders[order.order_id]["order"]["status"] == "Delivered"
    known = {name: said for name, said in seen["delivery"]["driver"].items() if said is not None}
    assert known == {"driver_id": EMPLOYEE_ID, "fleet_id": driver["uuid"]}
    assert seen["delivery"]["tracking_url"] == made["tracking_link"]
    assert timeline(seen, "captain") == [
        ("order_dispatched", True),
        ("create_order confirmed", True),
        *((f"{step} confirmed", True) for step in steps),
        ("order_assigned", True),
        *((f"job_delivery_status_updated {s}", True) for s in (ACCEPTED, COLLECTED, DROPPED)),
    ]
    assert [command["attempts"] for command in seen["commands"]] == [1] * 6


def test_a_driver_who_accepts_early_does_not_make_the_food_prepared(account: Restaurant):
    """Syrve is set to Waiting, says so itself, and that is no word of the kitchen's."""
    order = announced(account)
    job = of_job(there(account, order), account_uuid=account.account.captain_account_uuid)
    account.report(captain.job_delivery_status_updated(ACCEPTED, **job))
    account.commands(order, ["confirmed"] * 2, ["create_order", "Waiting"])
    account.order(order, lambda o: o["syrve_status"] == "Waiting")
    assert told(account, order) == ["create_order"]


@pytest.mark.parametrize("partners_id", [..., None, ""])
def test_captains_own_id_of_an_order_finds_it_again(new_account, captain_api, partners_id):
    account = new_account(captain=captain_api)
    order = dispatched(account)
    event = captain.job_delivery_status_updated(COLLECTED, order_uuid=there(account, order)["uuid"])
    event["data"] |= {"order_description": None, "order_custom_fields": None}
    event["data"]["partners_unique_internal_order_id"] = partners_id
    if partners_id is ...:
        del event["data"]["partners_unique_internal_order_id"]
    account.report(event)
    account.commands(order, ["confirmed"] * 2, ["create_order", "OnWay"])
    assert account.calls(order) == [("OnWay", None)]


def test_an_event_that_is_faster_than_the_answer_joins_the_order(new_account, own_captain_api):
    """Captain.AI assigns a driver while its answer about the order is still on its way."""
    account = new_account(captain=own_captain_api)
    own_captain_api.faults.add({"operation": "create_order", "kind": "hang_then_close"})
    order = account.has_order()
    made = wait_until(lambda: own_captain_api.state.order_of(order.order_id))
    event = captain.job_delivery_status_updated(COLLECTED, order_uuid=made["uuid"])
    del event["data"]["partners_unique_internal_order_id"]
    account.report(event)
    account.commands(order, ["confirmed"] * 2, ["create_order", "OnWay"])
    assert len(own_captain_api.state.orders) == 1


def test_an_order_cancelled_in_syrve_is_cancelled_there_while_a_driver_is_on_the_way(account):
    order = announced(account)
    job = of_job(there(account, order), account_uuid=account.account.captain_account_uuid)
    account.report(captain.job_delivery_status_updated(ACCEPTED, **job))
    account.commands(order, ["confirmed"] * 2, ["create_order", "Waiting"])
    cancelled = Order().syrve("order_cancelled")["eventInfo"]["order"]
    changes = {"status": "Cancelled", "cancelInfo": cancelled["cancelInfo"]}
    restaurant(account, "POST", f"orders/{order.order_id}", **changes)
    account.commands(order, ["confirmed"] * 3, ["create_order", "Waiting", "cancelled"])
    account.report(captain.order_status_updated("cancelled", **of_order(there(account, order))))
    account.order(order, lambda o: o["delivery"]["order_status"] == "cancelled")
    assert told(account, order) == ["create_order", f"{STATUS} cancelled"]
    assert [status for status, _ in account.calls(order)] == ["Waiting"]
