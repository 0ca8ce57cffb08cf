"""Looks for secrets and people's data in all that the functions logged."""

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
    "53.349805",
    "eyJ",
    API_LOGIN,
    CLIENT_SECRET,
    INTEGRATION_KEY,
    DEVELOPER_KEY,
)


def leaked(stack: Stack, tokens: list[str], since: float = 0) -> list[str]:
    """What of all that was logged since a moment should not have been."""
    client, found = stack.client("logs"), []
    for function in Template(TEMPLATE).functions():
        for event in log_events(client, function.binary, since):
            found += [
                f"{function.binary} logged {word!r}: {event['text']}"
                for word in (*FORBIDDEN, *tokens)
                if word in event["text"]
            ]
    return found
