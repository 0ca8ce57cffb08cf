"""What the senders of Jelp, Radaro and Bringg have in common.

None of the three says how often it repeats a webhook that was not received, so these send each once
and say what the answer was. Repeats are the tests' business.
"""

from dataclasses import dataclass, replace
from datetime import UTC, datetime


@dataclass(frozen=True)
class Event:
    """One webhook of a fleet. `name` is the last part of its URL, for those that register a URL
    for each event, and empty where it has none.
    """

    fleet: str
    name: str
    body: dict

    def at_one_url(self) -> "Event":
        """The same, sent to the URL that takes all events."""
        return replace(self, name="")

    def having(self, **changes: object) -> "Event":
        """The same with other fields at the top of its body; `...` takes one away."""
        body = {name: value for name, value in (self.body | changes).items() if value is not ...}
        return replace(self, body=body)


def moment(at: str | datetime | None) -> datetime:
    """`at`, which says its zone, or now."""
    parsed = datetime.fromisoformat(at) if isinstance(at, str) else at
    return (parsed or datetime.now(UTC)).astimezone(UTC)


def utc_ms(at: str | datetime | None) -> str:
    """As JavaScript and Rails write it: 2024-02-10T00:37:34.351Z."""
    return moment(at).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"
