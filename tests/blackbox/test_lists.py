"""Lists of the operators' API: an account's orders by day and state, page by page."""

from dataclasses import dataclass

import pytest

from local.payloads import Order
from problems import problem
from restaurant import Restaurant

# By the clocks of Dublin, in the order in which Syrve tells of them.
MADE = {
    "eve": "2026-06-27 23:59:59.000",
    "noon": "2026-06-28 12:00:00.000",
    "midnight": "2026-06-28 00:00:00.000",
    "late": "2026-06-28 23:59:59.999",
    "next": "2026-06-29 00:00:00.000",
}


@dataclass(frozen=True)
class Busy:
    """A restaurant with orders of three days."""

    account: Restaurant
    orders: dict[str, Order]

    def listed(self, query: str = "") -> list[str]:
        """The names of the orders that a list shows, in its order."""
        return self.page(query)[0]

    def page(self, query: str) -> tuple[list[str], str | None]:
        answer = self.account.get(f"/orders{query}")
        assert answer.status == 200, answer
        names = {order.order_id: name for name, order in self.orders.items()}
        page = answer.json()
        return [names[item["order_id"]] for item in page["items"]], page["next_cursor"]


@pytest.fixture
def busy(account: Restaurant) -> Busy:
    orders = {name: account.new_order() for name in MADE}
    account.announce(*(orders[name].syrve(whenCreated=made) for name, made in MADE.items()))
    for order in orders.values():
        account.order(order)
    return Busy(account, orders)


def test_orders_are_listed_newest_first(busy: Busy):
    assert busy.listed() == ["next", "late", "noon", "midnight", "eve"]


def test_a_day_is_the_restaurants_own(busy: Busy):
    assert busy.listed("?date=2026-06-28") == ["late", "noon", "midnight"]
    assert busy.listed("?date=2026-06-27") == ["eve"]
    assert busy.listed("?date=2026-06-30") == []


@pytest.mark.parametrize("size", [1, 2, 3, 5, 100])
def test_pages_of_every_size_show_everything_once(busy: Busy, size: int):
    shown, cursor = [], ""
    for _ in range(10):
        names, cursor = busy.page(f"?limit={size}" + (f"&cursor={cursor}" if cursor else ""))
        assert len(names) <= size
        shown += names
        if cursor is None:
            break
    assert shown == ["next", "late", "noon", "midnight", "eve"]


def test_orders_are_listed_by_state(busy: Busy):
    noon, late = busy.orders["noon"], busy.orders["late"]
    busy.account.announce(noon.syrve("order_cancelled", whenCreated=MADE["noon"]))
    busy.account.order(noon, lambda o: o["syrve_status"] == "Cancelled")
    busy.account.report(late.job("failed"))
    busy.account.order(late, lambda o: o["delivery"])
    assert busy.listed("?state=Cancelled") == ["noon"]
    assert busy.listed("?state=failed") == ["late"]
    assert busy.listed("?state=WaitCooking") == ["next", "late", "midnight", "eve"]
    assert busy.listed("?state=WaitCooking&date=2026-06-28&limit=1") == ["late"]
    assert busy.listed("?state=dropped_off") == []


def test_a_list_shows_the_essentials(busy: Busy):
    items = busy.account.get("/orders?date=2026-06-27").json()["items"]
    [item] = items
    assert item["number"] == busy.orders["eve"].number
    assert (item["syrve_status"], item["total"]) == ("WaitCooking", "22")
    assert item["created_at"] == "2026-06-27T22:59:59Z"
    assert item["promised_at"] == "2026-06-28T17:00:00Z"
    assert "customer" not in item


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("?date=yesterday", "date"),
        ("?date=2026-02-30", "date"),
        ("?state=lost", "state"),
        ("?limit=0", "limit"),
        ("?limit=101", "limit"),
        ("?limit=many", "limit"),
        ("?cursor=!", "cursor"),
        ("?colour=red", "colour"),
    ],
)
def test_a_wrong_parameter_is_named(account: Restaurant, query: str, field: str):
    assert problem(account.get(f"/orders{query}")) == (400, field)


def test_an_order_id_must_be_one(account: Restaurant):
    assert problem(account.get("/orders/577")) == (400, "order_id")


def test_a_cursor_of_another_account_shows_nothing_of_it(busy: Busy, new_account):
    _, cursor = busy.page("?limit=2")
    other = new_account()
    order = other.has_order()
    answer = other.get(f"/orders?limit=2&cursor={cursor}")
    shown = {item["order_id"] for item in answer.json().get("items", [])}
    assert shown <= {order.order_id}
