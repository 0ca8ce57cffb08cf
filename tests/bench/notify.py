"""`make bench-notify`: what a notification costs, and what an endpoint that hangs costs the others.

It judges nothing and prints numbers. The functions are those of the local stack (profile `local`).
Its parts: notify_cost.py, notify_delay.py.
"""

import argparse
import asyncio
import sys

from local.settings import StackError

from . import notify_cost, notify_delay


async def main(given: argparse.Namespace) -> None:
    await notify_cost.measure(given.batches)
    await notify_delay.measure(given.rounds)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench.notify", description=__doc__.splitlines()[0])
    parser.add_argument("--batches", type=int, default=50, help="batches of the queue in each case")
    parser.add_argument("--rounds", type=int, default=20, help="events of each account")
    return parser.parse_args()


if __name__ == "__main__":
    try:
        asyncio.run(main(arguments()))
    except StackError as error:
        sys.exit(f"error: {error}")
    except KeyboardInterrupt:
        sys.exit("stopped")
