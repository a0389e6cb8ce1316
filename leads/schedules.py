"""All periodic work of this wing."""

from outreach.jobs.schedules import Schedule

SCHEDULES: list[Schedule] = [
    Schedule("sources.refresh", "leads.sources.tasks.refresh", 300, lane="web"),
]
