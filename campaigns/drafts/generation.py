"""Write what is missing for the candidates of a campaign: resumable, in parallel when a model is asked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from itertools import islice

import structlog
from django.db import IntegrityError, connection, transaction

from campaigns.arms.services import asks_models, steps_to_write
from campaigns.drafts.models import DRAFT, Draft
from campaigns.drafts.workflow import Writer, Written, texts_before
from campaigns.models import CANDIDATE, Campaign, Candidate
from campaigns.steps.files import encoded_files
from campaigns.steps.models import Step
from campaigns.steps.senders import sender_id_of
from conversations.outbox.content import content_hash
from leads.insights import selectors as insights
from leads.insights.selectors import ForDrafts
from outreach.core.errors import OutreachError
from outreach.core.models import Actor
from outreach.core.words import gettext as _
from outreach.llm import configured
from outreach.llm.errors import Waiting
from outreach.llm.models import Trace
from outreach.llm.services import close_trace, close_traces
from outreach.prompts import rendering

ACTOR = Actor.system("drafts")
Receive = Callable[[list[Draft]], object]
"""Given new drafts, in the transaction that stores them: whose word decides on them."""
CHUNK = 200
CHUNK_BY_RULES = 50
COUNTED = 5_000
"""Up to so many candidates are looked at to say how many lack a text."""
AHEAD = 2
"""Candidates loaded for each one that a model is being asked about."""

logger = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Missing:
    """What one candidate still lacks: variants by step."""

    candidate: Candidate
    steps: tuple[tuple[Step, tuple[str, ...]], ...]


def missing(campaign: Campaign, *, only: Collection[int] | None = None) -> Iterator[Missing]:
    """Candidates without a text for some variant of some step, in the order of their ids.

    A step with an approved draft lacks nothing; a rejected draft is not written again. A lead in flight that keeps an
    earlier plan lacks nothing of the steps that were added since. Where an experiment compares the variants of a step,
    each person lacks only the one of their arm. `only` names the candidates to look at.
    """
    rows = campaign.steps.select_related("pack_version", "sender").order_by("number")
    steps = [step for step in rows if not step.is_task]
    wanted = {step.pk: rendering.pack_of(step.pack).variant_names() for step in steps}
    after = 0
    while True:
        found = campaign.candidates.filter(pk__gt=after, stage__in=CANDIDATE.writable, lead__erased_at=None)
        chunk = list(
            (found if only is None else found.filter(pk__in=only))
            .select_related("lead__company", "campaign")
            .prefetch_related("lead__identities")
            .order_by("pk")[:CHUNK]
        )
        if not chunk:
            return
        existing: dict[tuple[int, int], set[str]] = {}
        complete: set[tuple[int, int]] = set()
        drafts = Draft.objects.filter(candidate__in=chunk).current()
        for candidate_id, step_id, variant, state in drafts.values_list("candidate_id", "step_id", "variant", "state"):
            existing.setdefault((candidate_id, step_id), set()).add(variant)
            if state in DRAFT.final:
                complete.add((candidate_id, step_id))
        changed = steps_to_write(steps, chunk, written=existing)
        for candidate in chunk:
            lacking = []
            for step in steps:
                key = (candidate.pk, step.pk)
                theirs = changed.get(key, step)
                every = (theirs.only_variant,) if theirs.only_variant else wanted[step.pk]
                if theirs.own_text:
                    every = rendering.pack_of(theirs.pack).variant_names()
                names = tuple(v for v in every if v not in existing.get(key, set()))
                if names and key not in complete and step.as_of(candidate.plan_number) is not None:
                    lacking.append((theirs, names))
            if lacking:
                yield Missing(candidate, tuple(lacking))
        after = chunk[-1].pk


def missing_count(campaign: Campaign) -> int:
    """How many candidates lack a text; of a large campaign, which takes long to look through, how many may lack one."""
    found = campaign.candidates.filter(stage__in=CANDIDATE.writable, lead__erased_at=None).count()
    return found if found > COUNTED else sum(1 for _item in missing(campaign))


@dataclass(frozen=True)
class Texts:
    """What was written for one candidate and step, not stored yet."""

    candidate: Candidate
    step: Step
    written: list[Written]


def write(item: Missing, *, receive: Receive) -> tuple[int, str]:
    """Write and store what one candidate lacks: (number of drafts, problem). A fault of one step keeps the others."""
    trace = _trace_of(item)
    trace.save()
    count, problems = 0, list[str]()
    try:
        with configured.held():
            for texts in _compose(item, trace, problems):
                count += sum(_store([texts], receive).values())
    except Waiting as error:
        close_trace(trace, error=error.reason)
        raise
    _note_problem(item.candidate, trace, problems)
    close_trace(trace, error=trace.error)
    return count, trace.error


def write_by_rules(items: list[Missing], *, receive: Receive) -> list[tuple[int, str]]:
    """Write for many candidates without asking a model, and store their drafts together."""
    known = insights.for_drafts_to([item.candidate.lead for item in items])
    traces = [_trace_of(item) for item in items]
    Trace.objects.bulk_create(traces)
    found: list[Texts] = []
    with configured.held():
        for item, trace in zip(items, traces, strict=True):
            problems: list[str] = []
            found += _compose(item, trace, problems, quotes=known[item.candidate.lead_id])
            _note_problem(item.candidate, trace, problems)
    counts = _store(found, receive)
    close_traces(traces)
    return [(counts.get(item.candidate.pk, 0), trace.error) for item, trace in zip(items, traces, strict=True)]


def _trace_of(item: Missing) -> Trace:
    candidate, lead = item.candidate, item.candidate.lead
    return Trace(
        name="draft",
        campaign_id=candidate.campaign_id,
        lead_id=lead.pk,
        batch_id=lead.batch_id,
        session_key=lead.session_key,
    )


def _compose(item: Missing, trace: Trace, problems: list[str], *, quotes: ForDrafts | None = None) -> Iterator[Texts]:
    """The texts of each step in turn; `problems` says why some are missing."""
    texts = texts_before(item.candidate.pk, item.steps[0][0])
    for step, variants in item.steps:
        try:
            written = Writer(item.candidate, step, trace, previous=texts, quotes=quotes).write(variants)
        except Waiting:
            raise
        except OutreachError as error:
            problems.append(error.reason)
            continue
        texts = {w.variant: w.text for w in written}
        yield Texts(item.candidate, step, written)


def _note_problem(candidate: Candidate, trace: Trace, problems: list[str]) -> None:
    trace.error = " ".join(dict.fromkeys(problems))
    if candidate.problem != trace.error:
        Candidate.objects.filter(pk=candidate.pk).update(problem=trace.error)
        candidate.problem = trace.error


def _store(found: Sequence[Texts], receive: Receive) -> dict[int, int]:
    """Store new drafts and hand them to `receive`; how many there are, by candidate."""
    drafts = [draft for texts in found for draft in _drafts_of(texts)]
    if not drafts:
        return {}
    try:
        with transaction.atomic():
            Draft.objects.bulk_create(drafts)
            rows = Candidate.objects.filter(pk__in={texts.candidate.pk for texts in found})
            CANDIDATE.move_where(rows, "drafted", actor=ACTOR, sources=("qualified",))
            receive(drafts)
    except IntegrityError:  # another run wrote some of them meanwhile
        if len(found) > 1:
            return dict(sum((Counter(_store([texts], receive)) for texts in found), Counter[int]()))
        logger.info("drafts_exist", candidate=found[0].candidate.pk, step=found[0].step.pk)
        return {}
    return dict(Counter(draft.candidate_id for draft in drafts))


def _drafts_of(texts: Texts) -> list[Draft]:
    candidate, step = texts.candidate, texts.step
    address, sender_id = candidate.lead.address(step.channel), sender_id_of(candidate, step)
    files = encoded_files(step)
    drafts = [
        Draft(
            candidate=candidate,
            step=step,
            variant=w.variant,
            language=w.language,
            subject=w.text.subject,
            body=w.text.body,
            generated_subject=w.text.subject,
            generated_body=w.text.body,
            content_hash=content_hash(
                channel=step.channel,
                sender_id=sender_id,
                address=address,
                subject=w.text.subject,
                body=w.text.body,
                body_html="",
                enclosures=files,
            ),
            facts=list(w.facts),
            interaction=w.interaction,
            judgement=w.judgement.as_json(),
        )
        for w in texts.written
    ]
    for draft, w in zip(drafts, texts.written, strict=True):
        draft.take_report(w.report)
    return drafts


def run(campaign: Campaign, items: Iterable[Missing], *, receive: Receive) -> Iterator[tuple[Candidate, int, str]]:
    """Write all `items`, of which only a few are held at a time; yields (candidate, drafts, problem) as each is done.

    Raises `Waiting` when no model answers and the campaign would rather wait; what was written until then is stored.
    """
    steps = [step for step in campaign.steps.select_related("pack_version") if not step.is_task]
    routes = {rendering.pack_of(step.pack).route for step in steps}
    if not any(configured.uses_model(route) for route in routes) and not asks_models(steps):
        rest = iter(items)
        while chunk := list(islice(rest, CHUNK_BY_RULES)):
            with transaction.atomic():  # no model keeps it open; one commit for all of them instead of one for each row
                results = write_by_rules(chunk, receive=receive)
            for item, (count, problem) in zip(chunk, results, strict=True):
                yield item.candidate, count, problem
        return
    workers = configured.language_models().parallel_calls
    with ThreadPoolExecutor(max_workers=workers, thread_name_prefix="drafts") as pool:
        rest, pending = iter(items), dict[Future[tuple[int, str]], Candidate]()
        try:
            while True:
                for item in islice(rest, AHEAD * workers - len(pending)):
                    pending[pool.submit(_write_in_thread, item, receive)] = item.candidate
                if not pending:
                    return
                for future in wait(pending, return_when=FIRST_COMPLETED).done:
                    count, problem = future.result()
                    yield pending.pop(future), count, problem
        finally:
            for future in pending:
                future.cancel()


def _write_in_thread(item: Missing, receive: Receive) -> tuple[int, str]:
    try:
        return write(item, receive=receive)
    except Waiting:
        raise
    except Exception as error:
        logger.exception("draft_failed", candidate=item.candidate.pk)
        problem = _("The draft could not be written: %(error)s") % {"error": f"{type(error).__name__}: {error}"[:300]}
        Candidate.objects.filter(pk=item.candidate.pk).update(problem=problem)
        return 0, problem
    finally:
        connection.close()
