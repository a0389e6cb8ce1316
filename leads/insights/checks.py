"""System checks of this room."""

from __future__ import annotations

from typing import Any

from django.core.checks import CheckMessage, Tags, Warning, register  # noqa: A004 - Django's own name
from django.db import connections

from leads.insights.vector_extension import CONSEQUENCE, obstacle


@register(Tags.database)
def similar_leads_can_be_searched(databases: Any = None, **kwargs: Any) -> list[CheckMessage]:
    """Where the extension comes from, when the database server lacks it."""
    found = [obstacle(connections[alias]) for alias in databases or ()]
    return [Warning(CONSEQUENCE, hint=hint, id="outreach.W003") for hint in found if hint]
