"""`python -m tests.regexes [--characters N] [--above MS]`: every regular expression of the product against texts made to slow it down.

For each repetition in a pattern, texts are made from the pattern's own structure: what stands before it, what it repeats,
and an end that fits nothing, each twice as long as the one before. Prints the patterns that take longer than so many
milliseconds for a text of at most N characters, by its length, with how the time grew at the last doubling (2: by the
length, 4: by its square). Fails if one needs so long for 128 characters.
"""

from __future__ import annotations

import argparse
import ast
import contextlib
import os
import re
import sys
import time
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from re import _constants as codes  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

import django

ROOT = Path(__file__).resolve().parents[1]
WINGS = ("outreach", "campaigns", "leads", "conversations")
REPEATS = {codes.MAX_REPEAT, codes.MIN_REPEAT, codes.POSSESSIVE_REPEAT}
MANY = 20
"""A repetition that goes on for fewer times than this is no repetition."""
SHORTEST, EXPLODES = 32, 128
"""Characters: where it begins, and what no pattern may need so long for."""
END = "\N{SNOWMAN}"
KINDS = {
    codes.CATEGORY_DIGIT: "7", codes.CATEGORY_NOT_DIGIT: "a", codes.CATEGORY_SPACE: " ", codes.CATEGORY_NOT_SPACE: "a",
    codes.CATEGORY_WORD: "a", codes.CATEGORY_NOT_WORD: "-",
}  # fmt: skip


def patterns() -> dict[re.Pattern[str], str]:
    """Each pattern and where it stands: names of modules, what tables hold, and what is written in a call of `re`."""
    found: dict[re.Pattern[str], str] = {}
    for path in sorted(
        path for wing in WINGS for path in (ROOT / wing).rglob("*.py") if "migrations" not in path.parts
    ):
        place = path.relative_to(ROOT).with_suffix("")
        with contextlib.suppress(ImportError):
            for one in _held(vars(import_module(".".join(place.parts).removesuffix(".__init__"))), 3):
                found.setdefault(one, str(place))
        for call in ast.walk(ast.parse(path.read_text())):
            if isinstance(call, ast.Call) and ast.unparse(call.func).startswith("re.") and call.args:
                with contextlib.suppress(ValueError, re.error, TypeError):
                    found.setdefault(re.compile(str(ast.literal_eval(call.args[0]))), str(place))
    return found


def _held(value: Any, depth: int) -> Iterator[re.Pattern[str]]:
    if isinstance(value, re.Pattern) and isinstance(value.pattern, str):
        yield value
    elif depth and isinstance(value, dict):
        for one in list(value.values()):
            yield from _held(one, depth - 1)
    elif depth and isinstance(value, (list, tuple, set, frozenset)):
        for one in value:
            yield from _held(one, depth - 1)


def example(tree: Any) -> str:
    """A short text that a part of a pattern matches, as far as that can be told by looking at it."""
    return "".join(_example(code, given) for code, given in tree)


def _example(code: Any, given: Any) -> str:
    if code is codes.LITERAL:
        return chr(given)
    if code is codes.NOT_LITERAL:
        return "b" if given == ord("a") else "a"
    if code is codes.ANY:
        return "a"
    if code is codes.IN:
        return _of_class(given)
    if code in REPEATS:
        return example(given[2]) * int(given[0])
    if code is codes.SUBPATTERN:
        return example(given[-1])
    if code is codes.ATOMIC_GROUP:
        return example(given)
    return example(given[1][0]) if code is codes.BRANCH else ""


def _of_class(given: Any) -> str:
    if given[0][0] is codes.NEGATE:
        taken = re.compile("[" + "".join(re.escape(chr(v)) for c, v in given[1:] if c is codes.LITERAL) + "\u0000]")
        return next((c for c in "a7 -.x" if not taken.match(c)), "é")
    code, value = given[0]
    if code is codes.CATEGORY:
        return KINDS.get(value, "a")
    return chr(value if code is codes.LITERAL else value[0])


def pumps(tree: Any, before: str = "") -> Iterator[tuple[str, str]]:
    """What stands before a repetition, and what it repeats, for each one that has no near end."""
    for code, given in tree:
        if code in REPEATS:
            if given[1] >= MANY and (again := example(given[2]) or example([(codes.ANY, None)])):
                yield before, again
            yield from pumps(given[2], before)
        elif code is codes.SUBPATTERN:
            yield from pumps(given[-1], before)
        elif code is codes.ATOMIC_GROUP:
            yield from pumps(given, before)
        elif code is codes.BRANCH:
            for branch in given[1]:
                yield from pumps(branch, before)
        before += _example(code, given)


def _ms(pattern: re.Pattern[str], text: str) -> float:
    began = time.process_time()
    pattern.search(text)
    return (time.process_time() - began) * 1e3


def bound(pattern: re.Pattern[str], most: int, limit: float) -> tuple[int, float, str] | None:
    """The shortest text that takes longer than `limit` milliseconds, how it grew at the last doubling, what it repeats."""
    worst = None
    for before, again in set(pumps(parser.parse(pattern.pattern, pattern.flags))):
        length, ms, last = SHORTEST, 0.0, 0.0
        while length <= (worst[0] if worst else most) and ms <= limit:
            last, ms = ms, _ms(pattern, before + again * (length // len(again)) + END)
            length *= 2
        if ms > limit:
            worst = (length // 2, ms / max(last, 0.001), again)
    return worst


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--characters", type=int, default=16_000, help="the longest text that is tried")
    options.add_argument("--above", type=float, default=50.0, help="milliseconds that are slow")
    given = options.parse_args()
    os.environ |= {"DJANGO_SETTINGS_MODULE": "outreach.settings", "OUTREACH_DEVELOPMENT": "1"}
    django.setup()
    found = patterns()
    rows = [(slow, place, one) for one, place in found.items() if (slow := bound(one, given.characters, given.above))]
    print("characters | growth | where | repeats | pattern")
    for (length, growth, again), place, one in sorted(rows, key=lambda row: row[0][:2]):
        print(length, f"{growth:.1f}", place, repr(again), one.pattern[:100], sep=" | ")
    print(
        f"{len(found)} patterns, {len(rows)} take more than {given.above:g} ms for a text of at most {given.characters:,}"
    )
    return 1 if any(length <= EXPLODES for (length, _growth, _again), _place, _one in rows) else 0


if __name__ == "__main__":
    sys.exit(main())
