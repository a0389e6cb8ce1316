"""The researchers by name, in the order of the setting."""

from __future__ import annotations

from django.conf import settings
from django.utils.module_loading import import_string

from leads.insights.research.base import Researcher

RESEARCHERS = {
    "website": "leads.insights.research.website.Website",
    "exa": "leads.insights.research.exa.Exa",
    "parallel": "leads.insights.research.parallel.Parallel",
    "anysite": "leads.insights.research.anysite.Anysite",
}


def researchers() -> list[Researcher]:
    """Those that `research.use` names. Modules are loaded now, not before."""
    return [import_string(RESEARCHERS[name])() for name in settings.OUTREACH.research.use]
