"""Adds people who were picked from the list to a campaign."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from django.db import connection
from django.db.models import Exists, OuterRef
from django.db.models.expressions import RawSQL
from django.http import HttpRequest
from django.utils.translation import gettext_lazy

from campaigns.models import CANDIDATE, Campaign, Candidate
from conversations.consent.eligibility import suppressed_lead, ways_in_use
from leads.bulk import BulkAction, Parameters
from leads.models import Identity, Lead
from outreach.core import audit, clock, numbers
from outreach.core.errors import Invalid
from outreach.core.inserting import insert_of
from outreach.core.models import Actor
from outreach.core.words import gettext as _
from outreach.core.words import ngettext

MOST_CAMPAIGNS = 50


@dataclass(frozen=True)
class Added:
    """What became of the people: each of them counts once."""

    added: int = 0
    already: int = 0
    suppressed: int = 0
    unreachable: int = 0
    elsewhere: int = 0
    """Left out because another running campaign writes to them."""


def open_campaigns() -> list[Campaign]:
    """Campaigns with a fixed audience that are not over, newest first."""
    return list(Campaign.objects.live().filter(mode=Campaign.Mode.ONCE)[:MOST_CAMPAIGNS])


def add_people(*, campaign: Campaign, lead_ids: Sequence[int], actor: Actor, takes_busy: bool = False) -> Added:
    """Make candidates of these leads, whatever the campaign's segment says; matching the segment again keeps them.

    Left out and counted: who is in the campaign, opted out, has no address on the first step's channel, or is being
    written to by another running campaign (unless `takes_busy`). Raises `Invalid` for a campaign without steps.
    """
    first = campaign.steps.order_by("number").first()
    if first is None:
        raise Invalid("campaign", _("This campaign has no steps yet."))
    inside = Candidate.objects.filter(campaign=campaign).exclude(stage__in=CANDIDATE.removed)
    address = Identity.objects.filter(lead=OuterRef("pk"), channel=first.channel).exclude(
        status=Identity.Status.INVALID
    )
    suppressed = suppressed_lead("%s", '"leads_lead"."id"', ways=ways_in_use())
    busy = Candidate.objects.filter(lead=OuterRef("pk"), campaign__in=Campaign.objects.running())
    people = (
        Lead.objects.alive()
        .filter(pk__in=lead_ids)
        .annotate(
            is_inside=Exists(inside.filter(lead=OuterRef("pk"))),
            is_reachable=Exists(address),
            is_suppressed=RawSQL(suppressed, [first.channel] * suppressed.count("%s")),  # noqa: S611 - our own rule
            is_busy=Exists(busy.exclude(campaign=campaign).exclude(stage__in=CANDIDATE.ended)),
        )
        .values_list("pk", "is_inside", "is_suppressed", "is_reachable", "is_busy")
    )
    found: Counter[str] = Counter()
    wanted = []
    for pk, is_inside, is_suppressed, is_reachable, is_busy in people:
        if is_inside:
            found["already"] += 1
        elif is_suppressed:
            found["suppressed"] += 1
        elif not is_reachable:
            found["unreachable"] += 1
        elif is_busy and not takes_busy:
            found["elsewhere"] += 1
        else:
            wanted.append(pk)
    found["added"] = _insert(campaign, wanted)
    added = Added(**found)
    audit.record("campaign.people_added", subject=campaign, actor=actor, data=asdict(added))
    return added


def _insert(campaign: Campaign, lead_ids: Sequence[int]) -> int:
    """New candidates, and those who were excluded or evicted before are back: one statement."""
    now = clock.now()
    alike = {
        "campaign_id": campaign.pk,
        "stage": CANDIDATE.MATCHED if campaign.brief_id else CANDIDATE.QUALIFIED,
        "stage_reason": _("Added by hand."),
        "is_added_by_hand": True,
        "created_at": now,
        "updated_at": now,
    }
    insert, values = insert_of(Candidate, ["lead_id"], source="given", alike=alike)
    again = ", ".join(
        f"{name} = EXCLUDED.{name}" for name in ("stage", "stage_reason", "is_added_by_hand", "updated_at")
    )
    with connection.cursor() as cursor:
        cursor.execute(
            f"WITH given AS (SELECT unnest(%s::bigint[]) AS lead_id) {insert}"
            f" ON CONFLICT (campaign_id, lead_id) DO UPDATE SET {again}",
            [list(lead_ids), *values],
        )
    return len(lead_ids)


def _read(posted: Mapping[str, Any]) -> dict[str, Any]:
    number = str(posted.get("campaign-campaign") or "")
    if number not in {str(campaign.pk) for campaign in open_campaigns()}:
        raise Invalid("campaign-campaign", _("Choose a campaign."))
    return {"campaign": int(number), "takes_busy": bool(posted.get("campaign-busy"))}


def _apply(ids: Sequence[int], parameters: Parameters, actor: Actor) -> Counter[str]:
    campaign = Campaign.objects.get(pk=parameters["campaign"])
    return Counter(
        asdict(add_people(campaign=campaign, lead_ids=ids, actor=actor, takes_busy=parameters["takes_busy"]))
    )


def _sentence(counts: Counter[str], parameters: Parameters) -> str:
    campaign = Campaign.objects.get(pk=parameters["campaign"])
    text = ngettext(
        "%(count)s person added to “%(campaign)s”.", "%(count)s people added to “%(campaign)s”.", counts["added"]
    )
    sentences = [text % {"count": numbers.count(counts["added"]), "campaign": campaign}]
    reasons = {
        "already": _("already in it"),
        "suppressed": _("must not be contacted"),
        "unreachable": _("no usable address"),
        "elsewhere": _("in another running campaign"),
    }
    left = [f"{numbers.count(counts[name])} {reason}" for name, reason in reasons.items() if counts[name]]
    if left:
        sentences.append(_("Left out: %(reasons)s.") % {"reasons": ", ".join(left)})
    if counts["added"]:
        sentences.append(_("Open the campaign to have their texts written."))
    return " ".join(sentences)


def _context(_request: HttpRequest) -> dict[str, Any]:
    return {"campaigns": open_campaigns()}


ADD_TO_CAMPAIGN = BulkAction(
    name="campaign",
    label=gettext_lazy("Add to campaign"),
    icon="megaphone",
    template="campaigns/audience/_bulk_add.html",
    read=_read,
    apply=_apply,
    sentence=_sentence,
    context=_context,
)
