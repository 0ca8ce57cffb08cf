"""`make demo`: sends one order through the running product and shows what becomes of it.

Everything happens as in a restaurant: Syrve announces the order by webhook, and the bridge makes it
in Captain.AI; the driver is clocked in through the API; Captain.AI reports how the order travels,
and the bridge tells Syrve. Then three more orders, one for each other fleet. A subscriber hears of
all four; it fails once, and is told again. After each event the demo waits until its effect shows
from outside; if one does not come about, it says which, and ends with 1.
"""

import sys
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

from .demo_fleets import OtherFleets
from .demo_subscriber import Subscriber
from .demo_tables import show
from .fakes import captain
from .fakes.captain import EMPLOYEE_ID, FakeCaptain, of_driver, of_job, of_order
from .fakes.syrve_state import TERMINAL_GROUP_ID, format_time
from .http import Answer, Api, call
from .payloads import Order
from .session import Session
from .settings import StackError
from .waiting import wait_until

PATIENCE_SECONDS = 30
COOKING = (("CookingStarted", "being_prepared"), ("CookingCompleted", "prepared"))
STORY = (
    ("assigned_and_accepted_by_driver", "Waiting"),
    ("collected", "OnWay"),
    ("dropped_off", "Delivered"),
)


class Demo:
    def __init__(self, session: Session) -> None:
        self.session, self.account = session, session.account
        self.order = Order(self.account.organization_id)
        self.api = Api(session.api_url, session.api_token)
        self.captain = FakeCaptain(
            session.webhook_urls["captain"], self.account.captain_token, max_attempts=4
        )
        self.subscriber = Subscriber(self)
        self.orders = [self.order]
        self.started = time.time()

    def run(self) -> None:
        account = accepted(self.of_account(), "GET /v1/accounts/demo").json()
        self.zone = account["time_zone"]
        print(f"Order {self.order.number} of {account['name']} ({self.order.order_id})\n")
        self.step("The drivers are synced", self.sync, self.drivers_are_there, "in Captain.AI")
        for opened in (True, False):
            direction = "in" if opened else "out"
            self.step(
                f"The driver is clocked {direction} through the API",
                lambda direction=direction: self.clock(direction),
                lambda opened=opened: self.is_clocked(opened),
                "in Syrve and Captain.AI",
            )
            if opened:
                self.deliver()
        show(self)
        others = OtherFleets(self)
        self.orders += others.orders.values()
        others.carry()
        self.step(
            "The subscriber hears of all four",
            lambda: None,
            self.subscriber.has_all,
            "signed, also what it missed",
        )
        others.show()
        self.subscriber.show()

    def deliver(self) -> None:
        """The order's own story, during the driver's shift."""
        announce = partial(self.announce, self.order)
        self.step("Syrve announces the order", announce, self.order_there, "in Captain.AI")
        for status, told in COOKING:
            self.step(
                f"Syrve: {status}",
                lambda status=status: self.cook(status),
                lambda told=told: self.order_there()["status"] == told,
                f"Captain.AI has {told}",
            )
        order, driver = self.order_there(), self.driver_there()
        names = of_order(order, self.account.captain_account_uuid)
        self.subscriber.fail_once()
        self.step(
            "Captain.AI assigns the driver",
            lambda: self.report(captain.order_assigned(**names, **of_driver(driver))),
            lambda: self.delivery("driver", "driver_id") == EMPLOYEE_ID,
        )
        for count, (status, told) in enumerate(STORY, 1):
            job = of_job(order, driver, self.account.captain_account_uuid)
            event = captain.job_delivery_status_updated(status, **job)
            self.step(
                f"Captain.AI: {status}",
                lambda event=event: self.report(event),
                lambda count=count, told=told: self.confirmed(count, told),
                f"Syrve confirmed {told}",
            )

    def step(
        self,
        text: str,
        act: Callable[[], None],
        done: Callable[[], object],
        effect: str = "known to the bridge",
    ) -> None:
        started = time.monotonic()
        act()
        try:
            wait_until(done, PATIENCE_SECONDS, every=0.02)
        except AssertionError:
            raise StackError(
                f"{text}: not {effect} within {PATIENCE_SECONDS} s; see: make logs"
            ) from None
        print(f"  {text:<47} {effect:<30} {time.monotonic() - started:6.2f} s", flush=True)

    # What happens

    def sync(self) -> None:
        accepted(self.api.post(f"{self.path}/drivers/sync"), "POST drivers/sync")

    def clock(self, direction: str) -> None:
        body = {"terminal_group_id": TERMINAL_GROUP_ID}
        path = f"{self.path}/drivers/{EMPLOYEE_ID}/clock_{direction}"
        accepted(self.api.post(path, body), f"POST clock_{direction}")

    def announce(self, order: Order) -> None:
        now = datetime.now(ZoneInfo(self.zone))
        times = {
            "whenCreated": format_time(now),
            "whenConfirmed": format_time(now),
            "completeBefore": format_time(now + timedelta(hours=1)),
        }
        event = order.syrve(timestamp=int(now.timestamp() * 1000), **times)
        self.tell_syrve("orders", {"eventInfo": event["eventInfo"]})

    def cook(self, status: str) -> None:
        """The whole order, item by item."""
        now = format_time(datetime.now(ZoneInfo(self.zone)))
        done = {"whenCookingCompleted": now} if status == "CookingCompleted" else {}
        items = self.of_syrve(f"state/order/{self.order.order_id}")["order"]["items"]
        changed = [{**item, "status": status} for item in items]
        self.tell_syrve(
            f"orders/{self.order.order_id}", {"status": status, "items": changed, **done}
        )

    def report(self, event: dict) -> None:
        delivery = self.captain.send(event)
        if not delivery.received:
            raise StackError(f"Captain.AI's webhook was answered {delivery.statuses[-1]}")

    def tell_syrve(self, path: str, body: dict) -> None:
        accepted(call("POST", f"{self.session.syrve_url}/_control/{path}", body), path)

    # What shows

    @property
    def path(self) -> str:
        return f"/accounts/{self.account.account_id}"

    def of_account(self, path: str = "") -> Answer:
        return self.api.get(self.path + path)

    def found(self, order: Order | None = None) -> dict:
        answer = self.of_account(f"/orders/{(order or self.order).order_id}")
        return answer.json() if answer.status == 200 else {"delivery": None, "commands": []}

    def driver(self) -> dict:
        answer = self.of_account(f"/drivers/{EMPLOYEE_ID}")
        return answer.json() if answer.status == 200 else {"active": False, "commands": []}

    def delivery(self, *names: str) -> object:
        value = self.found()["delivery"]
        for name in names:
            value = value and value[name]
        return value

    def of_syrve(self, path: str) -> list | dict:
        return call("GET", f"{self.session.syrve_url}/_control/{path}").json()

    def of_captain(self, path: str) -> list:
        return call("GET", f"{self.session.captain_url}/_control/{path}").json()

    def order_there(self) -> dict | None:
        name = f"partners_unique_internal_order_id={self.order.order_id}"
        return next(iter(self.of_captain(f"state/orders?{name}")), None)

    def driver_there(self) -> dict | None:
        own = f"account_uuid={self.account.captain_account_uuid}"
        name = f"partners_external_identifier={EMPLOYEE_ID}"
        return next(iter(self.of_captain(f"state/drivers?{own}&{name}")), None)

    def drivers_are_there(self) -> bool:
        there = self.driver_there()
        return self.driver()["active"] and there is not None and there["active"]

    def is_clocked(self, opened: bool) -> bool:
        """In Syrve, in the bridge and in Captain.AI, and whoever asked was told that it is so."""
        shifts = [
            shift["opened"]
            for shift in self.of_syrve("state/shifts")
            if shift["organizationId"] == self.account.organization_id
            and shift["employeeId"] == EMPLOYEE_ID
        ]
        driver = self.driver()
        ended = all(command["state"] != "sent" for command in driver["commands"])
        known = driver["clocked_in"] == opened == any(shifts)
        return ended and known and self.driver_there()["on_duty"] == opened

    def confirmed(self, count: int, told: str) -> bool:
        commands = self.found()["commands"]
        done = [c for c in commands if c["kind"] == "update_order_delivery_status"]
        return len(done) == count and self.is_told(self.order, told)

    def is_told(self, order: Order, status: str | None) -> bool:
        """Whether Syrve has the order in this status, and confirmed all that it was told of it."""
        commands = self.found(order)["commands"]
        for command in commands:
            if command["state"] == "failed":
                raise StackError(f"{command['label']} failed: {command['last_error']}")
        if any(command["state"] != "confirmed" for command in commands):
            return False
        now = self.of_syrve(f"state/order/{order.order_id}")["order"]["status"]
        return status in (None, now)


def accepted(answer: Answer, what: str) -> Answer:
    if answer.status not in (200, 202):
        raise StackError(f"{what} was answered {answer.status}: {answer.body.decode()}")
    return answer


def main() -> None:
    try:
        Demo(Session.load()).run()
    except StackError as error:
        sys.exit(f"error: {error}")
    except OSError as error:
        sys.exit(f"error: the product does not answer ({error}); is make run still running?")


if __name__ == "__main__":
    main()
