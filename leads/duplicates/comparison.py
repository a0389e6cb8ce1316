"""Two records side by side: what is equal, what differs, what the merge would fill."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from leads.duplicates.models import Duplicate
from leads.models import Company, Lead


@dataclass(frozen=True)
class Line:
    """One field of both. `is_equal` when nothing has to be decided."""

    label: str
    low: str
    high: str

    @property
    def is_equal(self) -> bool:
        return self.low == self.high

    @property
    def is_conflict(self) -> bool:
        return bool(self.low and self.high and self.low != self.high)


@dataclass(frozen=True)
class Side:
    """One of the two."""

    record: Lead | Company
    url: str
    facts: dict[str, str]


def side(record: Lead | Company) -> Side:
    if isinstance(record, Lead):
        return Side(record, reverse("leads:detail", args=[record.pk]), _lead(record))
    return Side(record, reverse("companies:detail", args=[record.pk]), _company(record))


def lines(pair: Duplicate) -> list[Line]:
    """The fields that either of the two has."""
    if pair.low is None or pair.high is None:
        return []
    low, high = side(pair.low).facts, side(pair.high).facts
    return [Line(label, low[label], high[label]) for label in low if low[label] or high[label]]


def _date(value: Any) -> str:
    return f"{value:%Y-%m-%d}" if value else ""


def _lead(lead: Lead) -> dict[str, str]:
    return {
        _("Name"): lead.full_name,
        _("Title"): lead.title,
        _("Company"): lead.company.name if lead.company else "",
        _("Addresses"): ", ".join(sorted(row.address for row in lead.identities.all())),
        _("Country"): lead.country,
        _("City"): lead.city,
        _("Language"): lead.language,
        _("Status"): lead.status,
        _("Tags"): ", ".join(lead.tags),
        _("Origin"): lead.source,
        _("Id at the source"): lead.external_id,
        _("Last contacted"): _date(lead.last_contacted_at),
        _("Last replied"): _date(lead.last_replied_at),
        _("Added"): _date(lead.created_at),
    }


def _company(company: Company) -> dict[str, str]:
    return {
        _("Name"): company.name,
        _("Web domain"): company.domain,
        _("Country"): company.country,
        _("City"): company.city,
        _("Industry"): company.industry,
        _("Employees"): company.employees,
        _("Tax id"): company.tax_id,
        _("Registration number"): company.registration_number,
        _("Phone"): company.phone,
        _("Tags"): ", ".join(company.tags),
        _("Origin"): company.source,
        _("People"): str(company.leads.alive().count()),
        _("Added"): _date(company.created_at),
    }
