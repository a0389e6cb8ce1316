"""The features of the cheap score: SQL over `l` (leads_lead) and its left-joined `c` (leads_company), each 0 to 1.

They are cheap on purpose: no text is read as a whole and no table besides these two and the addresses is looked at.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from outreach.core.states import Text

FROM = "leads_lead l LEFT JOIN leads_company c ON c.id = l.company_id"
_HIGH = (
    r"\y(ceo|cto|cfo|coo|cmo|cio|chief|founder|owner|president|partner|vp|vice president|head|director)\y"
    "|директор|руководитель|основатель|владелец|начальник|глава"
)


@dataclass(frozen=True)
class Feature:
    label: Text
    condition: str
    """SQL that is true, false or unknown; unknown counts as false."""

    @property
    def sql(self) -> str:
        return f"(CASE WHEN {self.condition} THEN 1 ELSE 0 END)"


FEATURES: dict[str, Feature] = {
    "decision_maker": Feature(_("Decides (by title)"), f"l.title_key ~ '{_HIGH}'"),
    "described": Feature(_("Has a description"), "l.description <> ''"),
    "company_known": Feature(_("Company known"), "l.company_id IS NOT NULL"),
    "company_researched": Feature(_("Company researched"), "c.research_text <> ''"),
    "small_company": Feature(_("Up to 50 employees"), "c.employee_count <= 50"),
    "large_company": Feature(_("More than 250 employees"), "c.employee_count > 250"),
    "replied_before": Feature(_("Replied before"), "l.last_replied_at IS NOT NULL"),
    "contacted_before": Feature(_("Contacted before"), "l.last_contacted_at IS NOT NULL"),
    "address_checked": Feature(
        _("Address checked"),
        "EXISTS (SELECT 1 FROM leads_identity i WHERE i.lead_id = l.id AND i.status = 'valid')",
    ),
}
"""Name → feature. A name is stored with weights and histories: never give it another meaning."""

MOST_DAYS = 90.0
"""No feature is worth more than a quarter of a year."""


def bonus(days: Mapping[str, float]) -> tuple[str, dict[str, float]]:
    """SQL of what a lead gets on top of its rank, in days, and its parameters."""
    names = [name for name in FEATURES if days.get(name)]
    parts = [f"%(weight_{name})s::float * {FEATURES[name].sql}" for name in names]
    return " + ".join(parts) or "0", {f"weight_{name}": float(days[name]) for name in names}


def spread(days: Mapping[str, float]) -> float:
    """How many days the best possible lead gains over the worst."""
    return sum(abs(value) for name, value in days.items() if name in FEATURES)
