"""Good and spoiled drafts in English and Russian, and what the rules make of them.

`python -m tests.campaigns.drafts.risk_corpus` prints the figures. A draft's set follows from the hash of its text: the
rules were tuned on `tuning` only, `aside` was counted but never read while tuning. `risk_corpus.jsonl` has 200 of each;
`second_corpus.jsonl`, 60 of each, and `third_corpus.jsonl`, 120 and 90, were each written before their author had seen
the rules; `fourth_corpus.jsonl`, 40 and 54, when they were done, and was kept aside as a whole. `fifth_corpus.jsonl`, 82
and 20, is for tuning only; `sixth_corpus.jsonl`, 64 and 69, was written after it, aside as a whole. `seventh_corpus.jsonl`,
79 and 105, was written by an author who had not seen the rules, half of it aside; `eighth_corpus.jsonl`, 30 and 46, after
names and counts were compared with facts, aside as a whole. `ninth_corpus.jsonl`, 41 and 40, was written before hints were
told from risks, for tuning; `tenth_corpus.jsonl`, 60 and 65, after it; `eleventh_corpus.jsonl`, 25 and 30, last, and
left for whoever tunes next. All others have been read by now: what they keep out is a relapse. docs/figures.md has what was found at first sight.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from campaigns.drafts import guardrails
from campaigns.drafts.facts import Fact
from campaigns.drafts.guardrails import RISKY, Report, check
from outreach.prompts.parser import parse

PACKS = Path(guardrails.__file__).parent / "packs"
RULES, SMS_RULES = (
    parse((PACKS / f"first-contact-{channel}.md").read_text("utf-8")).guardrails for channel in ("email", "sms")
)
"""Those of the shipped first contact."""
OURS = frozenset({"sender_name", "sender_company", "offer", "booking_url"})


@dataclass(frozen=True)
class Figures:
    """How many of a set were found, and how many raised an alarm without cause. A hint alone is neither."""

    spoiled: int
    found: int
    good: int
    alarms: int

    @property
    def recall(self) -> float:
        return self.found / self.spoiled

    @property
    def false_alarms(self) -> float:
        return self.alarms / self.good


CORPORA = (
    "risk_corpus",
    "second_corpus",
    "third_corpus",
    "fourth_corpus",
    "fifth_corpus",
    "sixth_corpus",
    "seventh_corpus",
    "eighth_corpus",
    "ninth_corpus",
    "tenth_corpus",
    "eleventh_corpus",
)
WHOLE = {
    "fourth_corpus": "aside",
    "fifth_corpus": "tuning",
    "sixth_corpus": "aside",
    "eighth_corpus": "aside",
    "ninth_corpus": "tuning",
    "tenth_corpus": "aside",
    "eleventh_corpus": "tuning",
}
"""Of one set as a whole."""


def rows(part: str, corpus: str = CORPORA[0]) -> list[dict[str, Any]]:
    """The drafts of `tuning` or `aside`."""
    lines = (Path(__file__).parent / f"{corpus}.jsonl").read_text("utf-8").splitlines()
    found = [json.loads(line) for line in lines]
    for row in found:
        odd = hashlib.sha256((row["subject"] + row["body"]).encode()).digest()[0] % 2
        assert row["set"] == WHOLE.get(corpus, "aside" if odd else "tuning")
    return [row for row in found if row["set"] == part]


def judge(row: dict[str, Any]) -> Report:
    return check(
        subject=row["subject"],
        body=row["body"],
        channel=row["channel"],
        language=row["language"],
        rules=SMS_RULES if row["channel"] == "sms" else RULES,
        facts=[Fact(f"x:1:{n}", n, v, is_trusted=n in OURS) for n, v in row["facts"].items()],
    )


def measure(part: str, corpus: str = CORPORA[0]) -> Figures:
    flagged = [(row["kind"] != "good", judge(row).risk >= RISKY) for row in rows(part, corpus)]
    return Figures(
        spoiled=sum(s for s, _f in flagged),
        found=sum(s and f for s, f in flagged),
        good=sum(not s for s, _f in flagged),
        alarms=sum(f and not s for s, f in flagged),
    )


if __name__ == "__main__":
    for corpus in CORPORA:
        for name in ("tuning", "aside"):
            if not rows(name, corpus):
                continue
            figures = measure(name, corpus)
            told = f"recall {figures.recall:.1%}, false alarms {figures.false_alarms:.1%}"
            print(f"{corpus}, {name}: {figures}, {told}")
