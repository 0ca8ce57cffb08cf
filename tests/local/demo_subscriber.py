"""The integrator's side of `make demo`: what the fake subscriber was told of the demo's orders.

Its endpoint fails once, at the first event after `fail_once`, so that the table at the end shows
that event's second attempt too. Items have a URL of their own.
"""

from typing import TYPE_CHECKING

from .demo_tables import table
from .http import call
from .settings import StackError

if TYPE_CHECKING:
    from .demo import Demo

ENDS = {"dropped_off", "completed"}
HEAD = ("order", "event", "says", "attempt", "signed", "delay")


class Subscriber:
    def __init__(self, demo: "Demo") -> None:
        self.demo, self.url = demo, demo.session.subscriber_url
        self.path = demo.session.subscriber_path

    def fail_once(self) -> None:
        fault = {"path": self.path, "kind": "status", "status": 503}
        answer = call("POST", f"{self.url}/_control/faults", fault)
        if answer.status != 200:
            raise StackError(f"the fake subscriber answered {answer.status}")

    def received(self) -> list[dict]:
        """What it was told of the demo's orders, oldest first."""
        orders = {order.order_id for order in self.demo.orders}
        entries = call("GET", f"{self.url}/received").json()
        return [entry for entry in entries if entry["order_id"] in orders]

    def has_all(self) -> bool:
        """Whether it knows of both ends of every order, and has what it missed at first."""
        entries = self.received()
        ends = {(e["order_id"], told(e)[1]) for e in entries if told(e)[1] in ENDS}
        missed = {e["webhook_id"] for e in entries if e["status"] != 200}
        had = {e["webhook_id"] for e in entries if e["status"] == 200}
        return len(ends) == len(ENDS) * len(self.demo.orders) and missed <= had

    def show(self) -> None:
        numbers = {order.order_id: order.number for order in self.demo.orders}
        rows = []
        for entry in self.received():
            name, says = told(entry)
            happened = entry["body"]["data"]["published_at"]
            rows.append(
                (
                    numbers[entry["order_id"]],
                    name,
                    says,
                    f"{entry['attempt']}: {entry['status']}",
                    "yes" if entry["signed_by"] and entry["authorized"] else "WRONG",
                    f"{entry['at'] - happened:.2f} s",
                )
            )
        table("Signed notifications that the subscriber received", HEAD, rows)


def told(entry: dict) -> tuple[str, str]:
    """The event's name, and what it says in a word."""
    data = entry["body"]["data"]
    said = ("job_delivery_status", "order_status", "item_status")
    return entry["event_name"], next((data[name] for name in said if name in data), "")
