"""What of leads and companies can be exported: filters in, a query out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet

from leads.models import Company, Lead
from leads.selectors import company_query, lead_query

LEAD_FILTERS = ("search", "country", "language", "title", "status", "tag", "batch", "company", "contact", "ids")
COMPANY_FILTERS = ("search", "country", "industry", "tag", "size", "ids")


def leads(parameters: Mapping[str, Any]) -> QuerySet[Lead]:
    """Leads by the filters of their list, or by `ids`."""
    return lead_query(**{name: parameters[name] for name in LEAD_FILTERS if parameters.get(name)})


def companies(parameters: Mapping[str, Any]) -> QuerySet[Company]:
    """Companies by the filters of their list."""
    return company_query(**{name: parameters[name] for name in COMPANY_FILTERS if parameters.get(name)})
