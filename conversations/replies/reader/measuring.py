"""How well replies are read: the rules and the trained reader together, on wordings with known classes. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date

from conversations.replies import intents
from conversations.replies.reader.wordings import Wording

TODAY = date(2026, 1, 15)


def measure(wordings: Sequence[Wording]) -> dict[str, tuple[int, int]]:
    """Right and all, by class and by language, and of opt-outs: suppressed, suppressed or held, and false ones.

    An opt-out is right when it is suppressed or held; everything else when the class is right.
    """
    right: Counter[str] = Counter()
    count: Counter[str] = Counter()
    readings = intents.understand_all(((wording.text, "") for wording in wordings), today=TODAY)
    for wording, found in zip(wordings, readings, strict=True):
        is_stopped = found.opt_out is not None or found.is_held
        if wording.intent == "opt_out":
            is_right, rows = is_stopped, {"opt-outs suppressed": found.opt_out is not None}
        else:
            is_right = found.intent == wording.intent
            rows = {"falsely suppressed": found.opt_out is not None and wording.intent != "abusive"}
            rows["falsely held"] = found.is_held and wording.intent != "abusive"
        rows |= {wording.intent: is_right, f"language {wording.language}": is_right, "all": is_right}
        for name, is_counted in rows.items():
            count[name] += 1
            right[name] += is_counted
    return {name: (right[name], count[name]) for name in sorted(count)}
