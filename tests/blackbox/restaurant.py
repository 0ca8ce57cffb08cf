"""A registered account as tests see it: its senders call the bridge, the API shows the effect.

`announce` and `report` demand that every event is accepted; `syrve`, `captain` and `send` return
the answer, whatever it is.
"""

from collections.abc import Callable
from dataclasses import dataclass

from local.account import Account
from local.fakes.bringg import FakeBringg
from local.fakes.bringg_auth import Proof, StaticHeader
from local.fakes.captain_api import FakeCaptainApi
from local.fakes.fleet import Event
from local.fakes.jelp import FakeJelp
from local.fakes.radaro import FakeRadaro
from local.fakes.syrve import FakeSyrve
from local.http import Answer, Api, call
from local.payloads import UPDATE_STATUS, Order
from local.waiting import wait_until


@dataclass(frozen=True)
class Restaurant:
    """`fleet` is where its orders are dispatched to, if anywhere."""

    account: Account
    api: Api
    pos: FakeSyrve
    fleet: FakeCaptainApi | None = None

    @property
    def account_id(self) -> str:
        return self.account.account_id

    @property
    def organization_id(self) -> str:
        return self.account.organization_id

    def url(self, sender: str) -> str:
        """`sender` is one of syrve, captain, captain_items, jelp, radaro and bringg."""
        name, _, rest = sender.partition("_")
        path = f"/webhooks/{name}/{self.account_id}" + (f"/{rest}" if rest else "")
        return self.api.base_url + path

    def syrve(self, body: object, token: str | None = None) -> Answer:
        headers = {"Authorization": token or self.account.syrve_token}
        return call("POST", self.url("syrve"), body, headers)

    def captain(self, event: object, token: str | None = None, items: bool = False) -> Answer:
        headers = {"Auth-Token": token or self.account.captain_token}
        return call("POST", self.url("captain_items" if items else "captain"), event, headers)

    def jelp(self, event: Event, token: str | None = None) -> Answer:
        return FakeJelp(self.url("jelp"), token or self.account.jelp_token).send(event)

    def radaro(self, event: Event, token: str | None = None) -> Answer:
        return FakeRadaro(self.url("radaro"), token or self.account.radaro_token).send(event)

    def bringg(self, event: Event, proof: Proof | None = None) -> Answer:
        """Proved by the static header, if by nothing else."""
        proof = proof or StaticHeader(self.account.bringg_token)
        return FakeBringg(self.url("bringg"), proof).send(event)

    def send(self, event: dict | Event) -> Answer:
        """A fleet's event; a bare body is Captain.AI's."""
        if isinstance(event, dict):
            return self.captain(event)
        return {"jelp": self.jelp, "radaro": self.radaro, "bringg": self.bringg}[event.fleet](event)

    def announce(self, *events: dict) -> None:
        """Syrve's events in one call."""
        answer = self.syrve(list(events))
        count = len(events)
        assert answer.json() == {"received": count, "queued": count, "ignored": 0}, answer

    def report(self, *events: dict | Event) -> None:
        """Fleets' events, one call each."""
        for event in events:
            answer = self.send(event)
            # Jelp's may hold two: of an order, and of where its driver is.
            count = max(1, answer.json().get("queued", 1)) if isinstance(event, Event) else 1
            assert answer.json() == {"received": count, "queued": count, "ignored": 0}, answer

    def new_order(self) -> Order:
        return Order(self.organization_id)

    def stock(self, event: dict) -> None:
        """The POS knows the order of this event, without telling anybody."""
        self.pos.state.orders[event["eventInfo"]["id"]] = event["eventInfo"]

    def has_order(self) -> Order:
        """An order that both the POS and the bridge know."""
        order = self.new_order()
        event = order.syrve()
        self.stock(event)
        self.announce(event)
        self.order(order)
        return order

    def found(self, order: Order | str) -> dict | None:
        """What the API says of an order now; None if it knows none."""
        answer = self.get(f"/orders/{getattr(order, 'order_id', order)}")
        assert answer.status in (200, 404), answer
        return answer.json() if answer.status == 200 else None

    def order(
        self,
        order: Order | str,
        when: Callable[[dict], object] = lambda order: True,
        timeout: float = 30,
    ) -> dict:
        """What the API says of an order as soon as `when` is true of it."""
        last = {}

        def look() -> bool:
            last["order"] = self.found(order)
            return bool(last["order"] and when(last["order"]))

        try:
            wait_until(look, timeout)
        except AssertionError:
            raise AssertionError(f"not within {timeout} s; the order is {last['order']}") from None
        return last["order"]

    def commands(
        self, order: Order, states: list[str], labels: list[str] | None = None, timeout: float = 30
    ) -> list[dict]:
        """The order's commands as soon as they are in these states; `labels` are Syrve's words."""
        seen = self.order(
            order, lambda o: [c["state"] for c in o["commands"]] == states, timeout=timeout
        )
        if labels is not None:
            assert [c["label"].split()[-1] for c in seen["commands"]] == labels
        return seen["commands"]

    def calls(self, order: Order) -> list[tuple[str, str | None]]:
        """The statuses that the POS was asked to set, each with its deliveryDate."""
        bodies = [entry["body"] for entry in self.pos.requests if entry["path"] == UPDATE_STATUS]
        return [
            (body["deliveryStatus"], body.get("deliveryDate"))
            for body in bodies
            if body["orderId"] == order.order_id
        ]

    def driver(self, driver_id: str) -> dict | None:
        answer = self.get(f"/drivers/{driver_id}")
        assert answer.status in (200, 404), answer
        return answer.json() if answer.status == 200 else None

    def driver_where(self, driver_id: str, **fields: object) -> dict:
        """The driver as soon as these fields have these values."""

        def look() -> dict | None:
            driver = self.driver(driver_id)
            assert driver, "the API knows no such driver"
            shown = {name: driver[name] for name in fields}
            assert shown == fields
            return driver

        return wait_until(look, 15)

    def get(self, path: str = "") -> Answer:
        return self.api.get(f"/accounts/{self.account_id}{path}")


def timeline(order: dict, source: str | None = None) -> list[tuple[str, bool]]:
    """What happened to an order and whether it was applied, oldest first."""
    return [
        (entry["event"], entry["applied"])
        for entry in order["timeline"]
        if source in (None, entry["source"])
    ]
