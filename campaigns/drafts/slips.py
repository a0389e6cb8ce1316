"""What slips into a text that a model or a careless hand wrote: words to its author, an end that is missing, values that
were only put in to fill a field, and the reader's private life. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator

from campaigns.drafts.reading import Draft, Found
from leads.cleaning.variables import clean

LONG_LINE = 8
"""Words of a last line that is more than a name, a firm or a farewell."""
_ENDED = re.compile(r"[.!?…:)»”\"'*\]]\s*\Z|\bhttps?://\S+\Z|@\S+\Z")
_LISTED = re.compile(r"(?:[-–—*•]|\d{1,2}[.)])\s")
_LINKS_ON = re.compile(
    r"(?:\b(?:and|or|but|that|which|who|the|an?|of|to|for|with|in|on|at|by|from|we|you|our|your|would|will|can|is|are)"
    r"|(?<![\w-])(?:и|или|но|а|что|чтобы|котор\w+|для|от|из|по|на|в|во|с|со|к|мы|вы|наш\w*|ваш\w*))\Z",
    re.IGNORECASE,
)


def read(draft: Draft) -> Iterator[Found]:
    """Everything found, in no order; phrases are in `data/risky_phrases.toml`."""
    yield from _cut_off(_unsigned(draft.body.strip(), draft.value("sender_name")), draft.channel)
    yield from _filled_in(draft)


def _unsigned(body: str, name: str) -> str:
    """`body` without the writer's name behind its last stop."""
    first = name.partition(" ")[0]
    return re.sub(rf"(?<=[.!?…)]) (?:{re.escape(name)}|{re.escape(first)})\.?\Z", "", body) if first else body


def _cut_off(body: str, channel: str) -> Iterator[Found]:
    *paragraphs, _last = body.strip().split("\n\n")
    for number, paragraph in enumerate(paragraphs[1:], start=2):
        line = paragraph.rpartition("\n")[2].strip()
        if line.endswith(",") and number == len(paragraphs):
            continue  # a farewell above the name
        if len(line.split()) >= LONG_LINE and not _ENDED.search(line) and not _LISTED.match(line):
            yield "cut_off", line[-60:]
            return
    last = body.strip().rpartition("\n")[2].strip()
    if not last or _ENDED.search(last):
        return
    is_long = channel == "email" and len(last.split()) >= LONG_LINE
    if is_long or (len(last.split()) > 1 and _LINKS_ON.search(last)):
        yield "cut_off", last[-60:]


def _filled_in(draft: Draft) -> Iterator[Found]:
    for fact in draft.facts:
        value = (fact.raw or fact.value).strip()
        if fact.is_trusted or "." in fact.name or not value or clean(fact.name, value).value:
            continue
        if re.search(rf"(?<!\w){re.escape(value)}(?!\w)", draft.body):
            yield "placeholder", value
            return
