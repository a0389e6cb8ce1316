"""All periodic work of the floor. Names, functions, intervals; nothing periodic exists outside these tables."""

from django.utils.translation import gettext_lazy as _

from outreach.jobs.schedules import Schedule

SCHEDULES: list[Schedule] = [
    Schedule("events.deliver", "outreach.events.tasks.deliver", 30, title=_("Deliver events within the product")),
    Schedule("ops.watch", "outreach.ops.tasks.watch", 60, title=_("Look for faults and alert")),
    Schedule(
        "notifications.forget",
        "outreach.notifications.tasks.forget_old",
        24 * 3600,
        title=_("Delete old notifications"),
    ),
    Schedule("notifications.look", "outreach.notifications.tasks.look", 300, title=_("Look for what to notify about")),
    Schedule("notifications.tell", "outreach.notifications.tasks.tell", 60, title=_("Send notifications")),
    Schedule("audit.seal", "outreach.core.tasks.seal_audit", 60, title=_("Seal the audit trail")),
    Schedule("api.prune", "outreach.core.tasks.prune_answers", 3600, title=_("Delete old API answers")),
    Schedule("events.prune", "outreach.events.tasks.prune", 3600, title=_("Delete old events")),
    Schedule("llm.prune", "outreach.llm.tasks.prune", 86_400, title=_("Delete old texts of model calls")),
    Schedule("llm.send_traces", "outreach.llm.tasks.send_traces", 60, title=_("Send traces of model calls")),
    Schedule("webhooks.deliver", "outreach.webhooks.tasks.deliver", 60, lane="web", title=_("Deliver webhooks")),
    Schedule(
        "webhooks.forget", "outreach.webhooks.tasks.forget_old", 6 * 3600, title=_("Delete old webhook deliveries")
    ),
    Schedule(
        "jobs.close_abandoned",
        "outreach.jobs.tasks.close_abandoned",
        60,
        title=_("Close jobs whose worker died every time"),
    ),
    Schedule("jobs.prune", "outreach.jobs.tasks.prune", 3600, title=_("Delete old jobs")),
    Schedule("backups.make", "outreach.backups.tasks.schedule", 900, title=_("Make backups")),
]
