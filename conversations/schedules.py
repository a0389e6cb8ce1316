"""All periodic work of this wing."""

from outreach.jobs.schedules import Schedule

SCHEDULES: list[Schedule] = []
