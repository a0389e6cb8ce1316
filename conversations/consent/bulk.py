"""Excludes many people, or the domains of many companies, from outreach at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext_lazy

from conversations.consent.models import Suppression
from conversations.consent.services import Target, suppress, suppress_people
from leads.bulk import BulkAction, Parameters
from leads.models import Company, Lead
from outreach.core import numbers
from outreach.core.errors import Invalid
from outreach.core.models import Actor
from outreach.core.words import gettext as _
from outreach.core.words import ngettext

REASONS = (Suppression.Reason.MANUAL, Suppression.Reason.OPT_OUT)
"""What a person may give as the reason: their own decision, or that the people asked for it."""
LABELS = {
    Suppression.Reason.MANUAL: gettext_lazy("We decided not to contact them"),
    Suppression.Reason.OPT_OUT: gettext_lazy("They asked us not to"),
}


def _read(posted: Mapping[str, Any]) -> dict[str, Any]:
    reason = str(posted.get("exclude-reason") or "")
    if reason not in REASONS:
        raise Invalid("exclude-reason", _("Choose a reason."))
    return {"reason": reason, "note": str(posted.get("exclude-note") or "").strip()[:200]}


def _apply(ids: Sequence[int], parameters: Parameters, actor: Actor) -> Counter[str]:
    excluded = Suppression.objects.in_force().on("").filter(lead__in=ids).values_list("lead_id", flat=True)
    before = set(excluded)
    new = [pk for pk in ids if pk not in before]
    if parameters["reason"] == Suppression.Reason.MANUAL:
        suppress_people(new, actor=actor, evidence=parameters["note"])
    else:  # their own word closes their conversation and covers each of their addresses
        for lead in Lead.objects.filter(pk__in=new).order_by("pk"):
            suppress(Target(lead=lead), reason=parameters["reason"], actor=actor, evidence=parameters["note"])
    return Counter(excluded=len(ids) - len(before), before=len(before))


def _sentence(counts: Counter[str], parameters: Parameters) -> str:
    text = ngettext(
        "%(count)s person excluded from outreach; their planned messages are cancelled.",
        "%(count)s people excluded from outreach; their planned messages are cancelled.",
        counts["excluded"],
    ) % {"count": numbers.count(counts["excluded"])}
    if counts["before"]:
        text += " " + _("%(count)s were excluded already.") % {"count": numbers.count(counts["before"])}
    return text


def _apply_to_domains(ids: Sequence[int], parameters: Parameters, actor: Actor) -> Counter[str]:
    domains = list(Company.objects.filter(pk__in=ids).order_by("domain").values_list("domain", flat=True))
    wanted = sorted({domain for domain in domains if domain})
    before = set(Suppression.objects.in_force().filter(domain__in=wanted).values_list("domain", flat=True))
    for domain in wanted:
        if domain not in before:
            suppress(Target(domain=domain), reason=parameters["reason"], actor=actor, evidence=parameters["note"])
    return Counter(excluded=len(wanted) - len(before), before=len(before), without=domains.count(""))


def _told_of_domains(counts: Counter[str], parameters: Parameters) -> str:
    text = ngettext(
        "%(count)s domain excluded from outreach; messages planned to it are cancelled.",
        "%(count)s domains excluded from outreach; messages planned to them are cancelled.",
        counts["excluded"],
    ) % {"count": numbers.count(counts["excluded"])}
    if counts["before"]:
        text += " " + _("%(count)s were excluded already.") % {"count": numbers.count(counts["before"])}
    if counts["without"]:
        none = ngettext(
            "%(count)s company has no domain; exclude its people instead.",
            "%(count)s companies have no domain; exclude their people instead.",
            counts["without"],
        )
        text += " " + none % {"count": numbers.count(counts["without"])}
    return text


def _context(_request: HttpRequest) -> dict[str, Any]:
    return {"reasons": [(reason.value, LABELS[reason]) for reason in REASONS]}


EXCLUDE = BulkAction(
    name="exclude",
    label=gettext_lazy("Exclude from outreach"),
    icon="shield",
    template="conversations/consent/_bulk_exclude.html",
    read=_read,
    apply=_apply,
    sentence=_sentence,
    context=_context,
)
EXCLUDE_DOMAIN = replace(
    EXCLUDE, label=gettext_lazy("Exclude domain"), apply=_apply_to_domains, sentence=_told_of_domains
)
