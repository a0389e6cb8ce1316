"""All periodic work of the floor. Names, functions, intervals; nothing periodic exists outside these tables."""

from outreach.jobs.schedules import Schedule

SCHEDULES: list[Schedule] = []
