"""Jelp's webhooks one by one: who may send them, which event a body is, what its odd fields say."""

import pytest

from fleets import LINK, at, events_of, settled
from local.fakes import jelp
from local.fakes.fleet import Event
from local.fakes.jelp import FakeJelp
from local.http import call
from queues import Queues
from restaurant import Restaurant

DELIVERY_CODE = "dc-648-nobodys-business"


def sent(account: Restaurant, event: Event, token: str | None, **place: str) -> int:
    return FakeJelp(account.url("jelp"), token, **place).send(event).status


def test_the_token_is_demanded(account: Restaurant, new_account, queues: Queues):
    event, own = account.new_order().jelp("order_new"), account.account
    others = new_account().account.jelp_token
    queues.handled("fleet-event")
    with queues.held("fleet-event"):
        for token in (None, "", own.jelp_token + "x", own.radaro_token, own.bringg_token, others):
            assert sent(account, event, token) == 401, token
            assert sent(account, event.at_one_url(), token) == 401, token
        assert sent(account, event, own.jelp_token, header="X-Token") == 401
        assert sent(account, event, own.jelp_token, query="token") == 401
        assert queues.waiting("fleet-event") == 0
    assert sent(account, event, own.jelp_token) == 200
    assert sent(account, event, f"Bearer {own.jelp_token}") == 200


@pytest.mark.parametrize("place", [{"header": "X-Jelp-Token"}, {"query": "key"}])
def test_the_token_is_where_the_account_says_and_nowhere_else(new_account, place: dict):
    account = new_account(fleets={"jelp": {"token_in": place}})
    event, token = account.new_order().jelp("order_new"), account.account.jelp_token
    assert sent(account, event, token, **place) == 200
    assert sent(account, event, token) == 401
    assert sent(account, event, token, query="token") == 401
    assert sent(account, event, token + "x", **place) == 401
    assert sent(account, event, "", **place) == 401


def test_the_urls_to_register_take_their_events(new_account, queues: Queues):
    """Each as the account shows it; where the token belongs into the query, its place is shown."""
    for token_in in ({"header": "authorization"}, {"query": "key"}):
        account = new_account(fleets={"jelp": {"token_in": token_in}})
        token, order = account.account.jelp_token, account.has_order()
        shown = account.get().json()["webhook_urls"]
        urls = {name: url for name, url in shown.items() if name.startswith("jelp")}
        assert {"jelp", "jelp_order_new", "jelp_folio_update", "jelp_status_change"} <= set(urls)
        for name, url in urls.items():
            assert url.endswith("?key={webhook_token}") == ("query" in token_in)
            event = order.jelp("comment", f"by {name}")
            if name not in ("jelp", "jelp_order_update"):
                event = order.jelp("order_new").having(status="PENDING", queueName=None)
            headers = {} if "query" in token_in else {"Authorization": token}
            called = url.replace("{webhook_token}", token)
            answer = call("POST", called, event.body, headers)
            assert answer.status == 200, (name, answer)
    settled(account, queues, order)


@pytest.mark.parametrize(
    ("name", "arguments", "kind"),
    [
        ("order_new", (), "order_new PENDING"),
        ("folio_update", ("TRANSIT",), "folio_update TRANSIT"),
        ("assign_driver", (), "assign_driver PENDING"),
        ("complete_order", (), "complete_order COMPLETED"),
        ("cancel_order", (), "cancel_order CANCELED"),
        ("status_change", ("TRANSIT",), "status_change TRANSIT"),
        ("comment", ("by one URL",), "comment"),
        ("tracking", (LINK,), "tracking"),
    ],
)
def test_one_url_takes_every_event_that_its_body_tells(
    account: Restaurant, queues: Queues, name: str, arguments: tuple, kind: str
):
    order = account.has_order()
    event = order.jelp(name, *arguments)
    account.report(event.at_one_url())
    assert events_of(settled(account, queues, order), "jelp") == [kind]
    prefixed = Event("jelp", f"order_update:{name}", order.jelp(name, *arguments).body)
    if name not in ("order_new", "folio_update"):
        account.report(prefixed)
        assert events_of(settled(account, queues, order), "jelp") == [kind, kind]


@pytest.mark.parametrize(
    ("event", "change"),
    [
        (("decline_cancel_request",), {}),
        (("complete_order",), {"queueName": ...}),
        (("complete_order",), {"endedReason": jelp.ENDED_REASON}),
        (("status_change", "TRANSIT"), {"statusBranch": ...}),
        (("comment", "or a link"), {"trackingUrl": LINK}),
        (("comment", None), {}),
    ],
)
def test_a_body_that_leaves_its_event_open_is_kept_and_not_guessed(
    account: Restaurant, queues: Queues, event: tuple, change: dict
):
    order = account.has_order()
    body = order.jelp(*event, deliveryCode=DELIVERY_CODE).having(**change).at_one_url()
    account.report(body)
    seen = settled(account, queues, order)
    assert (events_of(seen, "jelp"), seen["delivery"], seen["commands"]) == ([], None, [])
    [(letter, reason)] = queues.dead_letters("fleet-event", account.account_id)
    assert "event" in reason
    assert letter["body"]["folio"] == order.jelp_folio
    assert DELIVERY_CODE not in str(letter)


@pytest.mark.parametrize("path", ["order_deleted", "order_update:order_new", "comment/more"])
def test_an_event_that_jelp_does_not_have_is_refused(account: Restaurant, path: str):
    event = Event("jelp", path, account.new_order().jelp("comment", "lost").body)
    answer = account.jelp(event)
    assert answer.status in (400, 404)
    if answer.status == 400:
        assert answer.json()["field"] == "event"


@pytest.mark.parametrize(
    ("phone", "shown"),
    [
        ("+35310000019", "+35310000019"),
        (None, None),
        ({"countryCode": "+353", "phone": "10000019"}, "+35310000019"),
        ({"countryCode": "353", "phone": 10000019}, "+35310000019"),
        ({"countryCode": None, "phone": None}, None),
        ([], None),
    ],
)
def test_a_drivers_phone_has_three_shapes(account: Restaurant, queues: Queues, phone, shown):
    order = account.has_order()
    driver = jelp.OWN_DRIVER | {"phone": phone}
    account.report(order.jelp("assign_driver", driver))
    seen = settled(account, queues, order)
    assert seen["delivery"]["driver"]["phone"] == shown
    assert seen["delivery"]["status"] == "assigned_to_driver"


def test_a_driver_of_another_company_shows_with_its_name(account: Restaurant, queues: Queues):
    order = account.has_order()
    account.report(order.jelp("assign_driver"))
    driver = settled(account, queues, order)["delivery"]["driver"]
    assert (driver["name"], driver["carrier"], driver["phone"]) == (
        jelp.EXTERNAL_DRIVER["name"],
        "QUICK",
        None,
    )


@pytest.mark.parametrize(
    ("location", "known"),
    [
        ({"lat": 53.349805, "lon": -6.26031}, True),
        ([-6.26031, 53.349805], True),
        (["-6.26031", "53.349805"], True),
        ({"lat": 0, "lon": 0}, False),
        ([0, 0], False),
        (None, False),
        ("somewhere", False),
    ],
)
def test_where_a_driver_is_has_two_shapes_and_zero_means_unknown(
    account: Restaurant, queues: Queues, location: object, known: bool
):
    order = account.has_order()
    driver = jelp.OWN_DRIVER | {"location": location}
    account.report(order.jelp("assign_driver", driver, at=at("10:00")))
    settled(account, queues, order)
    if known:
        position = account.driver_where("jelp:JD-19")["position"]
        shown = (position["latitude"], position["longitude"], position["recorded_at"])
        assert shown == (53.349805, -6.26031, "2026-06-28T16:10:00Z")
    else:
        assert account.driver("jelp:JD-19") is None


@pytest.mark.parametrize("status", ["EN_LA_LUNA", "ARRIVED", 7, "Ring twice; Testa Example"])
def test_a_status_that_nobody_has_published_moves_nothing(
    account: Restaurant, queues: Queues, status: object
):
    order = account.has_order()
    account.report(order.jelp("status_change", status))
    seen = settled(account, queues, order)
    [event] = events_of(seen, "jelp")
    assert event.startswith("status_change ")
    assert "Testa" not in event.title()
    assert (seen["deliveries"]["jelp"]["status"], seen["commands"]) == (None, [])
    assert queues.dead_letters("fleet-event", account.account_id) == []


def test_only_a_safe_link_is_shown(account: Restaurant, queues: Queues):
    order = account.has_order()
    account.report(order.jelp("tracking", LINK, at=at("10:00")))
    account.report(order.jelp("tracking", "http://tracking.example/t/1", at=at("11:00")))
    account.report(order.jelp("tracking", "javascript:alert(1)", at=at("12:00")))
    seen = settled(account, queues, order)
    assert len(events_of(seen, "jelp")) == 3
    assert seen["deliveries"]["jelp"]["tracking_url"] == LINK


@pytest.mark.parametrize("reason", [None, jelp.ENDED_REASON | {"reference": "CompletedReason"}])
def test_the_reason_of_an_end_is_null_or_an_object(
    account: Restaurant, queues: Queues, reason: dict | None
):
    order = account.has_order()
    account.report(order.jelp("complete_order", endedReason=reason))
    seen = settled(account, queues, order)
    assert seen["delivery"]["end_reason"] == (reason and reason["description"])


def test_an_order_ends_as_its_own_reason_says_or_not_at_all(account: Restaurant, queues: Queues):
    """The documentation's one sample serves completed and cancelled orders alike."""
    order = account.has_order()
    account.report(order.jelp("complete_order", endedReason=jelp.ENDED_REASON))
    seen = settled(account, queues, order)
    assert (seen["delivery"], seen["commands"]) == (None, [])
    assert len(queues.dead_letters("fleet-event", account.account_id)) == 1


@pytest.mark.parametrize(
    ("reference", "match_by"),
    [
        ("public_id", "number"),
        ("folio", "number"),
        ("external_id", "number"),
        ("folio", "external_number"),
        ("external_id", "order_id"),
    ],
)
def test_our_name_of_an_order_is_where_the_account_says(
    new_account, queues: Queues, reference: str, match_by: str
):
    """The short events have it too, or share a name of Jelp's with one that has it."""
    settings = {"order_reference": reference, "match_orders_by": match_by}
    account = new_account(fleets={"jelp": settings})
    order = account.new_order()
    announced = order.syrve()
    announced["eventInfo"]["externalNumber"] = f"web-{order.number}"
    account.stock(announced)
    account.announce(announced)
    account.order(order)
    ours = {
        "order_id": order.order_id,
        "number": str(order.number),
        "external_number": f"web-{order.number}",
    }[match_by]
    names = {"folio": order.jelp_folio, "publicId": "WS-019930-x"}
    full = dict(names)
    match reference:
        case "public_id":
            names |= {"publicId": ours}
            full = dict(names)
        case "folio":
            names |= {"folio": ours}
            full = dict(names)
        case "external_id":
            full |= {"externalId": [{"name": None, "reference": ours, "origin": None}]}
    account.report(order.jelp("status_change", "TRANSIT", at=at("30:00"), **names))
    account.report(order.jelp("order_new", at=at("06:00"), **full))
    seen = settled(account, queues, order)
    assert sorted(events_of(seen, "jelp")) == ["order_new PENDING", "status_change TRANSIT"]
    assert [status for status, _ in account.calls(order)] == ["Waiting", "OnWay"]
