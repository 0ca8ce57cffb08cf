"""Bringg's events one by one: what they tell beside the status of an order, what they tell of
drivers, and what must not be kept of any.
"""

from datetime import UTC, datetime

import pytest

from fleets import REMARK, at, bringg_story, settled
from leaks import stored
from local.fakes import bringg
from local.fakes.bringg_people import SECRETS
from local.fakes.fleet import Event
from queues import Queues
from restaurant import Restaurant

DRIVER = "bringg:77484"


@pytest.mark.parametrize("wrapped", [False, True])
def test_when_the_driver_will_be_there_is_shown(account, queues: Queues, wrapped: bool):
    order = account.has_order()
    for place, eta in (("pickup", at("20:00")), ("dropoff", at("50:00"))):
        account.report(
            order.bringg_point("order_eta_changed", place, at=at("10:00"), eta=eta, wrapped=wrapped)
        )
    seen = settled(account, queues, order)
    assert seen["deliveries"]["bringg"]["eta"] == "2026-06-28T16:50:00Z"
    assert seen["commands"] == []


def test_a_note_in_texts_only_is_shown(account: Restaurant, queues: Queues):
    order = account.has_order()
    account.report(order.bringg("order_assigned", at("10:00")))
    note = bringg.note_created(REMARK, at("35:00"), task_id=str(order.bringg_id))
    account.report(note)
    seen = settled(account, queues, order)
    notes = [(note["at"], note["text"]) for note in seen["delivery"]["notes"]]
    assert notes == [("2026-06-28T16:35:00Z", REMARK)]
    assert seen["delivery"]["status"] == "assigned_to_driver"


def test_another_company_that_carries_it_is_named(account: Restaurant, queues: Queues):
    order = account.has_order()
    fleet = {"fleet": {"name": "Green Wheels", "id": 1234}, "fleet_delivery_external_id": "ABC123"}
    account.report(order.bringg("order_assigned", at("10:00"), wrapped=True, **fleet))
    seen = settled(account, queues, order)
    assert seen["delivery"]["driver"]["carrier"] == "Green Wheels"


def test_where_a_driver_is_and_whether_they_work(account: Restaurant, queues: Queues):
    account.report(bringg.driver_location_updated(at("30:00")))
    account.report(bringg.driver_unavailable(False, at("31:00")))
    account.report(bringg.shift(at("05:00")))
    queues.handled("fleet-event")
    driver = account.driver_where(DRIVER, on_duty={"bringg": True}, available={"bringg": False})
    position = driver["position"]
    assert (position["latitude"], position["longitude"]) == (53.349805, -6.26031)
    assert position["recorded_at"] == "2026-06-28T16:30:00Z"
    account.report(bringg.driver_unavailable(True, at("40:00")))
    account.report(bringg.shift(at("05:00"), at("59:00")))
    account.driver_where(DRIVER, on_duty={"bringg": False}, available={"bringg": True})
    # The start of the shift comes once more, late.
    account.report(bringg.shift(at("05:00"), lat=53.35))
    queues.handled("fleet-event")
    account.driver_where(DRIVER, on_duty={"bringg": False})
    assert account.driver(DRIVER)["clocked_in"] is False


def test_a_driver_whom_the_restaurant_named_is_the_employee(account: Restaurant, queues: Queues):
    employee = "ffc60000-0000-4000-8000-000000000017"
    account.report(bringg.driver_location_updated(at("30:00"), user_external_id=employee))
    queues.handled("fleet-event")
    assert account.driver_where(employee)["position"]["recorded_at"] == "2026-06-28T16:30:00Z"


@pytest.mark.parametrize("happened_at", [17146518449, "17146518449", 0, -1, None, "soon", 1e99])
def test_a_time_that_cannot_be_is_not_believed(account, queues: Queues, happened_at: object):
    """The documentation's sample has eleven digits: the year 2513."""
    account.report(bringg.driver_location_updated(happened_at=happened_at))
    queues.handled("fleet-event")
    driver = account.driver(DRIVER)
    recorded = driver and driver["position"] and driver["position"]["recorded_at"]
    assert recorded is None or recorded < str(datetime.now(UTC).year + 1)
    account.report(bringg.driver_location_updated())
    queues.handled("fleet-event")
    assert account.driver_where(DRIVER)["position"] is not None


def test_events_that_nobody_needs_are_counted_and_not_kept(account: Restaurant):
    ignored = {"received": 1, "queued": 0, "ignored": 1}
    assert account.bringg(bringg.run_started()).json() == ignored
    scan = {"id": 1, "webhook_type": "scan_created", "merchant_id": 1}
    assert account.bringg(Event("bringg", "", scan)).json() == ignored
    assert account.bringg(Event("bringg", "scan_created", scan)).json() == ignored


def test_customers_secrets_are_kept_nowhere(account: Restaurant, queues: Queues, table):
    known, unknown = account.has_order(), account.new_order()
    with queues.held("fleet-event"):
        for order in (known, unknown):
            account.report(*bringg_story(order))
            account.report(order.bringg("driver_on_the_way", at("30:30"), wrapped=True))
        account.report(Event("bringg", "", known.bringg("task_done").body | {"id": None}))
        waiting = queues.take(queues.url("fleet-event"))
        assert len(waiting) > 18
        assert [secret for secret in SECRETS if secret in str(waiting)] == []
        for message in waiting:
            queues.deliver("fleet-event", message)
    settled(account, queues, known)
    assert stored(table, account.account_id, SECRETS) == []
    letters = str(queues.dead_letters("fleet-event", account.account_id))
    assert [secret for secret in SECRETS if secret in letters] == []
