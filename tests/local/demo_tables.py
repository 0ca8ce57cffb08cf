"""The tables that end `make demo`: the order's timeline, the commands that went out, and what both
fakes received meanwhile.
"""

from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .demo import Demo

TO_SYRVE = ("update_order_delivery_status", "clockin", "clockout")
# Logins, and questions about what became of a call, say nothing of the story.
LEFT_OUT = ("access_token", "status")


def show(demo: "Demo") -> None:
    order, driver = demo.found(), demo.driver()
    table(
        "Timeline of the order",
        ("time (UTC)", "source", "event", "applied"),
        [
            (clock(e["at"]), e["source"], e["event"], "yes" if e["applied"] else "no")
            for e in order["timeline"]
        ],
    )
    since = datetime.fromtimestamp(demo.started, UTC)
    commands = [
        (command["created_at"], about, command)
        for about, of_it in (("order", order), ("driver", driver))
        for command in of_it["commands"]
        if datetime.fromisoformat(command["created_at"]) >= since
    ]
    table(
        "Commands",
        ("to", "about", "command", "state", "attempts"),
        [
            (
                "Syrve" if command["kind"] in TO_SYRVE else "Captain.AI",
                about,
                command["label"],
                command["state"],
                command["attempts"],
            )
            for _, about, command in sorted(commands, key=lambda entry: entry[0])
        ],
    )
    received = [
        (entry["at"], to, *told)
        for to, entries, told_by in (
            ("Syrve", demo.of_syrve("requests"), told_to_syrve),
            ("Captain.AI", demo.of_captain("requests"), told_to_captain),
        )
        for entry in entries
        if entry["at"] >= demo.started and (told := told_by(entry))
    ]
    table(
        "What Syrve and Captain.AI received",
        ("time (UTC)", "by", "call", f"with (times in {demo.zone})"),
        [
            (clock(datetime.fromtimestamp(at, UTC).isoformat()), to, name, what)
            for at, to, name, what in sorted(received)
        ],
    )


def told_to_syrve(entry: dict) -> tuple[str, str] | None:
    name, body = entry["path"].rsplit("/", 1)[-1], entry["body"]
    if name in LEFT_OUT:
        return None
    return name, " ".join(filter(None, (body.get("deliveryStatus"), body.get("deliveryDate"))))


def told_to_captain(entry: dict) -> tuple[str, str]:
    body = entry["body"] or {}
    name = " ".join(filter(None, (body.get("first_name"), body.get("last_name"))))
    said = (body.get("store_order_reference_description"), body.get("status"), name)
    return entry["operation"], next(filter(None, said), "")


def clock(moment: str) -> str:
    return datetime.fromisoformat(moment).astimezone(UTC).strftime("%H:%M:%S.%f")[:-3]


def table(title: str, head: tuple, rows: list[tuple]) -> None:
    texts = [tuple(map(str, row)) for row in (head, *rows)]
    widths = [max(map(len, column)) for column in zip(*texts, strict=True)]
    print(f"\n{title}")
    for row in texts:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        print("  " + "  ".join(cells).rstrip())
