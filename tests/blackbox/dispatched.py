"""What tests of writing to Captain.AI share: Syrve's words about an order, the calls that follow,
and what Captain.AI has by then.
"""

from local.payloads import Order
from queues import Queues
from restaurant import Restaurant, timeline

# When Syrve announces the order of the fixtures, in its own milliseconds.
ANNOUNCED = 1_782_662_710_412
ABOUT_ORDERS = ("create_order", "update_order", "update_order_status")


def says(
    restaurant: Restaurant,
    order: Order,
    minute: int,
    name: str = "order_created",
    /,
    **changes: object,
) -> None:
    """Syrve's word of the order, so many minutes after the first; `changes` are fields of it."""
    event = order.syrve(name, timestamp=ANNOUNCED + minute * 60_000, **changes)
    restaurant.stock(event)
    restaurant.announce(event)


def dispatched(restaurant: Restaurant) -> Order:
    """An order that Syrve announced and Captain.AI has."""
    order = restaurant.has_order()
    restaurant.commands(order, ["confirmed"], ["create_order"])
    return order


def there(restaurant: Restaurant, order: Order) -> dict:
    """The order as Captain.AI has it."""
    found = restaurant.fleet.state.order_of(order.order_id)
    assert found, "Captain.AI has no such order"
    return found


def written(restaurant: Restaurant, order: Order) -> list[dict]:
    """The calls about an order, oldest first. Without the id that Captain.AI gave, its creation."""
    found = restaurant.fleet.state.order_of(order.order_id)
    return [
        entry
        for entry in restaurant.fleet.requests
        if entry["operation"] in ABOUT_ORDERS and _is_about(entry, order, found)
    ]


def told(restaurant: Restaurant, order: Order) -> list[str]:
    """The calls about an order, each by its name and the status that it sets."""
    return [label(entry) for entry in written(restaurant, order)]


def label(entry: dict) -> str:
    status = (entry["body"] or {}).get("status")
    return f"{entry['operation']} {status}" if status else entry["operation"]


def calls_of(restaurant: Restaurant, operation: str | None = None) -> list[dict]:
    """The account's calls that name it in their path, which the setting of a status does not."""
    own = f"/v1/accounts/{restaurant.account.captain_account_uuid}/"
    return [
        entry
        for entry in restaurant.fleet.requests
        if entry["path"].startswith(own) and operation in (None, entry["operation"])
    ]


def fleet_fault(restaurant: Restaurant, operation: str, kind: str, **more: object) -> None:
    restaurant.fleet.faults.add({"operation": operation, "kind": kind, **more})


def refused(restaurant: Restaurant, queues: Queues, order: Order) -> str:
    """Why Captain.AI does not take the order: its creation failed and is kept as a dead letter."""
    [command] = restaurant.commands(order, ["failed"], ["create_order"])
    queues.handled("fleet-command")
    [(letter, reason)] = queues.dead_letters("fleet-command", restaurant.account_id)
    assert (letter["order_id"], letter["command_id"]) == (order.order_id, command["id"])
    assert reason == command["last_error"]
    seen = restaurant.found(order)
    assert ("create_order failed", False) in timeline(seen, "captain")
    assert seen["dispatch"] is None
    return reason


def _is_about(entry: dict, order: Order, found: dict | None) -> bool:
    if entry["operation"] == "create_order":
        return entry["body"]["partners_unique_internal_order_id"] == order.order_id
    return found is not None and entry["path"].endswith(f"/{found['uuid']}")
