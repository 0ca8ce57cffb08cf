"""An order that Jelp carries: told in order, shuffled, doubled or with steps left out, the end is
the same, and Syrve hears of every step once.
"""

import pytest

from fleets import (
    DELIVERED_AT,
    DELIVERED_LOCAL,
    LINK,
    REASON,
    REMARK,
    STEPS,
    at,
    events_of,
    jelp_story,
    settled,
    tell_shuffled,
    told,
)
from local.fakes import jelp
from queues import Queues
from restaurant import Restaurant, timeline

DELIVERY = {
    "provider": "jelp",
    "status": "dropped_off",
    "driver": {
        "driver_id": "jelp:JD-19",
        "fleet_id": None,
        "name": "Courier Nineteen",
        "phone": "+35310000019",
        "carrier": None,
    },
    "occurred_at": DELIVERED_AT,
    "delivered_at": DELIVERED_AT,
    "tracking_url": LINK,
    "order_status": "COMPLETED",
    "eta": None,
    "deliver_before": None,
    "description": None,
    "end_reason": REASON,
    "confirmation": None,
    "notes": [{"at": "2026-06-28T16:35:00Z", "text": REMARK}],
}
SAID = [
    "order_new PENDING",
    "assign_driver PENDING",
    "tracking",
    "status_change TRANSIT",
    "comment",
    "complete_order COMPLETED",
]


def test_a_delivery_told_in_order_sets_three_statuses(account: Restaurant, queues: Queues):
    order = account.has_order()
    known = [(), (), (), STEPS[:2], STEPS[:2], STEPS]
    for event, steps in zip(jelp_story(order), known, strict=True):
        account.report(event)
        queues.handled("fleet-event")
        told(account, order, *steps)
    assert account.calls(order) == [
        ("Waiting", None),
        ("OnWay", None),
        ("Delivered", DELIVERED_LOCAL),
    ]
    seen = account.found(order)
    assert seen["delivery"] == DELIVERY
    assert seen["deliveries"] == {"jelp": {n: v for n, v in DELIVERY.items() if n != "provider"}}
    assert timeline(seen, "jelp") == [(event, True) for event in SAID]
    assert account.pos.state.orders[order.order_id]["order"]["status"] == "Delivered"


@pytest.mark.parametrize("seed", range(4))
def test_any_order_of_arrival_with_repeats_ends_the_same(
    account: Restaurant, queues: Queues, seed: int
):
    order = account.new_order()
    seen = tell_shuffled(account, queues, order, jelp_story(order), seed)
    told(account, order, *STEPS)
    assert account.calls(order)[2] == ("Delivered", DELIVERED_LOCAL)
    assert seen["delivery"] == DELIVERY
    assert events_of(seen, "jelp") == SAID


def test_an_event_that_is_sent_again_is_applied_once(account: Restaurant, queues: Queues):
    order = account.has_order()
    story = jelp_story(order)
    for event in story:
        account.report(event, event)
        settled(account, queues, order)
    account.report(*story)
    seen = settled(account, queues, order)
    told(account, order, *STEPS)
    assert (events_of(seen, "jelp"), seen["delivery"]) == (SAID, DELIVERY)


def test_the_same_word_at_another_time_is_another_event(account: Restaurant, queues: Queues):
    order = account.has_order()
    for minutes in ("35:00", "36:00"):
        account.report(order.jelp("comment", REMARK, at=at(minutes)))
    seen = settled(account, queues, order)
    # What a fleet says of a delivery before anything about its status shows beside it.
    assert [note["text"] for note in seen["deliveries"]["jelp"]["notes"]] == [REMARK, REMARK]


def test_steps_that_jelp_left_out_are_told_to_syrve_first(account: Restaurant):
    order = account.has_order()
    account.report(order.jelp("complete_order", at=DELIVERED_AT))
    told(account, order, *STEPS)
    assert account.calls(order)[2] == ("Delivered", DELIVERED_LOCAL)


@pytest.mark.parametrize("first", [True, False])
def test_an_order_was_delivered_when_jelp_said_so_and_not_when_it_repeats_it(
    account: Restaurant, queues: Queues, first: bool
):
    """Every later change of a completed order comes with the whole order, completed."""
    order = account.has_order()
    completed = order.jelp("complete_order", at=DELIVERED_AT)
    later = order.jelp("folio_update", "COMPLETED", at=at("55:00"))
    for event in (completed, later) if first else (later, completed):
        account.report(event)
        seen = settled(account, queues, order)
    told(account, order, *STEPS)
    assert seen["delivery"]["delivered_at"] == DELIVERED_AT


def test_steps_that_the_restaurant_set_itself_are_not_told_again(account: Restaurant):
    order = account.has_order()
    later = {"timestamp": 1782662710412 + 60_000, "status": "Waiting"}
    account.stock(order.syrve(**later))
    account.announce(order.syrve(**later))
    account.order(order, lambda o: o["syrve_status"] == "Waiting")
    account.report(order.jelp("status_change", "TRANSIT", at=at("30:00")))
    told(account, order, "OnWay")


def test_a_late_event_is_shown_and_changes_nothing(account: Restaurant, queues: Queues):
    order = account.has_order()
    _, assigned, _, transit, _, completed = jelp_story(order)
    account.report(completed)
    told(account, order, *STEPS)
    account.report(transit, assigned)
    seen = settled(account, queues, order)
    told(account, order, *STEPS)
    assert seen["delivery"]["status"] == "dropped_off"
    assert events_of(seen, "jelp") == [SAID[1], SAID[3], SAID[5]]


def test_a_cancelled_order_is_shown_and_not_cancelled_in_syrve(
    account: Restaurant, queues: Queues, bus
):
    order = account.has_order()
    account.report(
        order.jelp("status_change", "TRANSIT", at=at("30:00")),
        order.jelp("cancel_order", at=at("40:00")),
    )
    seen = settled(account, queues, order)
    told(account, order, "Waiting", "OnWay")
    assert (seen["delivery"]["status"], seen["delivery"]["end_reason"]) == (
        "cancelled",
        jelp.ENDED_REASON["description"],
    )
    assert account.pos.state.orders[order.order_id]["order"]["status"] == "OnWay"
    [last] = [
        event["detail"]
        for event in bus.of(account)
        if event["detail"].get("job_delivery_status") == "cancelled"
    ]
    assert last["provider"] == "jelp"


@pytest.mark.parametrize("word", ["TRANSIT", "IN TRANSIT", "in_transit", " In  Transit "])
def test_both_spellings_of_transit_are_one_status(account: Restaurant, word: str):
    order = account.has_order()
    account.report(order.jelp("status_change", word, at=at("30:00")))
    seen = told(account, order, "Waiting", "OnWay")
    assert seen["delivery"]["status"] == "collected"


@pytest.mark.parametrize("step", ["TRANSIT", "COMPLETED"])
def test_the_old_version_of_an_event_means_the_same(account: Restaurant, step: str):
    order = account.has_order()
    account.report(order.jelp("folio_update", step, at=at("30:00")))
    told(account, order, *(STEPS if step == "COMPLETED" else STEPS[:2]))


def test_an_order_that_goes_on_after_a_declined_cancellation_is_on_its_way(account: Restaurant):
    order = account.has_order()
    account.report(order.jelp("decline_cancel_request", at=at("30:00")))
    seen = told(account, order, "Waiting", "OnWay")
    assert seen["delivery"]["status"] == "collected"
