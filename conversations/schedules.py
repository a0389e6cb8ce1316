"""All periodic work of this wing."""

from outreach.jobs.schedules import Schedule

SCHEDULES: list[Schedule] = [
    Schedule("mailboxes", "conversations.inbound.tasks.poll_mailboxes", every_seconds=60, lane="web"),
    Schedule("sandbox", "conversations.channels.sandbox.tasks.play_due", every_seconds=5),
]
