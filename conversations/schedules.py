"""All periodic work of this wing."""

from outreach.jobs.schedules import Schedule

SCHEDULES: list[Schedule] = [
    Schedule("deliverability.mail_domains", "conversations.deliverability.tasks.look_up_domains", 60, "web"),
    Schedule("delivery.reconcile", "conversations.delivery.tasks.reconcile", 20),
    Schedule("delivery.send_email", "conversations.delivery.tasks.send_due_email", 2, "email"),
    Schedule("delivery.send_network", "conversations.delivery.tasks.send_due_network", 10, "web"),
    Schedule("delivery.send_sms", "conversations.delivery.tasks.send_due_sms", 2, "sms"),
    Schedule("inbound.feedback", "conversations.inbound.tasks.sweep_feedback", 900, "web"),
    Schedule("inbound.wake_stored", "conversations.inbound.tasks.wake_stored", 60),
    Schedule("mailboxes", "conversations.inbound.tasks.poll_mailboxes", every_seconds=60, lane="web"),
    Schedule("network.work", "conversations.channels.network.tasks.work", 10, "web"),
    Schedule("senders.domains", "conversations.senders.tasks.examine_domains", 600, "web"),
    Schedule("senders.health", "conversations.senders.tasks.judge_senders", 300),
]
