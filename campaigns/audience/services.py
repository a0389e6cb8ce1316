"""Use cases of candidates: freeze the audience, qualify, decide, exclude and restore."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from django.db import connection, transaction
from django.db.models import Q, TextField
from django.db.models.functions import Cast

from campaigns.audience import busy
from campaigns.drafts.services import generate
from campaigns.journey.leaving import supersede_drafts
from campaigns.models import CAMPAIGN, CANDIDATE, Campaign, Candidate
from conversations.consent.eligibility import suppressed_lead, ways_in_use
from conversations.models import Conversation
from leads.models import Lead
from leads.qualification import services as qualification
from leads.qualification.models import Verdict
from leads.qualification.selectors import summary
from leads.segments.selectors import count, lead_ids_query
from outreach.access.models import User
from outreach.core import audit, clock
from outreach.core.errors import Invalid, Refused
from outreach.core.models import Actor, AuditEntry
from outreach.core.words import gettext as _
from outreach.jobs.models import JOB, Job
from outreach.jobs.services import enqueue, start_job

AT_ONCE = 5_000
"""Segments up to this size are frozen while the person waits; larger ones by a job."""
ACTOR = Actor.system("qualification")
_STAGE_OF = {True: "qualified", False: "disqualified", None: "shortlisted"}
CHUNK = 100
"""Candidates judged between two reports of progress; small enough that a killed worker repeats seconds of work."""


@dataclass(frozen=True)
class Audience:
    """What one matching did. `matching` = in the campaign before or now + those kept out."""

    matching: int
    added: int
    suppressed: int
    """Kept out: opted out, bounced, or otherwise not to be written to."""
    unreachable: int
    """Kept out: no usable address on the channel of the first step."""
    evicted: int
    """Untouched candidates that no longer match."""
    elsewhere: int = 0
    """Kept out: in another running campaign, or contacted lately, and the campaign does not keep such people."""


_MATCH = """
WITH matching AS MATERIALIZED ({query}),
judged AS (
    SELECT m.id, {suppressed} AS is_suppressed, {is_busy} AS is_busy,
        EXISTS (
            SELECT 1 FROM leads_identity i
            WHERE i.lead_id = m.id AND i.channel = %(audience_channel)s AND i.status <> 'invalid'
        ) AS has_address
    FROM matching m
),
added AS (
    INSERT INTO campaigns_candidate (campaign_id, lead_id, stage, stage_reason, problem, created_at, updated_at)
    SELECT %(audience_campaign)s, id, %(audience_stage)s, %(audience_reason)s, '', %(audience_now)s, %(audience_now)s
    FROM judged WHERE has_address AND NOT is_suppressed AND NOT is_busy
    ON CONFLICT (campaign_id, lead_id) DO UPDATE
        SET stage = EXCLUDED.stage, stage_reason = EXCLUDED.stage_reason, updated_at = EXCLUDED.updated_at
        WHERE campaigns_candidate.stage = 'evicted'
    RETURNING 1
),
evicted AS (
    UPDATE campaigns_candidate c
    SET stage = 'evicted', stage_reason = %(audience_gone)s, updated_at = %(audience_now)s
    WHERE c.campaign_id = %(audience_campaign)s AND c.stage = ANY(%(audience_evictable)s) AND NOT c.is_added_by_hand
      AND NOT EXISTS (
          SELECT 1 FROM judged j
          WHERE j.id = c.lead_id AND j.has_address AND NOT j.is_suppressed AND NOT j.is_busy
      )
    RETURNING 1
)
SELECT count(*), (SELECT count(*) FROM added),
       count(*) FILTER (WHERE is_suppressed), count(*) FILTER (WHERE NOT is_suppressed AND NOT has_address),
       (SELECT count(*) FROM evicted), count(*) FILTER (WHERE is_busy AND has_address AND NOT is_suppressed)
FROM judged
"""


def freeze_audience(*, campaign: Campaign, actor: Actor) -> Audience:
    """Match the campaign's segment version now and add the matches; one statement at any size.

    Doing it again adds who matches since, and evicts untouched candidates (no draft yet) that match no longer.
    Without a brief everybody in the segment is qualified. Suppressed leads, leads without an address on the first step's
    channel and people who would hear from us twice (see `busy`) are kept out and counted. Raises `Refused` for a completed or archived campaign.
    """
    if campaign.state in CAMPAIGN.over:
        raise Refused(_("This campaign has ended, so its audience no longer changes."))
    first = campaign.steps.order_by("number").first()
    if first is None:
        raise Invalid("steps", _("A campaign needs at least one step before its audience can be frozen."))
    query, parameters = lead_ids_query(campaign.segment_version.criteria)
    suppressed = suppressed_lead("%(audience_channel)s", "m.id", ways=ways_in_use())
    with transaction.atomic():
        Campaign.objects.select_for_update().only("pk").get(pk=campaign.pk)
        with connection.cursor() as cursor:
            cursor.execute(
                _MATCH.format(query=query, suppressed=suppressed, is_busy=busy.IS_BUSY),
                {
                    **parameters,
                    **busy.parameters(campaign),
                    "audience_campaign": campaign.pk,
                    "audience_channel": first.channel,
                    "audience_stage": "matched" if campaign.brief_id else "qualified",
                    "audience_reason": "" if campaign.brief_id else _("No brief: everyone in the segment qualifies."),
                    "audience_gone": gone_reason(),
                    "audience_evictable": list(CANDIDATE.sources("evicted")),
                    "audience_now": clock.now(),
                },
            )
            row: Any = cursor.fetchone()
        audience = Audience(*row)
        campaign.audience_frozen_at = clock.now()
        campaign.audience_counts = asdict(audience)
        campaign.save(update_fields=["audience_frozen_at", "audience_counts", "updated_at"])
        audit.record("campaign.audience_frozen", subject=campaign, actor=actor, data=asdict(audience))
        enqueue("campaigns.launch.tasks.check_after_freeze", campaign.pk, lane="web")
    return audience


def keep_busy(*, campaign: Campaign, actor: Actor, started_by: User | None = None) -> Audience | Job | None:
    """Take people too who are in another running campaign or were contacted lately, and match again.

    None for a daily campaign, which takes them from its next run on.
    """
    with transaction.atomic():
        take_busy(campaign=campaign, actor=actor)
        if campaign.mode == Campaign.Mode.DAILY:
            return None
        return freeze_or_start(campaign=campaign, actor=actor, started_by=started_by)


@transaction.atomic
def take_busy(*, campaign: Campaign, actor: Actor) -> None:
    """From the next match on, take people too who are in another running campaign or were contacted lately."""
    campaign.keeps_busy = True
    campaign.save(update_fields=["keeps_busy", "updated_at"])
    audit.record("campaign.busy_kept", subject=campaign, actor=actor)


def gone_reason() -> str:
    """Why a candidate without a draft was taken out."""
    return _("No longer in the segment, or must not be contacted.")


def freeze_or_start(
    *, campaign: Campaign, actor: Actor, started_by: User | None = None, writes: bool = False
) -> Audience | Job:
    """Freeze the audience now if the segment is small, otherwise as a visible job.

    With `writes` what follows is started, now or at the end of that job: the brief's verdicts if there is a brief, and
    the drafts.
    """
    if campaign.state in CAMPAIGN.over:
        raise Refused(_("This campaign has ended, so its audience no longer changes."))
    if count(campaign.segment_version.criteria) <= AT_ONCE:
        audience = freeze_audience(campaign=campaign, actor=actor)
        if writes and audience.added:
            go_on(campaign=campaign, started_by=started_by)
        return audience
    return start_freeze(campaign=campaign, started_by=started_by, writes=writes)


def go_on(*, campaign: Campaign, started_by: User | None = None) -> None:
    """What follows a frozen audience: the brief's verdicts and then the drafts, or the drafts."""
    if campaign.brief is not None:
        qualify_candidates(campaign=campaign, started_by=started_by, writes=True)
    else:
        generate(campaign=campaign, started_by=started_by)


def start_freeze(*, campaign: Campaign, started_by: User | None = None, writes: bool = False) -> Job:
    """Freeze the audience as a job; one that runs already is returned as it is."""
    with transaction.atomic():
        Campaign.objects.select_for_update().only("pk").get(pk=campaign.pk)
        running = campaign.jobs().filter(kind="campaign.freeze").exclude(state__in=JOB.over).first()
        return running or start_job(
            kind="campaign.freeze",
            task="campaigns.audience.tasks.freeze",
            arguments={"campaign_id": campaign.pk, "writes": writes},
            subject=campaign,
            started_by=started_by,
        )


def qualify_candidates(*, campaign: Campaign, started_by: User | None = None, writes: bool = False) -> Job:
    """Judge all who wait for a verdict, and again those whose brief has changed since; the work runs as a job.

    With `writes` the drafts of those who qualify are written next.

    Raises `Refused` without a brief or before the audience is frozen.
    """
    if campaign.brief is None:
        raise Refused(_("This campaign has no brief, so everyone in its segment already qualifies."), code="no_brief")
    if not campaign.audience_frozen_at:
        raise Refused(_("Freeze the audience first: there are no candidates to qualify."), code="no_audience")
    return start_job(
        kind="campaign.qualify",
        task="campaigns.audience.tasks.qualify",
        arguments={"campaign_id": campaign.pk, "writes": writes},
        subject=campaign,
        started_by=started_by,
        lane="llm" if campaign.brief.use_model else "default",
    )


def take_everyone(*, campaign: Campaign, actor: Actor) -> int:
    """Drop the brief: everyone in the audience who was not removed and not drafted yet qualifies; how many moved.

    Raises `Refused` once the campaign is over.
    """
    if campaign.state in CAMPAIGN.over:
        raise Refused(_("This campaign has ended, so its audience no longer changes."))
    with transaction.atomic():
        campaign.brief = None
        campaign.save(update_fields=["brief", "updated_at"])
        reason = _("No brief: everyone in the segment qualifies.")
        rows = Candidate.objects.filter(campaign=campaign)
        moved = CANDIDATE.move_where(rows, "qualified", actor=actor, reason=reason, sources=CANDIDATE.undecided,
                                     changes={"stage_reason": reason})  # fmt: skip
        audit.record("campaign.brief_dropped", subject=campaign, actor=actor, data={"qualified": len(moved)})
    return len(moved)


def rejudge(*, campaign: Campaign, actor: Actor) -> Job | None:
    """The campaign has another brief: judge everyone again who was not written to, as a job; None without an audience.

    Whoever qualified without a brief waits for a verdict again, unless a person decided it.
    """
    if not campaign.audience_frozen_at or campaign.brief_id is None:
        return None
    one_by_one = AuditEntry.objects.filter(
        subject_type=Candidate._meta.label, action="candidate.qualified", actor_kind="user", data__has_key="from"
    )
    rows = Candidate.objects.filter(campaign=campaign, verdict=None).annotate(key=Cast("pk", TextField()))
    CANDIDATE.move_where(
        rows.exclude(key__in=one_by_one.values("subject_id")),
        "shortlisted",
        actor=actor,
        reason=_("The campaign has a brief now."),
        sources=(CANDIDATE.QUALIFIED,),
    )
    return qualify_candidates(campaign=campaign)


def apply_verdicts(candidates: Iterable[Candidate], verdicts: Iterable[Verdict]) -> Counter[str]:
    """Write each verdict's stage, score and reason to its candidate; candidates that have moved on are left alone.

    A verdict without an answer leaves its candidate shortlisted, for a person. Who has drafts already keeps them unless
    the verdict is no. Returns how many went to each stage.
    """
    by_lead = {verdict.lead_id: verdict for verdict in verdicts}
    groups: dict[tuple[str, str], list[Candidate]] = defaultdict(list)
    for candidate in candidates:
        if candidate.lead_id in by_lead:
            groups[candidate.stage, _stage_after(candidate.stage, by_lead[candidate.lead_id])].append(candidate)
    counts: Counter[str] = Counter()
    for (seen, stage), group in groups.items():
        with transaction.atomic():
            rows = Candidate.objects.filter(pk__in=[candidate.pk for candidate in group], stage=seen)
            if seen == stage:
                moved = set(rows.select_for_update().values_list("pk", flat=True))
            else:
                moved = set(CANDIDATE.move_where(rows, stage, actor=ACTOR))
            judged = [candidate for candidate in group if candidate.pk in moved]
            for candidate in judged:
                verdict = by_lead[candidate.lead_id]
                candidate.stage, candidate.stage_reason = stage, _summary(verdict)
                candidate.score, candidate.verdict, candidate.updated_at = verdict.score, verdict, clock.now()
                if seen == CANDIDATE.DRAFTED and stage != seen:
                    supersede_drafts(candidate, actor=ACTOR, reason=candidate.stage_reason)
            Candidate.objects.bulk_update(judged, ["stage_reason", "score", "verdict", "updated_at"])
        counts[stage] += len(judged)
    return counts


def _stage_after(seen: str, verdict: Verdict) -> str:
    if seen == CANDIDATE.DRAFTED and verdict.is_qualified is not False:
        return seen
    return _STAGE_OF[verdict.is_qualified]


def decide(*, candidate: Candidate, is_qualified: bool, user: User, reason: str = "") -> Candidate:
    """A person's verdict, which no rule or model overrides. Unsent texts of a disqualified candidate are superseded."""
    to = "qualified" if is_qualified else "disqualified"
    if candidate.stage == to:
        return candidate
    brief = candidate.campaign.brief
    reason = reason.strip() or _("Decided by %(user)s.") % {"user": user.get_username()}
    with transaction.atomic():
        changes: dict[str, Any] = {"stage_reason": reason}
        if brief is not None:
            verdict = qualification.decide(
                lead=candidate.lead, brief=brief, is_qualified=is_qualified, user=user, reason=reason
            )
            changes |= {"verdict": verdict, "score": verdict.score if verdict.score is not None else candidate.score}
        CANDIDATE.move(candidate, to, actor=Actor.of(user), changes=changes)
        if not is_qualified:
            supersede_drafts(candidate, actor=Actor.of(user), reason=reason)
    return candidate


def include(*, candidate: Candidate, actor: Actor, reason: str = "") -> Candidate:
    """Restore an excluded or evicted lead to its last verdict, or to matched if there is none."""
    with transaction.atomic():
        CANDIDATE.move(candidate, "matched", actor=actor, reason=reason, changes={"stage_reason": reason})
        verdict = candidate.verdict
        if candidate.campaign.brief_id is None or (verdict and verdict.is_qualified):
            CANDIDATE.move(candidate, "qualified", actor=actor, reason=reason)
        elif verdict and verdict.is_qualified is False:
            CANDIDATE.move(candidate, "disqualified", actor=actor, reason=reason)
    return candidate


def conversation_of(candidate: Candidate) -> Conversation | None:
    """The conversation with the candidate's lead, when there is one."""
    return Conversation.objects.filter(lead_id=candidate.lead_id).first()


def unjudged(campaign: Campaign) -> Any:
    """The candidates that `qualify_candidates` is about, in the order of their ids."""
    assert campaign.brief is not None
    outdated = (
        (Q(stage__in=CANDIDATE.judged) & ~Q(verdict=None) | Q(stage=CANDIDATE.DRAFTED))
        & ~Q(verdict__brief_hash=campaign.brief.content_hash)
        & ~Q(verdict__source=Verdict.Source.PERSON)
    )
    return campaign.candidates.filter(Q(stage__in=CANDIDATE.unjudged) | outdated).order_by("pk")


def judge(campaign: Campaign, candidates: list[Candidate], trace: Any) -> Counter[str]:
    """Verdicts for one chunk, applied. The verdicts themselves are stored by `leads.qualification`.

    Raises `Waiting` when no model answers and the campaign would rather wait; verdicts made until then are stored.
    """
    assert campaign.brief is not None
    leads = Lead.objects.select_related("company").filter(pk__in=[c.lead_id for c in candidates])
    return apply_verdicts(
        candidates,
        qualification.qualify(leads=leads, brief=campaign.brief, trace=trace, waits=campaign.waits_for_model),
    )


def _summary(verdict: Verdict) -> str:
    if not verdict.reasons:
        return _("Too little is known.") if verdict.is_qualified is None else ""
    return summary(verdict.reasons)
