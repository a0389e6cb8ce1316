"""Check a campaign's recipients: look up domains, remove dead addresses, count the rest."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from typing import Any

from django.db import connection, transaction

from campaigns.journey.leaving import exclude
from campaigns.models import CANDIDATE, Campaign, Candidate
from conversations.channels import registry
from conversations.senders.deliverability import services as domains
from conversations.senders.deliverability.models import MailDomain
from conversations.senders.verification import services as verification
from conversations.senders.verification.leadmagic import configured
from leads import changes
from leads.models import Channel, Identity
from outreach.access.models import User
from outreach.core import audit, clock
from outreach.core.errors import Refused
from outreach.core.models import Actor
from outreach.core.words import gettext as _
from outreach.jobs.models import Job
from outreach.jobs.services import advance, start_job

OPEN = CANDIDATE.not_contacted
"""Stages of candidates that nothing was sent to yet."""
MAX_DOMAINS = 20_000
"""Looked up in one check, those with most recipients first; the rest is looked up when it is planned."""
LOOKED_UP_AT_ONCE = 16
MAX_VERIFIED = 5_000
"""Mailboxes that one check asks about; the next one goes on with the others."""
ACTOR = Actor.system("preflight")


@dataclass(frozen=True)
class Survey:
    """Recipients of a campaign that nothing was sent to yet, by what is known of their address; a person counts once."""

    good: int = 0
    unknown: int = 0
    """Nobody answered for the domain, or it was not looked up."""
    risky: int = 0
    """Role accounts, disposable domains and other addresses marked as risky."""
    no_mail: int = 0
    """The domain takes no mail: they would bounce."""
    unreachable: int = 0
    """No usable address left."""
    excluded: int = 0
    """Taken out by this check."""
    verified: int = 0
    """Mailboxes that a verifier was asked about by this check."""
    not_there: int = 0
    """Of these, mailboxes that do not exist."""
    note: str = ""
    """Why the verifier was not asked about all of them."""
    checked_at: str = ""

    @property
    def total(self) -> int:
        return self.good + self.unknown + self.risky + self.no_mail

    @property
    def bad_percent(self) -> float:
        """Share of those who would be written to that are known to bounce."""
        return 100 * self.no_mail / self.total if self.total else 0.0


_ADDRESSED = """
    SELECT c.id, c.lead_id, a.id AS identity_id, a.status, a.status_reason, a.updated_at, a.domain, d.status AS domain_status
    FROM campaigns_candidate c
    LEFT JOIN LATERAL (
        SELECT i.id, i.status, i.status_reason, i.updated_at, split_part(i.address, '@', 2) AS domain FROM leads_identity i
        WHERE i.lead_id = c.lead_id AND i.channel = 'email' AND i.status <> 'invalid'
        ORDER BY NOT i.is_primary, i.id LIMIT 1
    ) a ON true
    LEFT JOIN deliverability_maildomain d ON d.domain = a.domain
    WHERE c.campaign_id = %(campaign)s AND c.stage = ANY(%(stages)s)
"""


def survey(campaign: Campaign) -> Survey:
    """Count the open recipients by what is known now, without any lookups."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT count(*) FILTER (WHERE domain_status = 'found' AND status <> 'risky'),
                count(*) FILTER (WHERE identity_id IS NOT NULL AND status <> 'risky'
                    AND coalesce(domain_status, 'waiting') IN ('waiting', 'unknown')),
                count(*) FILTER (WHERE status = 'risky' AND domain_status IS DISTINCT FROM 'no_mail'),
                count(*) FILTER (WHERE domain_status = 'no_mail'),
                count(*) FILTER (WHERE identity_id IS NULL)
            FROM ({_ADDRESSED}) addressed
            """,  # noqa: S608 - put together from constants
            {"campaign": campaign.pk, "stages": list(OPEN)},
        )
        good, unknown, risky, no_mail, unreachable = cursor.fetchone()
    return Survey(good, unknown, risky, no_mail, unreachable, checked_at=clock.now().isoformat())


def last_survey(campaign: Campaign) -> Survey | None:
    """What the last check counted; None when the audience changed since or was never checked."""
    kept = campaign.audience_counts.get("recipients")
    return Survey(**kept) if kept else None


def writes_mail(campaign: Campaign) -> bool:
    """Whether any step of the campaign is an e-mail."""
    return campaign.steps.filter(channel=Channel.EMAIL).exists()


def verifier_label(campaign: Campaign) -> str:
    """The verifier for the campaign's mailboxes; empty if there is none."""
    adapters = set(campaign.steps.filter(channel=Channel.EMAIL).values_list("sender__adapter", flat=True))
    found = verification.simulated() if adapters.intersection(registry.simulated()) else configured()
    return found.label if found else ""


def start_check(*, campaign: Campaign, started_by: User | None = None, verifies: bool = False) -> Job:
    """Check the recipients as a visible job; `verifies` also asks a paid service about the mailboxes. Raises `Refused` for a campaign without e-mail or without an audience."""
    if not writes_mail(campaign):
        raise Refused(_("This campaign sends no e-mail, so there are no mail domains to check."), code="no_email")
    if not campaign.candidates.filter(stage__in=OPEN).exists():
        raise Refused(_("The audience is empty. Freeze it first."), code="no_audience")
    return start_job(
        kind="campaign.check_recipients",
        task="campaigns.launch.tasks.check_recipients",
        arguments={"campaign_id": campaign.pk, "verifies": verifies},
        subject=campaign,
        started_by=started_by,
        lane="web",
    )


def check_recipients(*, campaign: Campaign, job: Job | None = None, verifies: bool = False) -> Survey:
    """Look up the domains of all open recipients, remove dead addresses, exclude those without any left, and count.

    An address at a domain that takes no mail becomes invalid with the reason; another address of the same person is
    used instead where there is one. With `verifies` the mailboxes at domains that take mail are asked for too, within
    the day's budget. Idempotent; a killed check is simply run again.
    """
    _put_dead_aside(campaign, job)
    tally = _verify(campaign, job) if verifies else verification.Tally()
    excluded = _exclude_unreachable(campaign)
    found = replace(survey(campaign), excluded=excluded, verified=tally.asked, not_there=tally.invalid, note=tally.note)
    with transaction.atomic():
        row = Campaign.objects.select_for_update().get(pk=campaign.pk)
        row.audience_counts = {**row.audience_counts, "recipients": asdict(found)}
        row.save(update_fields=["audience_counts", "updated_at"])
    campaign.audience_counts = row.audience_counts
    return found


def _put_dead_aside(campaign: Campaign, job: Job | None) -> None:
    _look_up(campaign, job)
    while dead := _mark_dead(campaign):
        _look_up(campaign, job)  # the second addresses of those whose first one is dead
        audit.record("campaign.addresses_put_aside", subject=campaign, actor=ACTOR, data={"count": dead})


def _verify(campaign: Campaign, job: Job | None) -> verification.Tally:
    """Verify the mailboxes that would be used; if one does not exist, the person's next one."""
    total = verification.Tally()
    while identity_ids := _unverified(campaign, MAX_VERIFIED - total.asked):
        if job is not None:
            advance(job, 0, len(identity_ids))
        tally = verification.verify_identities(
            identity_ids=identity_ids, progress=(lambda done: advance(job, done)) if job is not None else None
        )
        total += tally
        if not tally.invalid or tally.note or total.asked >= MAX_VERIFIED:
            break
        _put_dead_aside(campaign, job)
    if total.invalid:
        audit.record("campaign.mailboxes_put_aside", subject=campaign, actor=ACTOR, data={"count": total.invalid})
    return total


def _unverified(campaign: Campaign, limit: int) -> list[int]:
    """The addresses that would be used, at domains that accept mail, without a recent verdict."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT identity_id FROM ({_ADDRESSED}) addressed
            WHERE domain_status = 'found' AND status = 'unknown' AND (status_reason = '' OR updated_at < %(before)s)
            ORDER BY id LIMIT %(limit)s
            """,  # noqa: S608 - put together from constants
            {"campaign": campaign.pk, "stages": list(OPEN), "before": verification.recheck_before(), "limit": limit},
        )
        return [pk for (pk,) in cursor.fetchall()]


def _look_up(campaign: Campaign, job: Job | None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT domain FROM ({_ADDRESSED}) addressed WHERE domain IS NOT NULL"  # noqa: S608 - constants
            " GROUP BY domain ORDER BY count(*) DESC LIMIT %(limit)s",
            {"campaign": campaign.pk, "stages": list(OPEN), "limit": MAX_DOMAINS},
        )
        names = [name for (name,) in cursor.fetchall()]
    domains.note_domains(names)
    now = clock.now()
    rows = list(MailDomain.objects.filter(domain__in=names, next_look_at__lte=now))
    if job is not None:
        advance(job, 0, len(rows))
    with ThreadPoolExecutor(LOOKED_UP_AT_ONCE, thread_name_prefix="dns") as pool:
        for done, (row, answer) in enumerate(pool.map(domains.ask, rows), start=1):
            domains.keep_answer(row, answer)
            if job is not None and done % 50 == 0:
                advance(job, done)


def _mark_dead(campaign: Campaign) -> int:
    """Invalidate the addresses that would be used and whose domain doesn't accept mail; returns how many."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            UPDATE leads_identity i SET status = %(invalid)s, updated_at = now(),
                status_reason = format(%(reason)s, addressed.domain)
            FROM ({_ADDRESSED}) addressed
            WHERE i.id = addressed.identity_id AND addressed.domain_status = 'no_mail'
            RETURNING i.lead_id
            """,  # noqa: S608 - put together from constants
            {
                "campaign": campaign.pk,
                "stages": list(OPEN),
                "invalid": Identity.Status.INVALID.value,
                "reason": _("The domain %s doesn't accept mail."),
            },
        )
        lead_ids = [pk for (pk,) in cursor.fetchall()]
    changes.record(lead_ids)
    return len(lead_ids)


def _exclude_unreachable(campaign: Campaign) -> int:
    if campaign.steps.exclude(channel=Channel.EMAIL).exists():
        return 0  # another channel may still reach them
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT id FROM ({_ADDRESSED}) addressed WHERE identity_id IS NULL",  # noqa: S608 - constants
            {"campaign": campaign.pk, "stages": list(OPEN)},
        )
        ids = [pk for (pk,) in cursor.fetchall()]
    for candidate in Candidate.objects.filter(pk__in=ids).select_related("campaign__stream", "lead").iterator(500):
        exclude(candidate=candidate, actor=ACTOR, reason=_("None of its e-mail addresses accept mail."))
    return len(ids)


def describe(found: Survey) -> dict[str, Any]:
    """A survey as API and command line show it."""
    return {**asdict(found), "total": found.total, "bad_percent": round(found.bad_percent, 1)}
