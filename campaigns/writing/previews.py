"""A text as a person of the audience would receive it, before anything is saved. Reads only; asks no model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import islice

from django.db.models import QuerySet

from campaigns.drafts import facts as facts_of
from campaigns.drafts import workflow
from campaigns.drafts.facts import Collected
from campaigns.drafts.guardrails import check_written
from campaigns.drafts.models import Draft
from campaigns.models import CANDIDATE, Candidate
from campaigns.review import received
from campaigns.review.received import Letter
from campaigns.review.wording import fact_name, fact_text, flag_sentence
from campaigns.steps.models import Step
from outreach.prompts import liquid_text
from outreach.prompts.pack import Pack
from outreach.prompts.rendering import Text

MOST_COUNTED = 2_000
MOST_NAMED = 50
MOST_OFFERED = 200


@dataclass(frozen=True)
class Preview:
    """One person's message; `missing` names what it cannot be written without."""

    candidate: Candidate
    draft: Draft | None = None
    letter: Letter | None = None
    flags: list[str] = field(default_factory=list)
    notes: list[tuple[str, str]] = field(default_factory=list)
    missing: tuple[str, ...] = ()


@dataclass
class Lack:
    """Who has no value for one variable."""

    name: str
    label: str
    count: int = 0
    people: list[Candidate] = field(default_factory=list)


def people(step: Step) -> QuerySet[Candidate]:
    """Whom the step may write to, in a fixed order; everybody in the campaign while no one was chosen yet."""
    rows = Candidate.objects.filter(campaign=step.campaign_id, lead__erased_at=None)
    writable = rows.filter(stage__in=CANDIDATE.writable)
    chosen = writable if writable.exists() else rows
    return chosen.select_related("lead__company", "campaign").prefetch_related("lead__identities").order_by("pk")


def collected(step: Step, candidate: Candidate, language: str) -> Collected:
    """The facts about one person, signed by the step's own sender."""
    return workflow.collected(candidate, sender=step.first_sender, language=language)


def rendered(*, step: Step, pack: Pack, candidate: Candidate, variant: str, language: str, found: Collected) -> Text:
    """The text as `Writer` makes it without a model. Raises `MissingVariable` and `TemplateError`."""
    earlier = workflow.texts_before(candidate.pk, step)
    before = earlier.get(variant) or next(iter(earlier.values()), None)
    seed = workflow.seed_of(candidate, step)
    text = workflow.from_template(pack, found, seed=seed, variant=variant, language=language, before=before)
    return text or Text("", "")


def preview(*, step: Step, pack: Pack, candidate: Candidate, variant: str, language: str) -> Preview:
    """What `candidate` would receive. Raises `TemplateError`."""
    candidate.campaign = step.campaign
    found = collected(step, candidate, language)
    try:
        text = rendered(step=step, pack=pack, candidate=candidate, variant=variant, language=language, found=found)
    except liquid_text.MissingVariable as error:
        return Preview(candidate, missing=(fact_name(error.name),))
    draft = unsaved(step, candidate, variant, language, text)
    report = check_written(pack, found.all_facts, subject=text.subject, body=text.body, language=language)
    return Preview(
        candidate,
        draft,
        received.letter(draft),
        [flag_sentence(flag.as_json()) for flag in report.flags],
        [
            (fact_name(fact.name), fact_text(fact.as_json()))
            for fact in found.all_facts
            if fact.note and fact.name in used_in(pack, language, variant)
        ],
    )


def unsaved(step: Step, candidate: Candidate, variant: str, language: str, text: Text) -> Draft:
    """A draft that is shown and never stored."""
    return Draft(
        candidate=candidate, step=step, variant=variant, language=language, subject=text.subject, body=text.body
    )


def used_in(pack: Pack, language: str, variant: str = "") -> frozenset[str]:
    """The variables of the texts in one language; of one variant, or of all."""
    names: set[str] = set()
    for one in [variant] if variant else pack.variant_names():
        if section := pack.section("template", language, one):
            names |= liquid_text.variables(section.text).used
    return frozenset(names)


def lacking(step: Step, pack: Pack, language: str) -> tuple[list[Lack], int]:
    """(who has no value for each variable of the text, how many people were looked at)."""
    names = sorted(n for n in used_in(pack, language) if facts_of.VARIABLES.get(n) is False)
    found = {name: Lack(name, fact_name(name)) for name in names}
    total = 0
    for candidate in islice(people(step).iterator(chunk_size=500), MOST_COUNTED):
        total += 1
        spoken = facts_of.choose_language(candidate.lead, pack.languages)
        values: Mapping[str, str] = collected(step, candidate, spoken).untrusted
        for name, lack in found.items():
            if name not in values:
                lack.count += 1
                if len(lack.people) < MOST_NAMED:
                    lack.people.append(candidate)
    return list(found.values()), total
