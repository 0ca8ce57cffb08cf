"""What tests of commands share: faults of a fake Syrve, what it was asked, how a failure shows."""

from local.payloads import UPDATE_STATUS, Order
from queues import Queues
from restaurant import Restaurant, timeline


def fault(restaurant: Restaurant, kind: str, path: str = UPDATE_STATUS, **more: object) -> None:
    restaurant.pos.faults.add({"path": path, "kind": kind, **more})


def asked(restaurant: Restaurant, path: str) -> list[dict]:
    return [entry for entry in restaurant.pos.requests if entry["path"] == path]


def collected(restaurant: Restaurant) -> Order:
    """An order whose driver has just collected it, so that Syrve is to be told OnWay."""
    order = restaurant.has_order()
    restaurant.report(order.job("collected"))
    return order


def failed(restaurant: Restaurant, queues: Queues, order: Order) -> str:
    """The words of the order's only command, which failed and was kept as a dead letter."""
    [command] = restaurant.commands(order, ["failed"])
    queues.handled("syrve-command")
    [(letter, reason)] = queues.dead_letters("syrve-command", restaurant.account_id)
    assert (letter["order_id"], letter["command_id"]) == (order.order_id, command["id"])
    assert reason == command["last_error"]
    entry = (f"{command['label']} failed", False)
    assert entry in timeline(restaurant.found(order), "syrve")
    return command["last_error"]


def waiting(restaurant: Restaurant, order: Order, words: str) -> dict:
    """The order's only command, once it waits for the reason that the words name, as no attempt."""

    def waits(told: dict) -> bool:
        return any(words in (command["last_error"] or "") for command in told["commands"])

    [command] = restaurant.order(order, waits)["commands"]
    assert (command["state"], command["attempts"]) == ("queued", 0)
    return command
