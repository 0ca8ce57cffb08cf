"""Each event from its real cause to the subscriber: once, signed, and as Captain.AI writes it."""

from collections.abc import Callable
from datetime import datetime

import pytest

from fleets import DELIVERED_AT, bringg_story, jelp_story, radaro_story
from integrator import Integrator, Received
from local.fakes import captain
from local.fakes.captain import EMPLOYEE_ID
from local.fakes.subscriber_contract import problems
from local.payloads import Order
from queues import Queues
from restaurant import Restaurant

ASSIGNED, ACCEPTED = "assigned_to_driver", "assigned_and_accepted_by_driver"
COLLECTED, DROPPED = "collected", "dropped_off"
JOB, STATUS = "job_delivery_status_updated", "order_status_updated"
# What the order as a whole is after these steps.
ENDS = {COLLECTED: "in_progress", DROPPED: "completed"}


def captain_story(order: Order) -> list[dict]:
    return [
        order.assigned("2026-06-28T16:10:00+00:00"),
        order.job(ACCEPTED, "2026-06-28T16:11:00+00:00"),
        order.job(COLLECTED, "2026-06-28T16:30:00+00:00"),
        order.job(DROPPED, DELIVERED_AT),
    ]


# Each fleet's words for a delivery, and the steps of it that they tell.
FROM_THE_START = ["unassigned_to_driver", ASSIGNED, ACCEPTED, COLLECTED, DROPPED]
STORIES = {
    "captain": (captain_story, FROM_THE_START[1:]),
    "jelp": (jelp_story, [ASSIGNED, COLLECTED, DROPPED]),
    "radaro": (radaro_story, FROM_THE_START),
    "bringg": (bringg_story, FROM_THE_START),
}


def told(call: Received) -> tuple[str, str | None]:
    """An event and the status it tells."""
    data = call.data
    names = ("job_delivery_status", "order_status", "item_status")
    return call.name, next((data[name] for name in names if name in data), None)


def is_good(one: Integrator, *calls: Received) -> None:
    """As documented, from the one who was registered, and to be told from a repetition."""
    for call in calls:
        assert problems(call.headers, call.body) == []
        assert isinstance(call.data["published_at"], float)
        assert call.body["environment"] == "local"
        assert call.headers["auth-token"] == one.token
        assert call.headers["content-type"] == "application/json"
        assert "webhook-replay" not in call.headers
        assert call.webhook_id == call.event_uuid
        assert (call.attempt, set(call.body["metadata"])) == (1, {"sent_at", "delivery_attempt"})
        assert (
            abs(call.at - datetime.fromisoformat(call.body["metadata"]["sent_at"]).timestamp()) < 5
        )
        assert abs(call.at - int(call.headers["webhook-timestamp"])) < 5
        assert len(call.signatures) == 1
        call.verified_by(one.secret)


def of_order(call: Received, account: Restaurant, order: Order, provider: str) -> None:
    """It names the order and the restaurant as the integrator's own systems do."""
    data = call.data
    assert data["order_uuid"] == data["partners_unique_internal_order_id"] == order.order_id
    assert data["account_uuid"] == account.account_id
    assert data["order_account_partners_external_identifier"] == account.organization_id
    assert data["order_custom_fields"]["provider"] == provider


@pytest.mark.parametrize("fleet", STORIES)
def test_a_delivery_by_any_fleet_is_told_in_the_same_format(
    account: Restaurant, subscribe: Callable[..., Integrator], queues: Queues, fleet: str
):
    one, order = subscribe(account), account.has_order()
    story, steps = STORIES[fleet]
    for event in story(order):
        account.report(event)
        queues.handled("fleet-event", "notify")
    calls = one.received()
    is_good(one, *calls)
    for call in calls:
        of_order(call, account, order, fleet)
    assert len({call.event_uuid for call in calls}) == len(calls)
    # What one report leads to is told in its order, too.
    expected = []
    for step in steps:
        expected += [("order_assigned", None)] if step == ASSIGNED else []
        expected += [(JOB, step)]
        expected += [(STATUS, ENDS[step])] if step in ENDS else []
    assert list(map(told, calls)) == expected
    times = [call.data["published_at"] for call in calls]
    assert times == sorted(times)
    assert times[-1] == datetime.fromisoformat(DELIVERED_AT).timestamp()
    assert calls[-1].data["order_description"] == str(order.number)
    [assigned] = [call for call in calls if call.name == "order_assigned"]
    driver = account.found(order)["delivery"]["driver"]
    employee = EMPLOYEE_ID if fleet == "captain" else None
    assert assigned.data["agent_uuid"] == driver["driver_id"] == (employee or driver["driver_id"])
    assert assigned.data["agent_partner_data"]["provider"] == fleet
    assert assigned.data["agent_partners_external_identifier"] == employee


def test_a_driver_who_is_taken_off_is_told_once(account: Restaurant, subscribe, queues: Queues):
    one, order = subscribe(account, events=["order_unassigned"]), account.has_order()
    account.report(order.assigned("2026-06-28T16:10:00+00:00"))
    account.report(order.captain("order_unassigned"))
    [call] = one.hears(1)
    queues.handled("fleet-event", "notify")
    assert one.received() == [call]
    is_good(one, call)
    of_order(call, account, order, "captain")
    assert call.data["agent_uuid"] == EMPLOYEE_ID


def test_what_the_kitchen_does_with_each_item_is_told(account: Restaurant, subscribe, queues):
    """By Syrve's own word of the order."""
    one, order = subscribe(account, events=["item_status_updated"]), account.has_order()
    items = order.syrve()["eventInfo"]["order"]["items"]
    cooking = [item | {"status": "CookingStarted"} for item in items]
    account.announce(order.syrve(timestamp=1_782_663_000_000, items=cooking))
    calls = one.hears(len(items))
    queues.handled("delivery-order", "notify")
    assert len(one.received()) == len(items)
    is_good(one, *calls)
    assert {told(call)[1] for call in calls} == {"being_prepared"}
    assert len({call.data["item_uuid"] for call in calls}) == len(items)
    names = {item["product"]["name"] for item in items if "product" in item}
    assert names <= {call.data["item_name"] for call in calls}
    for call in calls:
        assert call.data["partners_unique_internal_order_id"] == order.order_id
        assert call.data["item_account_partners_external_identifier"] == account.organization_id


def test_items_that_captain_tells_of_are_told_on(account: Restaurant, subscribe, queues: Queues):
    """By its webhook for items; they may have a URL of their own here too."""
    one = subscribe(account, items_url=...)
    assert one.call("PUT", "", one.body(items_url=one.items_url)).status == 200
    order = account.has_order()
    event = captain.item_status_updated("prepared", **order.names, item_uuid="item00000007")
    assert account.captain(event, items=True).status == 200
    account.report(order.assigned())
    [assigned] = one.hears(1, "order_assigned")
    [item] = one.hears(1, "item_status_updated")
    assert (assigned.path, item.path) == (one.path, f"{one.path}/items")
    queues.handled("fleet-event", "notify")
    is_good(one, *one.received())
    assert told(item) == ("item_status_updated", "prepared")
    assert (item.data["item_uuid"], item.data["item_name"]) == ("item00000007", "Pizza Margherita")
    assert (item.data["quantity"], item.data["sequence"]) == (1, 1)


def test_when_a_driver_will_be_back_is_told(account: Restaurant, subscribe, queues: Queues):
    one = subscribe(account)
    event = captain.agent_eta_updated()
    account.report(event)
    [call] = one.hears(1)
    is_good(one, call)
    assert call.name == "agent_eta_updated"
    for name in ("eta_till_available", "eta_arrive_at_home_hub"):
        assert call.data[name] == event["data"][name]
    assert call.data["agent_uuid"] == EMPLOYEE_ID
    assert call.data["agent_account_partners_external_identifier"] == account.organization_id


def test_a_report_that_is_ready_is_told(account: Restaurant, subscribe, queues: Queues):
    one = subscribe(account)
    account.report(captain.analytics_report_ready(uuid="5a1e00000077"))
    [call] = one.hears(1)
    is_good(one, call)
    assert (call.name, call.data["uuid"], call.data["status"]) == (
        "analytics_report_ready",
        "5a1e00000077",
        "ready",
    )


def test_a_report_that_is_known_is_not_told_again(account: Restaurant, subscribe, queues: Queues):
    """Else a subscription that leads back to this bridge by another name would hear it for ever."""
    one = subscribe(account)
    account.report(captain.analytics_report_ready(uuid="5a1e00000078"))
    [call] = one.hears(1)
    account.report(call.body)
    account.report(captain.analytics_report_ready(uuid="5a1e00000078"))
    queues.handled("fleet-event", "notify")
    assert one.received() == [call]
    account.report(captain.analytics_report_ready(uuid="5a1e00000078", url="https://reports.test/"))
    one.hears(2)


def test_how_an_order_ends_in_syrve_is_told(account: Restaurant, subscribe, queues: Queues):
    one, order = subscribe(account, events=[STATUS]), account.has_order()
    account.announce(order.syrve("order_cancelled", timestamp=1_782_669_000_000))
    [call] = one.hears(1)
    is_good(one, call)
    assert told(call) == (STATUS, "cancelled")
    assert call.data["order_description"] == str(order.number)
