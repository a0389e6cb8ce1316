"""What campaigns add to the inbox: a filter by campaign."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext_lazy as _

from campaigns.models import Campaign, Candidate
from conversations.inbox.filters import MAX_CHOICES, Choices, Filter
from conversations.models import Conversation


def _choices() -> Choices:
    rows = Campaign.objects.order_by("-pk").values_list("pk", "name")[:MAX_CHOICES]
    return [(str(pk), name) for pk, name in rows]


def _narrow(rows: QuerySet[Conversation], value: str) -> QuerySet[Conversation]:
    if not value.isdecimal():
        return rows.none()
    return rows.filter(Exists(Candidate.objects.filter(lead=OuterRef("lead"), campaign=int(value))))


campaign_filter = Filter("campaign", _("Campaign"), _choices, _narrow)
