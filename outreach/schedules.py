"""All periodic work of the floor. Names, functions, intervals; nothing periodic exists outside these tables."""

from outreach.jobs.schedules import Schedule

SCHEDULES: list[Schedule] = [
    Schedule("events.deliver", "outreach.events.tasks.deliver", 30),
    Schedule("ops.watch", "outreach.ops.tasks.watch", 60),
    Schedule("notifications.forget", "outreach.notifications.tasks.forget_old", 24 * 3600),
    Schedule("notifications.look", "outreach.notifications.tasks.look", 300),
    Schedule("notifications.tell", "outreach.notifications.tasks.tell", 60),
    Schedule("audit.seal", "outreach.core.tasks.seal_audit", 60),
    Schedule("api.prune", "outreach.core.tasks.prune_answers", 3600),
    Schedule("events.prune", "outreach.events.tasks.prune", 3600),
    Schedule("llm.prune", "outreach.llm.tasks.prune", 86_400),
    Schedule("llm.send_traces", "outreach.llm.tasks.send_traces", 60),
    Schedule("webhooks.deliver", "outreach.webhooks.tasks.deliver", 60, lane="web"),
    Schedule("webhooks.forget", "outreach.webhooks.tasks.forget_old", 6 * 3600),
    Schedule("jobs.prune", "outreach.jobs.tasks.prune", 3600),
    Schedule("backups.make", "outreach.backups.tasks.schedule", 900),
]
