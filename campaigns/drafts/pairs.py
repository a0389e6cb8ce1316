"""Pairs of versions on which people have said a word, and a judge's word on them in both orders.

A person who edits a text prefers the edited one; a person who approves one of two variants prefers that one. A judge's
word on pairs decides nothing: the page shows how far it is people's, and how much the place pulls.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from campaigns.drafts import judging
from campaigns.drafts.agreement import Pair, PairAgreement, pair_agreement
from campaigns.drafts.models import Comparison, Draft
from outreach.llm.models import Evaluation, Trace
from outreach.llm.routing import BUILTIN
from outreach.llm.services import close_trace, open_trace
from outreach.prompts.rendering import Text

FIRST, SECOND = Comparison.Word.FIRST, Comparison.Word.SECOND
MOST_COMPARED = 50
MOST_COUNTED = 2_000


@dataclass(frozen=True)
class Versions:
    """Two texts to one person. Without `other` they are the draft as generated and as it is."""

    draft: Draft
    other: Draft | None
    person: str = ""

    @property
    def texts(self) -> tuple[Text, Text]:
        draft, other = self.draft, self.other
        first = Text(draft.generated_subject, draft.generated_body)
        return first, Text(other.generated_subject, other.generated_body) if other else Text(draft.subject, draft.body)


def versions_of(draft: Draft) -> list[Versions]:
    """The pairs that a draft is part of: with its own edited text, and with each other variant."""
    found = []
    if draft.edited_by_id and (draft.subject, draft.body) != (draft.generated_subject, draft.generated_body):
        found.append(Versions(draft, None, SECOND))
    siblings = Draft.objects.filter(candidate=draft.candidate_id, step=draft.step_id).exclude(variant=draft.variant)
    for sibling in siblings.order_by("variant", "-pk").distinct("variant"):
        first, second = sorted((draft, sibling), key=lambda row: row.pk)
        found.append(Versions(first, second, _preferred(first, second)))
    return found


def _preferred(first: Draft, second: Draft) -> str:
    """Which of two variants a person approved as it was."""
    first_is, second_is = (row.approved_by_id is not None and row.edited_by_id is None for row in (first, second))
    return "" if first_is == second_is else FIRST if first_is else SECOND


def compare_versions(versions: Versions, *, trace: Trace) -> Comparison | None:
    """Ask the judge, keep its words, and note them as an evaluation of the call that wrote the first text; None when no
    model answered in both orders."""
    first, second = (judging.subject_of(versions.draft, text) for text in versions.texts)
    said = judging.compare(first, second, trace=trace)
    if said.judge == BUILTIN:
        return None
    row, _created = Comparison.objects.update_or_create(
        draft=versions.draft,
        other=versions.other,
        version=versions.draft.version,
        judge=said.judge,
        defaults={
            "forward": said.forward,
            "backward": said.backward,
            "reasons": list(said.reasons),
            "person": versions.person,
            "trace": trace,
        },
    )
    Evaluation.objects.create(
        interaction_id=versions.draft.interaction_id,
        name=f"pair:{versions.draft.variant}",
        score={FIRST: 1.0, SECOND: 0.0}.get(Comparison.Word(said.verdict), 0.5),
        label=said.verdict,
        reason="; ".join(filter(None, said.reasons))[:2_000],
        judge=said.judge,
    )
    return row


def compare_draft(draft: Draft) -> list[Comparison]:
    """The judge's word on every pair that a draft is part of."""
    trace = open_trace("comparison", campaign_id=draft.candidate.campaign_id, lead_id=draft.candidate.lead_id)
    rows = [compare_versions(versions, trace=trace) for versions in versions_of(draft)]
    close_trace(trace)
    return [row for row in rows if row is not None]


def compare_decided(*, limit: int = MOST_COMPARED) -> int:
    """Ask the current judge about pairs on which people have said a word and it has not; how many it compared."""
    trace = open_trace("comparison")
    count = 0
    for versions in _undecided_by_judge(limit):
        count += compare_versions(versions, trace=trace) is not None
    close_trace(trace)
    return count


def _undecided_by_judge(limit: int) -> Iterator[Versions]:
    known = Comparison.objects.filter(judge=judging.current_judge())
    drafts = judging.decided().select_related("candidate__campaign", "step")
    drafts = drafts.exclude(pk__in=known.values("draft")).exclude(pk__in=known.values("other"))
    pairs = (versions for draft in drafts[: limit * 4] for versions in versions_of(draft) if versions.person)
    new = (pair for pair in pairs if not known.filter(draft=pair.draft, other=pair.other).exists())
    return islice(new, limit)


def agreement_of(judge_name: str = "") -> PairAgreement:
    """How far a judge of pairs (the current one) and people agree, and how much the place pulls."""
    rows = Comparison.objects.filter(judge=judge_name or judging.current_judge())[:MOST_COUNTED]
    return pair_agreement(Pair(*words) for words in rows.values_list("forward", "backward", "person"))
