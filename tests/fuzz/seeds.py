"""What a fuzz target starts with: its sender's fixtures as inputs, their words as a dictionary.

An input of a webhook target is two bytes and a body (`src/input.rs`): which URL is called, which
text is replaced.
"""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

FIXTURES = Path(__file__).resolve().parent.parent / "fixtures"
# More than any fleet has. Two numbers may mean the same one: the fuzzer drops what is not new.
URLS = 32
# A word of a dictionary has at most 64 bytes.
LONGEST_WORD = 60


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
    for name, body in fixtures(target):
        compact = json.dumps(json.loads(body), separators=(",", ":")).encode()
        for url in range(URLS):
            yield f"{name}-{url}", bytes([url, url]) + compact


def words(target: str) -> Iterator[str]:
    """Names and short texts, with their quotation marks: as they would stand in JSON."""
    for _, body in fixtures(target):
        for word in texts(json.loads(body)):
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
