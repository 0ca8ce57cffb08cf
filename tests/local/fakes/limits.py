"""Counts the calls of each caller to each group of operations, and refuses those above a rate.

Every call is remembered, refused or not, so that a test can ask what the busiest minute was and
demand that it stayed below a rate even where nothing was refused.
"""

import math
import time
from bisect import bisect_right
from collections import defaultdict
from dataclasses import dataclass, field

WINDOW_SECONDS = 60.0


@dataclass
class Calls:
    """When a caller called a group: all calls, and those that were let through."""

    all: list[float] = field(default_factory=list)
    allowed: list[float] = field(default_factory=list)

    def busiest(self, seconds: float) -> int:
        """The most calls in any window of so many seconds."""
        first, most = 0, 0
        for last, moment in enumerate(self.all):
            while self.all[first] <= moment - seconds:
                first += 1
            most = max(most, last - first + 1)
        return most


class Limits:
    """`rates` are calls and seconds of each group that is limited; at first none is."""

    def __init__(self) -> None:
        self.rates: dict[str, tuple[int, float]] = {}
        self._calls: dict[tuple[str, str], Calls] = defaultdict(Calls)

    def take(self, caller: str, group: str) -> int | None:
        """Count a call; the seconds to wait when it is one too many, else None."""
        calls, now = self._calls[caller, group], time.monotonic()
        calls.all.append(now)
        if group in self.rates:
            count, seconds = self.rates[group]
            recent = calls.allowed[bisect_right(calls.allowed, now - seconds) :]
            if len(recent) >= count:
                free_at = (recent[-count] if count else now) + seconds
                return max(1, math.ceil(free_at - now))
        calls.allowed.append(now)
        return None

    def busiest(self, caller: str, group: str, seconds: float = WINDOW_SECONDS) -> int:
        return self._calls[caller, group].busiest(seconds)

    def shown(self, caller_name: str, seconds: float = WINDOW_SECONDS) -> list[dict]:
        return [
            {
                caller_name: caller,
                "group": group,
                "busiest": calls.busiest(seconds),
                "calls": len(calls.all),
                "refused": len(calls.all) - len(calls.allowed),
            }
            for (caller, group), calls in list(self._calls.items())
        ]


def rates_from(settings: dict, groups: set[str]) -> dict[str, tuple[int, float]]:
    """Rates as the control API is told them, {"group": [calls, seconds]}, checked."""
    if unknown := set(settings) - groups:
        raise ValueError(f"unknown groups: {', '.join(sorted(unknown))}")
    return {group: (int(count), float(seconds)) for group, (count, seconds) in settings.items()}
