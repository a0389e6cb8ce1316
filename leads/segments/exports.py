"""The leads of a segment as an export."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet
from django.db.models.expressions import RawSQL

from leads.models import Lead
from leads.segments import selectors
from leads.segments.models import Segment
from outreach.core.errors import Invalid


def segment(parameters: Mapping[str, Any]) -> QuerySet[Lead]:
    """Leads that fit the current version of the segment `segment`. Raises `Invalid` when there is none."""
    row = Segment.objects.filter(pk=parameters.get("segment") or 0).first()
    version = row.current if row else None
    if version is None:
        raise Invalid("segment", "This segment doesn't exist.", code="segment_unknown")
    return matching(version.criteria)


def matching(criteria: dict[str, Any]) -> QuerySet[Lead]:
    """Leads that match `criteria`, as a query that others compose with. Raises `Invalid`."""
    sql, values = selectors.lead_ids_query(criteria)
    names = _NAMED.findall(sql)
    ids = RawSQL(_NAMED.sub("%s", sql), [values[name] for name in names])  # noqa: S611  (the compiler's own SQL)
    return Lead.objects.filter(pk__in=ids)


_NAMED = re.compile(r"%\((\w+)\)s")
