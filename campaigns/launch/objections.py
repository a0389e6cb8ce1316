"""What deliverability has against a launch, in sentences."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings

from campaigns.launch import recipients as services
from campaigns.models import Campaign
from conversations.senders import domains
from conversations.senders.deliverability import own_domains
from conversations.senders.deliverability.models import DomainCheck
from conversations.senders.models import Sender
from leads.models import Channel
from outreach.core import clock
from outreach.core.words import gettext as _
from outreach.core.words import ngettext


@dataclass(frozen=True)
class Objection:
    """`is_blocking`: the campaign does not start until it is fixed."""

    place: str
    text: str
    is_blocking: bool


def objections(campaign: Campaign, senders: list[Sender]) -> list[Objection]:
    """All of them, of domains and of recipients."""
    found = []
    seen: set[tuple[str, str]] = set()
    for sender in senders:
        key = (domains.domain_of(sender), domains.selector_of(sender))
        if sender.channel == Channel.EMAIL and not sender.is_simulated and key not in seen:
            seen.add(key)
            found += _of_domain(sender)
    return [*found, *_of_recipients(campaign)]


def _of_domain(sender: Sender) -> list[Objection]:
    domain = domains.domain_of(sender)
    if not own_domains.is_examined(domain):
        return []
    rows = domains.checks_of(sender)
    if not rows:
        return [
            Objection(
                "domain", _("%(domain)s has not been checked yet (SPF, DKIM, DMARC).") % {"domain": domain}, False
            )
        ]
    now = clock.now()
    return [
        Objection(
            "domain",
            _("%(domain)s, %(check)s: %(advice)s") % {"domain": domain, "check": row.label, "advice": row.advice},
            own_domains.forbids_launch(row, now),
        )
        for row in rows
        if row.verdict in (DomainCheck.Result.FAIL, DomainCheck.Result.WARN)
    ]


def _of_recipients(campaign: Campaign) -> list[Objection]:
    if campaign.mode == Campaign.Mode.DAILY or not campaign.audience_frozen_at or not services.writes_mail(campaign):
        return []
    found = services.last_survey(campaign)
    if found is None:
        return [Objection("recipients", _("Recipients' addresses have not been checked yet."), False)]
    most = settings.OUTREACH.preflight.max_bad_recipients_percent
    objections = []
    if found.bad_percent > most:
        objections.append(
            Objection(
                "recipients",
                _(
                    "%(bad)s of %(total)s addresses (%(percent).1f%%) don't accept mail, more than %(most)s%%. "
                    "Check the recipients."
                )
                % {"bad": found.no_mail, "total": found.total, "percent": found.bad_percent, "most": f"{most:g}"},
                True,
            )
        )
    for count, text in (
        (
            found.unknown,
            ngettext(
                "%(count)s recipient's domain didn't answer. Messages that cannot be delivered will be held.",
                "%(count)s recipients' domains didn't answer. Messages that cannot be delivered will be held.",
                found.unknown,
            ),
        ),
        (
            found.risky,
            ngettext(
                "%(count)s address is risky (role account or disposable domain).",
                "%(count)s addresses are risky (role accounts or disposable domains).",
                found.risky,
            ),
        ),
    ):
        if count:
            objections.append(Objection("recipients", text % {"count": count}, False))
    return objections
