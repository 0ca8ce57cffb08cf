"""Conditions and updates of the table, as far as the functions write them.

Each text is compiled once and kept: there are few, and what is measured must not wait for a parser.
A compiled text takes an item and the values, as the request gives them. Numbers are whole ones.
"""

import re
from collections.abc import Callable
from functools import cache
from operator import eq, ge, gt, le, lt, ne

Item = dict[str, dict]
Condition = Callable[[Item, Item], bool]
Operand = Callable[[Item, Item], dict | None]

TOKEN = re.compile(r"[:\w]+|<=|>=|<>|[=<>+(),]")
COMPARISONS = {"=": eq, "<>": ne, "<": lt, "<=": le, ">": gt, ">=": ge}
EXISTENCE = {"attribute_exists": True, "attribute_not_exists": False}
CLAUSES = ("SET", "REMOVE", "ADD")


class _Tokens:
    def __init__(self, text: str) -> None:
        self._left = TOKEN.findall(text)[::-1]

    def take(self) -> str:
        return self._left.pop() if self._left else ""

    def skip(self, *words: str) -> str | None:
        """The next word, taken if it is one of these."""
        return self.take() if self._left and self._left[-1] in words else None


@cache
def condition(text: str) -> Condition:
    return _either(_Tokens(text))


def _either(tokens: _Tokens) -> Condition:
    parts = [_all(tokens)]
    while tokens.skip("OR"):
        parts.append(_all(tokens))
    return lambda *given: any(part(*given) for part in parts)


def _all(tokens: _Tokens) -> Condition:
    parts = [_term(tokens)]
    while tokens.skip("AND"):
        parts.append(_term(tokens))
    return lambda *given: all(part(*given) for part in parts)


def _term(tokens: _Tokens) -> Condition:
    if tokens.skip("("):
        inner = _either(tokens)
        tokens.take()
        return inner
    if function := tokens.skip(*EXISTENCE):
        _, name, _ = tokens.take(), tokens.take(), tokens.take()
        return lambda item, _: (name in item) == EXISTENCE[function]
    left, compare, right = _operand(tokens), COMPARISONS[tokens.take()], _operand(tokens)

    def holds(*given: Item) -> bool:
        one, other = left(*given), right(*given)
        return one is not None and other is not None and compare(_plain(one), _plain(other))

    return holds


@cache
def update(text: str) -> Callable[[Item, Item], Item]:
    """Makes the item that an update leaves of another."""
    tokens = _Tokens(text)
    new: dict[str, Operand] = {}
    clause = tokens.skip(*CLAUSES)
    while clause:
        name = tokens.take()
        new[name] = _changed(clause, name, tokens)
        clause = clause if tokens.skip(",") else tokens.skip(*CLAUSES)

    def updated(item: Item, values: Item) -> Item:
        changed = {name: value(item, values) for name, value in new.items()}
        return {name: value for name, value in (item | changed).items() if value is not None}

    return updated


def _changed(clause: str, name: str, tokens: _Tokens) -> Operand:
    if clause == "REMOVE":
        return lambda *_: None
    if clause == "ADD":
        return _sum(lambda item, _: item.get(name, {"N": "0"}), _operand(tokens))
    tokens.skip("=")
    value = _operand(tokens)
    return _sum(value, _operand(tokens)) if tokens.skip("+") else value


def _operand(tokens: _Tokens) -> Operand:
    name = tokens.take()
    if name == "if_not_exists":
        tokens.take()
        kept, _, default, _ = tokens.take(), tokens.take(), _operand(tokens), tokens.take()
        return lambda item, values: item.get(kept) or default(item, values)
    if name.startswith(":"):
        return lambda _, values: values[name]
    return lambda item, _: item.get(name)


def _sum(one: Operand, other: Operand) -> Operand:
    return lambda *given: {"N": str(_plain(one(*given)) + _plain(other(*given)))}


def _plain(value: dict) -> int | str:
    return int(value["N"]) if "N" in value else value["S"]
