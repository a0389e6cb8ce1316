"""Whether an answer is what a test expects. Pure; what needs a model or vectors is asked for by `testing`."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from outreach.prompts.pack import Assertion

ASKS_ELSEWHERE = frozenset({"llm-rubric", "similar"})
MOST_COMPARED = 2_000


@dataclass(frozen=True)
class Outcome:
    """What came of one expectation; `is_passed` is None when it could not be told, and `reason` says why."""

    is_passed: bool | None
    reason: str = ""


def check(
    assertion: Assertion, text: str, *, cost_usd: Decimal | None = None, latency_ms: int | None = None
) -> Outcome:
    """The outcome for `text`. Kinds of `ASKS_ELSEWHERE` cannot be told here."""
    if assertion.kind in ASKS_ELSEWHERE:
        return Outcome(None, f"{assertion.type} needs a model or vectors")
    if assertion.kind in {"cost", "latency"}:
        found = cost_usd if assertion.kind == "cost" else latency_ms
        if found is None:
            return Outcome(None, f"the {assertion.kind} is not known")
        holds = float(found) <= (assertion.threshold or 0)
    else:
        holds = _holds(assertion, text)
    return settled(assertion, holds)


def settled(assertion: Assertion, holds: bool, reason: str = "") -> Outcome:
    """The outcome once it is known whether the plain kind holds."""
    is_passed = holds != assertion.is_negated
    return Outcome(is_passed, reason or ("" if is_passed else f"{assertion} does not hold"))


def field_text(fields: dict[str, Any], name: str) -> str:
    """One field of an answer as text: lists a line an entry, booleans and numbers as in JSON."""
    value = fields.get(name)
    if isinstance(value, list):
        return "\n".join(str(entry) for entry in value)
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)


def _holds(assertion: Assertion, text: str) -> bool:
    kind, value, low = assertion.kind, assertion.words[0], text.lower()
    tests = {
        "equals": lambda: text.strip() == value.strip() or text.strip() == json.dumps(assertion.value),
        "contains": lambda: value in text,
        "icontains": lambda: value.lower() in low,
        "contains-any": lambda: any(word in text for word in assertion.words),
        "contains-all": lambda: all(word in text for word in assertion.words),
        "icontains-any": lambda: any(word.lower() in low for word in assertion.words),
        "icontains-all": lambda: all(word.lower() in low for word in assertion.words),
        "starts-with": lambda: text.startswith(value),
        "regex": lambda: re.search(value, text) is not None,
        "is-json": lambda: _is_json(text),
        "contains-json": lambda: any(_is_json(part) for part in re.findall(r"\{.*\}|\[.*\]", text, re.DOTALL)),
        "levenshtein": lambda: (
            _distance(text, value) <= (assertion.threshold if assertion.threshold is not None else 5)
        ),
        "word-count": lambda: len(text.split()) <= float(value),
        "max-length": lambda: len(text) <= float(value),
    }
    return tests[kind]()


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


def _distance(first: str, second: str) -> int:
    """The number of single-character edits between two texts (V. I. Levenshtein, 1966), of their first part only."""
    first, second = first[:MOST_COMPARED], second[:MOST_COMPARED]
    row = list(range(len(second) + 1))
    for i, a in enumerate(first, 1):
        diagonal, row[0] = row[0], i
        for j, b in enumerate(second, 1):
            diagonal, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, diagonal + (a != b))
    return row[-1]
