"""`make logs`: what the functions of the running stack logged, oldest first.

python -m local.logs [function]
"""

import sys
from datetime import UTC, datetime

from .session import Session
from .settings import TEMPLATE, StackError
from .stack import log_events
from .template import Template


def main() -> None:
    wanted = sys.argv[1:]
    try:
        session = Session.load()
        names = [function.binary for function in Template(TEMPLATE).functions()]
        if unknown := set(wanted) - set(names):
            raise StackError(f"no function {', '.join(unknown)}; there are: {', '.join(names)}")
        client = session.client("logs")
        events = [
            (event["at"], name, event["text"])
            for name in wanted or names
            for event in log_events(client, name)
        ]
    except StackError as error:
        sys.exit(f"error: {error}")
    width = max(map(len, names))
    for at, name, line in sorted(events, key=lambda event: event[0]):
        moment = datetime.fromtimestamp(at / 1000, UTC).strftime("%H:%M:%S.%f")[:-3]
        print(f"{moment} {name:<{width}} {line}")


if __name__ == "__main__":
    main()
