"""`make demo`: sends one order through the running product and shows what becomes of it.

Everything happens as in a restaurant: Syrve announces the order and the driver's shift by webhook,
Captain.AI reports how the order travels, and the bridge tells Syrve. After each event it waits
until its effect shows from outside; if one does not come about, it says which, and ends with 1.
"""

import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from .fakes.captain import EMPLOYEE_ID, FakeCaptain
from .fakes.syrve_state import format_time
from .http import Answer, Api, call
from .payloads import UPDATE_STATUS, Order
from .session import Session
from .settings import StackError
from .waiting import wait_until

PATIENCE_SECONDS = 30
STORY = (
    ("assigned_and_accepted_by_driver", "Waiting"),
    ("collected", "OnWay"),
    ("dropped_off", "Delivered"),
)


class Demo:
    def __init__(self, session: Session) -> None:
        self.session = session
        self.order = Order(session.account.organization_id)
        self.api = Api(session.api_url, session.api_token)
        self.captain = FakeCaptain(
            session.webhook_urls["captain"], session.account.captain_token, max_attempts=4
        )

    def run(self) -> None:
        account = accepted(self.api.get("/accounts/demo"), "GET /v1/accounts/demo").json()
        self.zone = account["time_zone"]
        print(f"Order {self.order.number} of {account['name']} ({self.order.order_id})\n")
        self.step("Syrve announces the order", self.announce, self.found)
        self.step(
            "A driver's shift opens", lambda: self.shift(True), lambda: self.clocked_in() is True
        )
        self.step(
            "Captain.AI assigns the driver",
            lambda: self.report(self.order.assigned()),
            lambda: self.delivery("driver", "driver_id") == EMPLOYEE_ID,
        )
        for count, (status, told) in enumerate(STORY, 1):
            self.step(
                f"Captain.AI: {status}",
                lambda status=status: self.report(self.order.job(status)),
                lambda count=count, told=told: self.confirmed(count, told),
                f"Syrve confirmed {told}",
            )
        self.step("The shift closes", lambda: self.shift(False), lambda: self.clocked_in() is False)
        self.show()

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
        print(f"  {text:<47} {effect:<26} {time.monotonic() - started:6.2f} s", flush=True)

    # What happens

    def announce(self) -> None:
        now = datetime.now(ZoneInfo(self.zone))
        times = {
            "whenCreated": format_time(now),
            "whenConfirmed": format_time(now),
            "completeBefore": format_time(now + timedelta(hours=1)),
        }
        event = self.order.syrve(timestamp=int(now.timestamp() * 1000), **times)
        self.control("orders", {"eventInfo": event["eventInfo"]})

    def shift(self, opened: bool) -> None:
        self.control("shift", {"employeeId": EMPLOYEE_ID, "opened": opened})

    def report(self, event: dict) -> None:
        delivery = self.captain.send(event)
        if not delivery.received:
            raise StackError(f"Captain.AI's webhook was answered {delivery.statuses[-1]}")

    def control(self, path: str, body: dict) -> None:
        accepted(call("POST", f"{self.session.syrve_url}/_control/{path}", body), path)

    # What shows

    def found(self) -> dict | None:
        answer = self.api.get(f"/accounts/demo/orders/{self.order.order_id}")
        return answer.json() if answer.status == 200 else None

    def clocked_in(self) -> bool | None:
        answer = self.api.get(f"/accounts/demo/drivers/{EMPLOYEE_ID}")
        return answer.json()["clocked_in"] if answer.status == 200 else None

    def delivery(self, *names: str) -> object:
        value = self.found()["delivery"]
        for name in names:
            value = value and value[name]
        return value

    def confirmed(self, count: int, told: str) -> bool:
        states = [command["state"] for command in self.found()["commands"]]
        if "failed" in states:
            raise StackError(f"Syrve refused: {self.found()['commands'][-1]['last_error']}")
        url = f"{self.session.syrve_url}/_control/state/order/{self.order.order_id}"
        now = call("GET", url).json()["order"]["status"]
        return states == ["confirmed"] * count and now == told

    def show(self) -> None:
        order = self.found()
        table(
            "Timeline of the order",
            ("time (UTC)", "source", "event", "applied"),
            [
                (clock(e["at"]), e["source"], e["event"], "yes" if e["applied"] else "no")
                for e in order["timeline"]
            ],
        )
        table(
            "Commands",
            ("command", "state", "attempts"),
            [(c["label"], c["state"], c["attempts"]) for c in order["commands"]],
        )
        requests = call("GET", f"{self.session.syrve_url}/_control/requests?path={UPDATE_STATUS}")
        told = [r for r in requests.json() if r["body"]["orderId"] == self.order.order_id]
        table(
            "What Syrve received",
            ("time (UTC)", "deliveryStatus", f"deliveryDate ({self.zone})"),
            [
                (
                    clock(datetime.fromtimestamp(r["at"], UTC).isoformat()),
                    r["body"]["deliveryStatus"],
                    r["body"].get("deliveryDate") or "",
                )
                for r in told
            ],
        )


def accepted(answer: Answer, what: str) -> Answer:
    if answer.status != 200:
        raise StackError(f"{what} was answered {answer.status}: {answer.body.decode()}")
    return answer


def clock(moment: str) -> str:
    return datetime.fromisoformat(moment).astimezone(UTC).strftime("%H:%M:%S.%f")[:-3]


def table(title: str, head: tuple, rows: list[tuple]) -> None:
    texts = [tuple(map(str, row)) for row in (head, *rows)]
    widths = [max(map(len, column)) for column in zip(*texts, strict=True)]
    print(f"\n{title}")
    for row in texts:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        print("  " + "  ".join(cells).rstrip())


def main() -> None:
    try:
        Demo(Session.load()).run()
    except StackError as error:
        sys.exit(f"error: {error}")
    except OSError as error:
        sys.exit(f"error: the product does not answer ({error}); is make run still running?")


if __name__ == "__main__":
    main()
