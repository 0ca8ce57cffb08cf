"""Events of fleets whose order nobody has announced: kept, shown, and joined with it, by themselves
as soon as it appears, or by hand.
"""

import uuid

import pytest

from fleets import STEPS, at, events_of, settled, told
from problems import problem
from queues import Queues
from restaurant import Restaurant


@pytest.fixture
def account(new_account) -> Restaurant:
    """Its fleets know orders by the number on the bill."""
    return new_account(match_orders_by="number")


def unmatched(account: Restaurant, queues: Queues) -> list[dict]:
    """All that waits in the account, page by page."""
    queues.handled("fleet-event")
    listed, cursor = [], ""
    while cursor is not None:
        page = account.get(f"/unmatched?limit=2{cursor and f'&cursor={cursor}'}").json()
        assert len(page["items"]) <= 2
        listed += page["items"]
        cursor = page["next_cursor"]
    return listed


def join(account: Restaurant, item: dict, order_id: str):
    path = f"/accounts/{account.account_id}/unmatched/{item['id']}/join"
    return account.api.post(path, {"order_id": order_id})


def names(item: dict) -> set[tuple[str, str]]:
    return {(name["kind"], name["value"]) for name in item["names"]}


def test_what_waits_for_an_order_is_shown(account: Restaurant, queues: Queues):
    order = account.new_order()
    number = str(order.number)
    account.report(
        order.radaro("status_changed", "assigned", at=at("10:00"), external_id=number),
        order.radaro("status_changed", "pickup", "assigned", at=at("11:00"), external_id=number),
    )
    [item] = unmatched(account, queues)
    assert item["order_id"] is None
    assert names(item) >= {("number", number), ("radaro", str(order.radaro_id))}
    assert item["since"] == "2026-06-28T16:10:00Z"
    assert [(e["at"], e["source"], e["event"]) for e in item["events"]] == [
        ("2026-06-28T16:10:00Z", "radaro", "updated assigned"),
        ("2026-06-28T16:11:00Z", "radaro", "updated pickup"),
    ]
    assert len({event["key"] for event in item["events"]}) == 2


def test_it_joins_by_itself_when_the_order_appears(account: Restaurant, queues: Queues):
    order = account.new_order()
    number = str(order.number)
    account.report(
        order.jelp("status_change", "TRANSIT", at=at("30:00"), publicId=number),
        order.radaro("created", at=at("06:00"), external_id=number),
    )
    assert len(unmatched(account, queues)) >= 1
    account.stock(order.syrve())
    account.announce(order.syrve())
    seen = settled(account, queues, order)
    told(account, order, "Waiting", "OnWay")
    assert events_of(seen, "jelp") == ["status_change TRANSIT"]
    assert events_of(seen, "radaro") == ["created not_assigned"]
    assert unmatched(account, queues) == []


def test_it_is_joined_by_hand_and_the_name_leads_there_from_now_on(
    account: Restaurant, queues: Queues
):
    order = account.has_order()
    # Somebody made the job by hand, with a name that only people understand.
    typed = {"external_id": "the blue house"}
    account.report(
        order.radaro("status_changed", "pickup", "assigned", at=at("11:00"), **typed),
        order.radaro("status_changed", "picked_up", "pickup", at=at("30:00"), **typed),
    )
    [item] = unmatched(account, queues)
    answer = join(account, item, order.order_id)
    assert (answer.status, answer.json()["order_id"]) == (202, order.order_id)
    seen = settled(account, queues, order)
    assert sorted(events_of(seen, "radaro")) == ["updated picked_up", "updated pickup"]
    told(account, order, "Waiting", "OnWay")
    assert unmatched(account, queues) == []
    account.report(order.radaro("status_changed", "delivered", at=at("48:12"), **typed))
    told(account, order, *STEPS)
    assert "operator" in {entry["source"] for entry in account.found(order)["timeline"]}
    assert problem(join(account, item, order.order_id))[0] == 404


def test_a_name_that_is_no_order_id_waits_where_ids_are_expected(new_account, queues: Queues):
    account = new_account()
    order = account.has_order()
    account.report(order.jelp("comment", "where are you", publicId="WS-019930"))
    [item] = unmatched(account, queues)
    assert (item["order_id"], ("jelp_folio", order.jelp_folio) in names(item)) == (None, True)
    assert join(account, item, order.order_id).status == 202
    seen = settled(account, queues, order)
    assert events_of(seen, "jelp") == ["comment"]


def test_an_order_that_syrve_has_not_announced_shows_by_its_id_and_waits_for_it(
    new_account, queues: Queues
):
    account = new_account()
    order, other = account.new_order(), account.has_order()
    account.report(order.radaro("status_changed", "picked_up", at=at("30:00")))
    [item] = unmatched(account, queues)
    assert item["order_id"] == order.order_id
    assert [event["event"] for event in item["events"]] == ["updated picked_up"]
    assert account.found(order) is None
    assert problem(join(account, item, other.order_id))[0] == 409
    account.stock(order.syrve())
    account.announce(order.syrve())
    told(account, order, "Waiting", "OnWay")
    assert unmatched(account, queues) == []


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"order_id": "577"}, "order_id"),
        ({"order_id": None}, "order_id"),
        ({}, "order_id"),
        ({"order_id": str(uuid.UUID(int=7))}, "order_id"),
        ({"order_id": str(uuid.UUID(int=7)), "why": "so"}, "why"),
    ],
)
def test_a_join_names_an_order_that_is_there(account, queues: Queues, body: dict, field: str):
    order = account.new_order()
    account.report(order.radaro("created", external_id=str(order.number)))
    [item] = unmatched(account, queues)
    path = f"/accounts/{account.account_id}/unmatched/{item['id']}/join"
    assert problem(account.api.post(path, body)) == (400, field)
    assert len(unmatched(account, queues)) == 1


@pytest.mark.parametrize("identifier", ["nothing", "number:1", "order:1", "%20", "x" * 400])
def test_what_does_not_wait_cannot_be_joined(account: Restaurant, identifier: str):
    order = account.has_order()
    assert problem(join(account, {"id": identifier}, order.order_id))[0] in (400, 404)


def test_each_account_sees_and_joins_its_own(account: Restaurant, new_account, queues: Queues):
    other, order = new_account(match_orders_by="number"), account.new_order()
    account.report(order.radaro("created", external_id=str(order.number)))
    [item] = unmatched(account, queues)
    assert unmatched(other, queues) == []
    theirs = other.has_order()
    assert problem(join(other, item, theirs.order_id))[0] == 404
    assert problem(join(account, item, theirs.order_id)) == (400, "order_id")
    assert len(unmatched(account, queues)) == 1


def test_many_wait_and_the_list_goes_page_by_page(account: Restaurant, queues: Queues):
    orders = [account.new_order() for _ in range(5)]
    for order in orders:
        account.report(order.radaro("created", external_id=str(order.number)))
    items = unmatched(account, queues)
    numbers = {value for item in items for kind, value in names(item) if kind == "number"}
    assert numbers == {str(order.number) for order in orders}
    assert len({item["id"] for item in items}) == len(items)


@pytest.mark.parametrize("query", ["limit=0", "limit=x", "cursor=none", "since=now"])
def test_a_wrong_query_is_refused(account: Restaurant, query: str):
    assert problem(account.get(f"/unmatched?{query}"))[0] == 400
