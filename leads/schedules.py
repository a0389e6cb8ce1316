"""All periodic work of this wing."""

from django.utils.translation import gettext_lazy as _

from leads.changes import FORGET_SECONDS
from outreach.jobs.schedules import Schedule

SCHEDULES: list[Schedule] = [
    Schedule(
        "imports.remove_old_files",
        "leads.imports.tasks.remove_old_files",
        6 * 3600,
        title=_("Delete old files of imports and exports"),
    ),
    Schedule(
        "imports.close_abandoned",
        "leads.imports.tasks.close_abandoned",
        300,
        title=_("Close imports whose process ended"),
    ),
    Schedule("insights.embed", "leads.insights.tasks.embed", 30, lane="llm", title=_("Compute vectors of people")),
    Schedule(
        "network.fill_gaps",
        "leads.sources.network.tasks.fill_gaps",
        15,
        lane="web",
        title=_("Read profiles found in the network"),
    ),
    Schedule(
        "segments.forget_titles",
        "leads.segments.tasks.forget_titles",
        FORGET_SECONDS,
        title=_("Forget unused positions"),
    ),
    Schedule("sources.refresh", "leads.sources.tasks.refresh", 300, lane="web", title=_("Repeat searches of sources")),
]
