"""A segment of people who were picked by hand: they get a tag of its name, and the segment is everyone who has it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext_lazy

from leads import services as leads
from leads.bulk import BulkAction, Parameters
from leads.segments.models import Segment
from leads.segments.services import save_segment
from outreach.access.models import User
from outreach.core import numbers
from outreach.core.errors import Invalid
from outreach.core.models import Actor
from outreach.core.words import gettext as _

MAX_NAME = 80


def _read(posted: Mapping[str, Any]) -> dict[str, Any]:
    name = " ".join(str(posted.get("segment-name") or "").split())[:MAX_NAME]
    if not name:
        raise Invalid("segment-name", _("Enter a name for the segment."))
    if Segment.objects.filter(name=name).exists():
        raise Invalid("segment-name", _("A segment called “%(name)s” already exists.") % {"name": name})
    return {"name": name}


def _apply(ids: Sequence[int], parameters: Parameters, actor: Actor) -> Counter[str]:
    name = parameters["name"]
    tag = " ".join(name.lower().replace(",", " ").replace(";", " ").replace("|", " ").split())
    leads.tag_leads(lead_ids=ids, actor=actor, add=[tag])
    if not Segment.objects.filter(name=name).exists():
        save_segment(
            name=name,
            criteria={"all": [{"field": "lead.tags", "operator": "has_tag", "value": tag}]},
            created_by=User.objects.filter(pk=actor.user_id or 0).first(),
        )
    return Counter(people=len(ids))


def _sentence(counts: Counter[str], parameters: Parameters) -> str:
    return _("Segment “%(name)s” created with %(count)s people.") % {
        "name": parameters["name"],
        "count": numbers.count(counts["people"]),
    }


SEGMENT = BulkAction(
    name="segment",
    label=gettext_lazy("Make a segment"),
    icon="filter",
    template="leads/segments/_bulk.html",
    read=_read,
    apply=_apply,
    sentence=_sentence,
)
