"""What a fuzz target starts with: its sender's fixtures as inputs, their words as a dictionary.

An input of a webhook target is two bytes and a body (`src/input.rs`): which URL is called, which
text is replaced.
"""

import base64
import csv
import io
import itertools
import json
import shutil
from collections.abc import Iterator
from pathlib import Path

FIXTURES = Path(__file__).resolve().parent.parent / "fixtures"
# More than any fleet has. Two numbers may mean the same one: the fuzzer drops what is not new.
URLS = 32
# What `src/bringg_csv.rs` can be told of a report's columns.
COLUMNS = 6
# A word of a dictionary has at most 64 bytes.
LONGEST_WORD = 60

AUTH_WORDS = (
    *("alg", "HS256", "none", "iss", "aud", "sub", "exp", "nbf", "bringg", "bridge", "event"),
    *("courier-bridge", "demo", "client", "grant_type", "client_id", "client_secret", "JWTBearer"),
)


def write(target: str, folder: Path, dictionary: Path) -> None:
    """Makes a target's seeds, in a folder of their own, and its dictionary."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for name, seed in inputs(target):
        (folder / name).write_bytes(seed)
    quoted = (escape(word) for word in sorted(set(words(target))))
    dictionary.write_text("".join(f'"{word}"\n' for word in quoted))


def fixtures(sender: str) -> Iterator[tuple[str, bytes]]:
    for path in sorted((FIXTURES / sender).glob("*.json")):
        yield path.stem, path.read_bytes()


def inputs(target: str) -> Iterator[tuple[str, bytes]]:
    if target == "bringg_auth":
        yield from proofs()
        return
    for name, body in fixtures(target.removesuffix("_csv")):
        compact = json.dumps(json.loads(body), separators=(",", ":"))
        if target.endswith("_csv"):
            for columns in range(COLUMNS):
                yield f"{name}-{columns}", bytes([columns]) + report(name.split("__")[0], compact)
            continue
        for url in range(URLS):
            yield f"{name}-{url}", bytes([url, url]) + compact.encode()


def report(kind: str, body: str) -> bytes:
    """A report of two webhooks, one of them without a type or a time."""
    columns = ("id", "webhook_type", "sent_at", "payload")
    out = io.StringIO()
    csv.writer(out).writerows(
        [columns, (1, kind, "2026-06-28 16:50:00 UTC", body), (2, "", "", body)]
    )
    return out.getvalue().encode()


def proofs() -> Iterator[tuple[str, bytes]]:
    """What `src/bringg_auth.rs` reads: its first bytes choose what the rest is."""
    header, none = b'{"alg":"HS256"}', b'{"alg":"none"}'
    claims = [
        {"iss": "bringg", "aud": "bridge", "sub": "event", "exp": 1782666600},
        {"iss": "courier-bridge", "aud": ["demo"], "sub": "client", "exp": 1782666600.5, "nbf": 0},
        {"iss": "bringg", "aud": "other", "sub": "event", "exp": 1782660000, "nbf": 1782669000},
    ]
    for number, claim in enumerate(claims):
        for alg in (header, none):
            for key in range(4):
                lines = alg + b"\n" + json.dumps(claim).encode()
                yield f"signed-{number}-{key}-{len(alg)}", bytes([2, key]) + lines
        parts = [base64.urlsafe_b64encode(part).rstrip(b"=") for part in (none, lines)]
        yield f"header-{number}", b"\0\0JWTBearer " + b".".join([*parts, b""])
    for key in range(4):
        yield f"changed-{key}", bytes([1, key, 3, 65, 90, 0])
    for number, request in enumerate(
        [
            b"grant_type=client_credentials&client_id=client&client_secret=wrong",
            b'{"grant_type":"client_credentials","client_id":"client","client_secret":"wrong"}',
            b"Basic " + base64.b64encode(b"client:wrong%20secret"),
        ]
    ):
        yield f"request-{number}", b"\3\0" + request


def words(target: str) -> Iterator[str]:
    """Names and short texts, with their quotation marks: as they would stand in JSON."""
    sender, _, part = target.partition("_")
    said = (json.loads(body) for _, body in fixtures(sender) if part != "auth")
    known = AUTH_WORDS if part == "auth" else ()
    for value in itertools.chain(said, known):
        for word in texts(value):
            if len(quoted := json.dumps(word)) <= LONGEST_WORD:
                yield quoted


def texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for element in value:
            yield from texts(element)
    elif isinstance(value, dict):
        for name, member in value.items():
            yield name
            yield from texts(member)


def escape(word: str) -> str:
    return word.replace("\\", "\\\\").replace('"', '\\"')
