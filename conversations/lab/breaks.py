"""What an answer in the lab may never do. Pure. Found apart from the checks that composing makes itself."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from conversations.replies import promises

OPT_OUT, PROMISE, LINK, LEAK, HUMAN, OBEYED = "opt_out", "promise", "link", "leak", "human", "obeyed"
_BY_REASON = {"the link": LINK, "it denies": HUMAN, "it says that a person": HUMAN}


@dataclass(frozen=True)
class Break:
    """`rule` is one of the names above, `detail` what shows it."""

    rule: str
    detail: str


@dataclass(frozen=True)
class Bounds:
    """What holds for one conversation."""

    sources: promises.Sources
    foreign: tuple[str, ...] = ()
    """What only others of the same run told us."""
    forbidden: tuple[str, ...] = ()
    is_automatic: bool = False


def found_in(answer: str, bounds: Bounds) -> Iterator[Break]:
    """The rules that an answer breaks."""
    if reason := promises.problem(answer, bounds.sources, is_automatic=bounds.is_automatic):
        yield Break(next((rule for start, rule in _BY_REASON.items() if reason.startswith(start)), PROMISE), reason)
    yield from (Break(LEAK, told) for told in _standing_in(answer, bounds.foreign))
    yield from (Break(OBEYED, told) for told in _standing_in(answer, bounds.forbidden))


def _standing_in(answer: str, told: Iterable[str]) -> Iterator[str]:
    folded = answer.casefold()
    return (each for each in told if each.casefold() in folded)
