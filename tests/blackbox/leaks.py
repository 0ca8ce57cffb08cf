"""Looks for secrets and people's data in all that the functions logged and told subscribers, and
for secrets in what they stored.
"""

import json
from collections.abc import Callable, Iterable

from local.fakes.bringg_people import SECRETS
from local.fakes.captain_state import DEVELOPER_KEY, INTEGRATION_KEY
from local.fakes.syrve_state import API_LOGIN, CLIENT_SECRET
from local.settings import TEMPLATE
from local.stack import Stack, log_events
from local.template import Template

# Of the people in the fixtures and the fakes' lists; and how every access token of the fake Syrve
# begins.
FORBIDDEN = (
    "Testa",
    "Example Street",
    "D00 X000",
    "Blue door",
    "+35310000000",
    "35310000000",
    "+35310000017",
    "Courier Seventeen",
    "Courier Eighteen",
    "Courier Nineteen",
    "Courier Number",
    "No cutlery",
    "Guest does not answer",
    # What couriers and customers wrote in tests of fleets, and other companies' words for a driver.
    "blue gate",
    "Handed to the neighbour",
    "Nobody at home",
    "Cold, and late",
    "REPARTIDOR EXTERNO",
    "guest@example.com",
    "manager@example.com",
    "53.349805",
    "eyJ",
    *SECRETS,
    API_LOGIN,
    CLIENT_SECRET,
    INTEGRATION_KEY,
    DEVELOPER_KEY,
)


def leaked(stack: Stack, tokens: list[str], since: float = 0) -> list[str]:
    """What of all that was logged since a moment should not have been."""
    client, found = stack.client("logs"), []
    for function in Template(TEMPLATE).functions():
        lines = [event["text"] for event in log_events(client, function.binary, since)]
        # All lines at once first, and what is in many of them once: a whole run has thousands of
        # words, and many more lines. No word has a quotation mark.
        text = "\n".join({part for line in lines for part in line.split('"')})
        for word in {word for word in (*FORBIDDEN, *tokens) if word in text}:
            found += [
                f"{function.binary} logged {word!r}: {line}" for line in lines if word in line
            ]
    return found


def told_of_people(requests: Iterable[dict]) -> list[str]:
    """Which secrets and words about people are in what subscribers received. Where a driver is,
    they are told.
    """
    words = set(FORBIDDEN) - {"53.349805"}
    return [
        f"{word!r} in {entry['text']}"
        for entry in requests
        for word in words
        if word in entry["text"]
    ]


def stored(table: Callable[..., dict], account_id: str, words: Iterable[str]) -> list[str]:
    """Which of these words are anywhere in what is stored of an account, and under which key."""
    found, start = [], {}
    while start is not None:
        page = table("scan", **start)
        for item in page["Items"]:
            text = json.dumps(item, default=str)
            if account_id in item["pk"]["S"]:
                key = f"{item['pk']['S']} {item['sk']['S']}"
                found += [f"{word!r} in {key}" for word in words if word in text]
        last = page.get("LastEvaluatedKey")
        start = {"ExclusiveStartKey": last} if last else None
    return found
