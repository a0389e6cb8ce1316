"""All periodic work of this wing."""

from outreach.jobs.schedules import Schedule

SCHEDULES: list[Schedule] = [
    Schedule("deliverability.mail_domains", "conversations.senders.deliverability.tasks.look_up_domains", 60, "web"),
    Schedule("dispatch.reconcile", "conversations.dispatch.tasks.reconcile", 20),
    Schedule("dispatch.send_email", "conversations.dispatch.tasks.send_due_email", 2, "email"),
    Schedule("dispatch.send_network", "conversations.dispatch.tasks.send_due_network", 10, "web"),
    Schedule("dispatch.send_sms", "conversations.dispatch.tasks.send_due_sms", 2, "sms"),
    Schedule("inbound.feedback", "conversations.inbound.tasks.sweep_feedback", 900, "web"),
    Schedule("inbound.wake_stored", "conversations.inbound.tasks.wake_stored", 60),
    Schedule("mailboxes", "conversations.inbound.tasks.poll_mailboxes", every_seconds=60, lane="web"),
    Schedule("memory.fade", "conversations.memory.tasks.fade", 3600),
    Schedule("network.work", "conversations.network.tasks.work", 10, "web"),
    Schedule("replies.take_up", "conversations.replies.tasks.take_up_due", 60),
    Schedule("senders.domains", "conversations.senders.tasks.examine_domains", 600, "web"),
    Schedule("senders.health", "conversations.senders.tasks.judge_senders", 300),
]
