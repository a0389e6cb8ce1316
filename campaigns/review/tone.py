"""What another tone would make of drafts, shown before it is applied: how many change, and how."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from campaigns.drafts import tones
from campaigns.drafts.models import DRAFT, Draft
from campaigns.drafts.services import full_rows, rewritten
from campaigns.review.received import Change, difference
from outreach.core.errors import OutreachError
from outreach.llm import configured
from outreach.prompts import rendering

WISHES = tones.TONES
SAMPLES = 3


@dataclass(frozen=True)
class Sample:
    """One draft with what would change in it."""

    lead: str
    changes: list[Change]


@dataclass
class Trial:
    """Counts are exact for the built-in rules; a model's texts are known once it has written them."""

    by_model: bool = False
    changed: int = 0
    unchanged: int = 0
    edited: int = 0
    samples: list[Sample] = field(default_factory=list)


def preview(pairs: Iterable[tuple[int, int]], *, wish: str) -> Trial:
    """Nothing is stored but, where a model writes, its calls for the samples."""
    trial = Trial()
    rows = full_rows().filter(pk__in=[pk for pk, _version in pairs], state__in=DRAFT.rewritable)
    for draft in rows.order_by("pk"):
        trial.edited += draft.edited_by_id is not None
        if configured.uses_model(rendering.pack_of(draft.step.pack).route):
            trial.by_model = True
            if len(trial.samples) == SAMPLES:
                continue
            body = _asked(draft, wish)
        else:
            body = tones.change_tone(draft.body, wish)
        if body == draft.body:
            trial.unchanged += 1
            continue
        trial.changed += 1
        if len(trial.samples) < SAMPLES:
            trial.samples.append(Sample(str(draft.candidate.lead), difference(draft.body, body)))
    return trial


def _asked(draft: Draft, wish: str) -> str:
    """What a model makes of it now; the same text when it cannot be asked."""
    try:
        return rewritten(draft, wish).text.body
    except OutreachError:
        return draft.body
