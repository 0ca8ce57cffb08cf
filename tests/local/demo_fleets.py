"""The end of `make demo`: one order for each of the fleets that the bridge only listens to.

The three are on their way at the same time. Each fleet says less or more of what its courier does:
Jelp has no word for "accepted", so Syrve is told that step when the courier is already on the way.
"""

from typing import TYPE_CHECKING

from .demo_tables import table
from .fakes import jelp
from .fakes.bringg import FakeBringg
from .fakes.bringg_auth import Jwt
from .fakes.jelp import FakeJelp
from .fakes.radaro import FakeRadaro
from .payloads import UPDATE_STATUS, Order
from .settings import StackError

if TYPE_CHECKING:
    from .demo import Demo

# For each fleet the event of each step and what Syrve has by then.
STORIES = {
    "jelp": (
        (lambda order: order.jelp("assign_driver", jelp.OWN_DRIVER), None),
        (lambda order: order.jelp("status_change", "TRANSIT"), "OnWay"),
        (lambda order: order.jelp("complete_order"), "Delivered"),
    ),
    "radaro": (
        (lambda order: order.radaro("status_changed", "pickup", "assigned"), "Waiting"),
        (lambda order: order.radaro("status_changed", "picked_up", "pickup"), "OnWay"),
        (lambda order: order.radaro("status_changed", "delivered", "in_progress"), "Delivered"),
    ),
    "bringg": (
        (lambda order: order.bringg("order_accepted"), "Waiting"),
        (lambda order: order.bringg("driver_on_the_way", to="dropoff"), "OnWay"),
        (lambda order: order.bringg("task_done"), "Delivered"),
    ),
}
STEPS = ("assigned or accepted", "on the way", "delivered")


class OtherFleets:
    def __init__(self, demo: "Demo") -> None:
        self.demo, account = demo, demo.account
        urls = demo.session.webhook_urls
        self.senders = {
            "jelp": FakeJelp(urls["jelp"], account.jelp_token),
            "radaro": FakeRadaro(urls["radaro"], account.radaro_token),
            "bringg": FakeBringg(urls["bringg"], Jwt(account.bringg_jwt_key)),
        }
        self.orders = {fleet: Order(account.organization_id) for fleet in STORIES}
        self.told: dict[str, list[str]] = {}

    def carry(self) -> None:
        """All three orders, step by step."""
        print("\nThree more orders, for the other fleets")
        for order in self.orders.values():
            self.demo.announce(order)
        for number, name in enumerate(STEPS):
            self.demo.step(
                f"Jelp, Radaro, Bringg: {name}",
                lambda number=number: self.report(number),
                lambda number=number: all(self.is_so(fleet, number) for fleet in STORIES),
                "Syrve confirmed" if number else "known to the bridge",
            )
            self.told |= {f"{fleet} {number}": self.calls(fleet) for fleet in STORIES}

    def show(self) -> None:
        rows = []
        for fleet, order in self.orders.items():
            timeline = self.demo.found(order)["timeline"]
            events = [entry["event"] for entry in timeline if entry["source"] == fleet]
            before = 0
            for number, event in enumerate(events):
                told = self.told[f"{fleet} {number}"]
                rows.append((order.number, fleet, event, ", ".join(told[before:])))
                before = len(told)
        head = ("order", "fleet", "reported", "what Syrve was told then")
        table("Orders that the other fleets carried", head, rows)

    def report(self, number: int) -> None:
        for fleet, story in STORIES.items():
            answer = self.senders[fleet].send(story[number][0](self.orders[fleet]))
            if answer.status != 200:
                raise StackError(f"{fleet}'s webhook was answered {answer.status}")

    def is_so(self, fleet: str, number: int) -> bool:
        order, expected = self.demo.found(self.orders[fleet]), STORIES[fleet][number][1]
        known = sum(entry["source"] == fleet for entry in order.get("timeline", []))
        return known > number and self.demo.is_told(self.orders[fleet], expected)

    def calls(self, fleet: str) -> list[str]:
        """Which statuses Syrve was asked to set so far."""
        bodies = [e["body"] for e in self.demo.of_syrve("requests") if e["path"] == UPDATE_STATUS]
        order_id = self.orders[fleet].order_id
        return [body["deliveryStatus"] for body in bodies if body["orderId"] == order_id]
