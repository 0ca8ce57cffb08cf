"""Waiting for what happens elsewhere, as long as needed and no longer."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def wait_until(look: Callable[[], T], timeout: float = 30, every: float = 0.05) -> T:
    """Call `look` until it returns something true, and return that; after `timeout` seconds fail.

    An AssertionError in `look` counts as "not yet", and is what is shown if it stays.
    """
    deadline = time.monotonic() + timeout
    while True:
        try:
            last, reason = look(), None
        except AssertionError as error:
            last, reason = None, error
        if last:
            return last
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {timeout} s; last seen: {reason or last!r}")
        time.sleep(every)
