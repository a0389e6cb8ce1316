"""What people change alike in suggested answers: sentences that they take out, and what they write in their place.

A change counts when people made it in several conversations, and more often than they left the sentence as it was. So
nothing that belongs to one person's conversation gets into another's. Pure; `selectors.lessons` reads the drafts.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import SequenceMatcher

AGREED = 3
"""Conversations in which the same sentence was changed alike."""
_BREAK = re.compile(r"(?<=[.!?…])[ \t]+|\n+")


@dataclass(frozen=True)
class Lesson:
    """`instead` is empty where the sentence is taken out. `count` conversations agree, of `seen` that had the sentence."""

    sentence: str
    instead: str
    count: int
    seen: int


class Lessons(tuple[Lesson, ...]):
    """What was learned, by the number of conversations that agree."""

    __slots__ = ()

    def applied(self, text: str) -> str:
        """`text` with its sentences as people would have them; unchanged when nothing would be left of it."""
        changes = {_key(lesson.sentence): lesson.instead for lesson in self}
        lines = []
        for line in text.split("\n"):
            kept = [changes.get(_key(part), part) for part in _BREAK.split(line)]
            lines.append(" ".join(filter(None, kept)))
        changed = re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()
        return changed if changed and changed != text.strip() else text


NONE = Lessons()


def learn(pairs: Iterable[tuple[int, str, str]]) -> Lessons:
    """The lessons of (conversation, draft, sent text)."""
    seen: defaultdict[str, set[int]] = defaultdict(set)
    changed: defaultdict[tuple[str, str], set[int]] = defaultdict(set)
    words: dict[str, str] = {}
    for conversation, draft, sent in pairs:
        before, after = _sentences(draft), _sentences(sent)
        for sentence in before:
            seen[_key(sentence)].add(conversation)
        for sentence, instead in _changes(before, after):
            changed[_key(sentence), _key(instead)].add(conversation)
            words.setdefault(_key(sentence), sentence)
            words.setdefault(_key(instead), instead)
    best: dict[str, Lesson] = {}
    for (sentence, instead), where in sorted(changed.items(), key=lambda item: (-len(item[1]), item[0])):
        agreed, had = len(where), len(seen[sentence])
        if agreed >= AGREED and 2 * agreed > had and sentence not in best:
            best[sentence] = Lesson(words[sentence], words[instead], agreed, had)
    return Lessons(best.values())


def _changes(before: list[str], after: list[str]) -> Iterable[tuple[str, str]]:
    """(sentence, what stands in its place), empty where nothing does. Several for several are left: who knows which for which."""
    matcher = SequenceMatcher(None, [*map(_key, before)], [*map(_key, after)], autojunk=False)
    for kind, start, end, to_start, to_end in matcher.get_opcodes():
        if kind == "delete":
            yield from ((sentence, "") for sentence in before[start:end])
        elif kind == "replace" and end - start == 1:
            yield before[start], " ".join(after[to_start:to_end])


def _sentences(text: str) -> list[str]:
    return [part.strip() for part in _BREAK.split(text) if any(map(str.isalnum, part))]


def _key(sentence: str) -> str:
    """What makes two sentences one: their letters and digits."""
    return " ".join(re.findall(r"\w+", sentence.lower()))
