"""Two records side by side: what is equal, what differs, what the merge would fill."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.translation import pgettext

from leads.duplicates.models import Duplicate, Reason
from leads.models import Company, Lead
from leads.names import country_name, language_name
from outreach.core.dates import written
from outreach.core.words import gettext as _


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
    """The fields that either of the two has, those that differ first."""
    if pair.low is None or pair.high is None:
        return []
    low, high = side(pair.low).facts, side(pair.high).facts
    found = [Line(label, low[label], high[label]) for label in low if low[label] or high[label]]
    return sorted(found, key=lambda line: line.is_equal)


def why(pair: Duplicate) -> str:
    """One sentence about what made the two look like one."""
    low, high = pair.low, pair.high
    if isinstance(low, Lead) and isinstance(high, Lead):
        return _why_people(pair.reason, low, high)
    if isinstance(low, Company) and isinstance(high, Company):
        return _why_companies(pair.reason, low, high)
    return _("One of the two is gone.")


def _why_people(reason: str, low: Lead, high: Lead) -> str:
    facts = {"low": low, "high": high, "company": low.company, "domain": _shared_domain(low, high)}
    match reason:
        case Reason.SAME_NAME_AND_COMPANY:
            text = _("Both are called %(low)s and work at %(company)s.")
        case Reason.SIMILAR_NAME_AND_COMPANY:
            text = _("“%(low)s” and “%(high)s” look like two spellings of one name, and both work at %(company)s.")
        case Reason.SAME_NAME_AND_DOMAIN:
            text = _("Both are called %(low)s and have an e-mail address at %(domain)s.")
        case Reason.TAGGED_ADDRESS:
            facts |= {"one": low.address("email"), "other": high.address("email")}
            text = _("%(one)s and %(other)s are the same mailbox: what follows the + is only a tag.")
        case _:
            text = _("Both are called %(low)s, and a list gives them the same address.")
    return text % facts


def _why_companies(reason: str, low: Company, high: Company) -> str:
    facts = {"low": low, "high": high, "domain": low.domain, "tax_id": low.tax_id}
    match reason:
        case Reason.SAME_DOMAIN:
            text = _("Both companies use the web domain %(domain)s.")
        case Reason.SAME_TAX_ID:
            text = _("Both have the tax id %(tax_id)s, written in two ways.")
        case _:
            text = _("“%(low)s” and “%(high)s” are one name apart from the legal form.")
    return text % facts


def _shared_domain(low: Lead, high: Lead) -> str:
    one, other = (
        {i.address.rpartition("@")[2] for i in lead.identities.all() if "@" in i.address} for lead in (low, high)
    )
    return min(one & other, default="")


def _date(value: datetime | None) -> str:
    return written(value, "d MMM y") if value else ""


def _lead(lead: Lead) -> dict[str, str]:
    return {
        pgettext("person", "Name"): lead.full_name,
        _("Title"): lead.title,
        _("Company"): lead.company.name if lead.company else "",
        _("Addresses"): ", ".join(sorted(row.address for row in lead.identities.all())),
        _("Country"): country_name(lead.country),
        _("City"): lead.city,
        _("Language"): language_name(lead.language),
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
        _("Country"): country_name(company.country),
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
