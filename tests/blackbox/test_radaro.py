"""An order that Radaro carries: its whole story in any order, what its customer says after it, and
what a change of anything else than the status does.
"""

import pytest

from fleets import (
    DELIVERED_AT,
    DELIVERED_LOCAL,
    REMARK,
    STEPS,
    at,
    events_of,
    radaro_story,
    settled,
    tell_shuffled,
    told,
)
from local.fakes import radaro
from queues import Queues
from restaurant import Restaurant, timeline

DELIVERY = {
    "provider": "radaro",
    "status": "dropped_off",
    "driver": {
        "driver_id": "radaro:7946734",
        "fleet_id": "7946734",
        "name": None,
        "phone": None,
        "carrier": None,
    },
    "occurred_at": DELIVERED_AT,
    "delivered_at": DELIVERED_AT,
    "tracking_url": None,
    "order_status": None,
    "eta": None,
    # As the new job has them; later events carry them too, but only of this one are they news.
    "deliver_before": "2026-06-28T17:06:00Z",
    "description": "Blue door",
    "end_reason": None,
    "confirmation": {"confirmed": True, "rating": "4", "comment": REMARK},
    "notes": [],
}
SAID = [
    "created not_assigned",
    "updated assigned",
    "updated pickup",
    "updated picked_up",
    "updated in_progress",
    "updated delivered",
    "updated is_confirmed_by_customer",
]


def test_a_delivery_told_in_order_sets_three_statuses(account: Restaurant, queues: Queues):
    order = account.has_order()
    known = [(), (), STEPS[:1], STEPS[:2], STEPS[:2], STEPS, STEPS]
    for event, steps in zip(radaro_story(order), known, strict=True):
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
    assert seen["deliveries"] == {"radaro": {n: v for n, v in DELIVERY.items() if n != "provider"}}
    assert timeline(seen, "radaro") == [(event, True) for event in SAID]


@pytest.mark.parametrize("seed", range(4))
def test_any_order_of_arrival_with_repeats_ends_the_same(
    account: Restaurant, queues: Queues, seed: int
):
    order = account.new_order()
    seen = tell_shuffled(account, queues, order, radaro_story(order), seed)
    told(account, order, *STEPS)
    assert account.calls(order)[2] == ("Delivered", DELIVERED_LOCAL)
    assert seen["delivery"] == DELIVERY
    assert events_of(seen, "radaro") == SAID


def test_an_event_that_is_sent_again_is_applied_once(account: Restaurant, queues: Queues):
    order = account.has_order()
    story = radaro_story(order)
    for event in story:
        account.report(event, event)
        settled(account, queues, order)
    account.report(*story)
    seen = settled(account, queues, order)
    told(account, order, *STEPS)
    assert (events_of(seen, "radaro"), seen["delivery"]) == (SAID, DELIVERY)


def test_a_review_is_kept_and_is_no_second_delivery(account: Restaurant, queues: Queues):
    order = account.has_order()
    account.report(order.radaro("status_changed", "delivered", at=DELIVERED_AT))
    told(account, order, *STEPS)
    account.report(order.radaro("rated", 2, "Cold, and late", at=at("58:00")))
    seen = settled(account, queues, order)
    told(account, order, *STEPS)
    delivery = seen["delivery"]
    assert delivery["delivered_at"] == DELIVERED_AT
    assert delivery["confirmation"] == {
        "confirmed": True,
        "rating": "2",
        "comment": "Cold, and late",
    }


@pytest.mark.parametrize("yes", [True, "True", "true"])
def test_a_confirmation_is_read_however_it_is_written(account, queues: Queues, yes: object):
    """The documentation's sample has a word of another language, True."""
    order = account.has_order()
    event = order.radaro("rated", None, None).having(new_values={"is_confirmed_by_customer": yes})
    account.report(event)
    seen = settled(account, queues, order)
    assert seen["deliveries"]["radaro"]["confirmation"]["confirmed"] is True


def test_a_review_that_comes_before_the_delivery_moves_nothing(account, queues: Queues):
    order = account.has_order()
    account.report(order.radaro("rated", at=at("58:00")))
    seen = settled(account, queues, order)
    assert (seen["deliveries"]["radaro"]["status"], seen["commands"]) == (None, [])
    account.report(order.radaro("status_changed", "delivered", at=DELIVERED_AT))
    seen = told(account, order, *STEPS)
    assert seen["delivery"]["confirmation"]["rating"] == "5"


def test_a_confirmed_job_was_delivered(account: Restaurant, queues: Queues):
    order = account.has_order()
    account.report(order.radaro("status_changed", "confirmed", "delivered", at=at("50:00")))
    seen = told(account, order, *STEPS)
    assert seen["delivery"]["confirmation"]["confirmed"] is True
    account.report(order.radaro("status_changed", "delivered", "in_progress", at=DELIVERED_AT))
    seen = settled(account, queues, order)
    assert seen["delivery"]["delivered_at"] == DELIVERED_AT
    told(account, order, *STEPS)


@pytest.mark.parametrize(
    ("status", "shown", "steps"),
    [
        ("pending", "unassigned_to_driver", ()),
        ("not_assigned", "unassigned_to_driver", ()),
        ("assigned", "assigned_to_driver", ()),
        ("pickup", "assigned_and_accepted_by_driver", STEPS[:1]),
        ("picked_up", "collected", STEPS[:2]),
        ("in_progress", "collected", STEPS[:2]),
        ("delivered", "dropped_off", STEPS),
        ("confirmed", "dropped_off", STEPS),
        ("failed", "failed", ()),
        ("way_back", None, ()),
        ("TERMINATED", None, ()),
    ],
)
def test_every_status_alone_tells_syrve_the_steps_up_to_it(
    account: Restaurant, queues: Queues, status: str, shown: str | None, steps: tuple
):
    order = account.has_order()
    account.report(order.radaro("status_changed", status, at=at("30:00")))
    seen = settled(account, queues, order)
    told(account, order, *steps)
    # A fleet that said nothing that is known has no delivery.
    assert seen["deliveries"].get("radaro", {"status": None})["status"] == shown
    assert len(events_of(seen, "radaro")) == 1
    assert queues.dead_letters("fleet-event", account.account_id) == []


def test_a_driver_is_changed_and_taken_off(account: Restaurant, queues: Queues):
    order = account.has_order()
    account.report(
        order.radaro("status_changed", "assigned", at=at("10:00"), driver=11),
        order.radaro("changed", {"driver": 12}, {"driver": 11}, at=at("11:00")),
    )
    seen = settled(account, queues, order)
    assert seen["delivery"]["driver"]["driver_id"] == "radaro:12"
    account.report(
        order.radaro("status_changed", "not_assigned", "assigned", at=at("12:00"), driver=None)
    )
    seen = settled(account, queues, order)
    assert seen["delivery"]["driver"] is None
    assert seen["delivery"]["status"] == "unassigned_to_driver"
    assert seen["commands"] == []


@pytest.mark.parametrize(
    ("wire", "shown"),
    [
        ("2026-06-28T18:00:00", "2026-06-28T18:00:00Z"),
        ("2026-06-29T04:00:00+10:00", "2026-06-28T18:00:00Z"),
        ("2026-06-28T18:00:00Z", "2026-06-28T18:00:00Z"),
        ("tomorrow", None),
    ],
)
def test_a_deadline_is_with_or_without_a_zone(account, queues: Queues, wire: str, shown):
    order = account.has_order()
    account.report(order.radaro("changed", {"deliver_before": wire}))
    seen = settled(account, queues, order)
    known = seen["deliveries"].get("radaro", {"deliver_before": None})
    assert known["deliver_before"] == shown
    assert events_of(seen, "radaro") == ["updated deliver_before"]


def test_a_description_that_was_changed_is_shown(account: Restaurant, queues: Queues):
    order = account.has_order()
    account.report(
        order.radaro("changed", {"description": "Blue door"}, at=at("10:00")),
        order.radaro("changed", {"description": "Example Street, rear"}, at=at("11:00")),
        order.radaro("changed", {"title": "577"}, at=at("12:00")),
    )
    seen = settled(account, queues, order)
    assert seen["deliveries"]["radaro"]["description"] == "Example Street, rear"
    assert len(events_of(seen, "radaro")) == 3


def test_a_failed_job_is_shown_and_the_order_not_cancelled_in_syrve(
    account: Restaurant, queues: Queues, bus
):
    order = account.has_order()
    account.report(
        order.radaro("status_changed", "pickup", "assigned", at=at("11:00")),
        order.radaro("status_changed", "failed", "pickup", at=at("20:00")),
    )
    seen = settled(account, queues, order)
    told(account, order, "Waiting")
    assert seen["delivery"]["status"] == "failed"
    assert account.pos.state.orders[order.order_id]["order"]["status"] == "Waiting"
    told_of = [
        (event["detail"]["provider"], event["detail"]["job_delivery_status"])
        for event in bus.of(account)
        if event["name"] == "job_delivery_status_updated"
    ]
    assert ("radaro", "failed") in told_of


def test_the_token_is_demanded_in_the_body(account: Restaurant, new_account, queues: Queues):
    event, own = account.new_order().radaro("created"), account.account
    others = new_account().account.radaro_token
    queues.handled("fleet-event")
    with queues.held("fleet-event"):
        for token in ("", own.radaro_token + "x", own.jelp_token, others, 5, None, [], {}):
            assert account.radaro(event.having(token=token)).status == 401, token
        assert radaro.FakeRadaro(account.url("radaro"), None).send(event).status == 401
        assert queues.waiting("fleet-event") == 0
    assert account.radaro(event).status == 200


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"order_info": ...}, "order_info"),
        ({"order_info": None}, "order_info"),
        ({"order_info": []}, "order_info"),
        ({"order_info": {}}, "order_info.order_id"),
        ({"order_info": {"order_id": None, "external_id": ""}}, "order_info.order_id"),
    ],
)
def test_an_event_that_names_no_job_is_refused(account: Restaurant, change: dict, field: str):
    answer = account.radaro(account.new_order().radaro("created").having(**change))
    assert (answer.status, answer.json()["field"]) == (400, field)


@pytest.mark.parametrize("new_values", [None, [], "delivered", ...])
def test_a_change_that_says_not_what_is_kept_with_the_reason(
    account: Restaurant, queues: Queues, new_values: object
):
    """Whatever the job's status is: it is how the job stands, not what happened."""
    order = account.has_order()
    account.report(order.radaro("status_changed", "delivered").having(new_values=new_values))
    seen = settled(account, queues, order)
    assert (events_of(seen, "radaro"), seen["commands"]) == ([], [])
    [(letter, reason)] = queues.dead_letters("fleet-event", account.account_id)
    assert "new_values" in reason
    assert letter["body"]["order_info"]["order_id"] == order.radaro_id
    assert account.account.radaro_token not in str(letter)


def test_an_event_of_another_type_is_counted_and_not_kept(account: Restaurant):
    event = account.new_order().radaro("created").having(event_type="exploded", new_values={})
    answer = account.radaro(event)
    assert answer.json() == {"received": 1, "queued": 0, "ignored": 1}


def test_ids_are_numbers_or_texts(account: Restaurant, queues: Queues):
    order = account.has_order()
    as_text = {"order_id": str(order.radaro_id), "driver": "7946734"}
    account.report(
        order.radaro("status_changed", "assigned", at=at("10:00")),
        order.radaro("status_changed", "picked_up", at=at("30:00"), **as_text, external_id=None),
    )
    seen = settled(account, queues, order)
    told(account, order, *STEPS[:2])
    assert seen["delivery"]["driver"]["driver_id"] == "radaro:7946734"
