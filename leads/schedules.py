"""All periodic work of this wing."""

from leads.changes import FORGET_SECONDS
from outreach.jobs.schedules import Schedule

SCHEDULES: list[Schedule] = [
    Schedule("imports.remove_old_files", "leads.imports.tasks.remove_old_files", 6 * 3600),
    Schedule("insights.embed", "leads.insights.tasks.embed", 30, lane="llm"),
    Schedule("network.fill_gaps", "leads.sources.network.tasks.fill_gaps", 15, lane="web"),
    Schedule("segments.forget_titles", "leads.segments.tasks.forget_titles", FORGET_SECONDS),
    Schedule("sources.refresh", "leads.sources.tasks.refresh", 300, lane="web"),
]
