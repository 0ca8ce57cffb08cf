"""Captain.AI is away for a while: nothing is lost, each order's calls keep their order, and what is
written in the end is what is true by then.
"""

from datetime import UTC, datetime

from couriers import synced
from dispatched import dispatched, fleet_fault, says, there, told
from local.fakes.captain import EMPLOYEE_ID
from local.fakes.captain_api import running_fake_captain_api
from local.fakes.syrve_state import TERMINAL_GROUP_ID
from local.payloads import Order, shift
from local.waiting import wait_until
from restaurant import Restaurant

STATUS = "update_order_status"
EMPLOYEES = (EMPLOYEE_ID, EMPLOYEE_ID[:-1] + "8")
NEW_PHONE = "+35310000009"


def works_on(account: Restaurant) -> dict[str, Order]:
    """An evening's work while Captain.AI is away: a dozen commands of orders and drivers."""
    orders = {name: account.has_order() for name in ("plain", "changed", "cooking", "cancelled")}
    says(account, orders["changed"], 5, phone=NEW_PHONE)
    says(account, orders["cooking"], 5, status="CookingStarted")
    says(account, orders["cooking"], 6, "order_with_courier")
    says(account, orders["cancelled"], 15, "order_cancelled")
    synced(account)
    now = datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S.000")
    account.announce(shift(account.organization_id, EMPLOYEE_ID, True, now, TERMINAL_GROUP_ID))
    account.driver_where(EMPLOYEE_ID, clocked_in=True)
    return orders


def all_is_told(account: Restaurant, orders: dict[str, Order], earlier: Order) -> None:
    """What Captain.AI must know in the end, and in which order it heard of it."""
    account.commands(orders["plain"], ["confirmed"], timeout=90)
    account.commands(orders["changed"], ["confirmed"] * 2, timeout=20)
    account.commands(orders["cooking"], ["confirmed", "superseded", "confirmed"], timeout=20)
    account.commands(orders["cancelled"], ["confirmed"] * 2, timeout=20)
    account.commands(earlier, ["confirmed"] * 2, timeout=20)
    for order, expected in (
        (orders["plain"], ["create_order"]),
        (orders["changed"], ["create_order", "update_order"]),
        (orders["cooking"], ["create_order", f"{STATUS} prepared"]),
        # A 503 does not say whether it was made: that is made sure of, then it is ended.
        (orders["cancelled"], ["create_order", f"{STATUS} cancelled"]),
        (earlier, ["update_order"]),
    ):
        assert told(account, order) == expected
    assert there(account, orders["changed"])["recipient"]["phone_number"] == NEW_PHONE
    assert there(account, orders["cooking"])["status"] == "prepared"
    assert there(account, earlier)["recipient"]["phone_number"] == NEW_PHONE
    assert there(account, orders["cancelled"])["status"] == "cancelled"
    first, second = (wait_until(lambda id=id: driver(account, id)) for id in EMPLOYEES)
    wait_until(lambda: first["on_duty"])
    assert (first["active"], second["active"], second["on_duty"]) == (True, True, False)


def driver(account: Restaurant, employee_id: str) -> dict | None:
    return account.fleet.state.driver_of(account.account.captain_account_uuid, employee_id)


def test_an_outage_loses_nothing(new_account, api):
    """First it answers 503 to everything, then it is gone, then it is there again."""
    with running_fake_captain_api() as fake:
        account = new_account(captain=fake)
        earlier = dispatched(account)
        fleet_fault(account, "*", "status", status=503, times=None)
        says(account, earlier, 5, phone=NEW_PHONE)
        orders = works_on(account)
        statuses = [entry["status"] for entry in fake.requests]
    assert len(fake.state.orders) == 1
    assert statuses[0] == 201
    assert set(statuses[1:]) == {503}
    # Left alone after five failures; some calls were under way by then.
    assert 5 <= len(statuses[1:]) <= 12
    with running_fake_captain_api(fake.port) as again:
        again.state = fake.state
        account = Restaurant(account.account, api, account.pos, again)
        all_is_told(account, orders, earlier)
        assert again.violations == []
