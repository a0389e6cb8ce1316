"""All periodic work of this wing."""

from django.utils.translation import gettext_lazy as _

from outreach.jobs.schedules import Schedule

SCHEDULES: list[Schedule] = [
    Schedule(
        "deliverability.mail_domains",
        "conversations.senders.deliverability.tasks.look_up_domains",
        60,
        "web",
        title=_("Look up recipients' mail domains"),
    ),
    Schedule(
        "dispatch.reconcile", "conversations.dispatch.tasks.reconcile", 20, title=_("Settle what carriers reported")
    ),
    Schedule(
        "dispatch.send_email", "conversations.dispatch.tasks.send_due_email", 2, "email", title=_("Send due e-mails")
    ),
    Schedule(
        "dispatch.send_network",
        "conversations.dispatch.tasks.send_due_network",
        10,
        "web",
        title=_("Send due network messages"),
    ),
    Schedule(
        "dispatch.send_sms", "conversations.dispatch.tasks.send_due_sms", 2, "sms", title=_("Send due text messages")
    ),
    Schedule(
        "inbound.feedback",
        "conversations.inbound.tasks.sweep_feedback",
        900,
        "web",
        title=_("Fetch reports of providers"),
    ),
    Schedule(
        "inbound.wake_stored", "conversations.inbound.tasks.wake_stored", 60, title=_("Handle stored incoming events")
    ),
    Schedule(
        "mailboxes",
        "conversations.inbound.tasks.poll_mailboxes",
        every_seconds=60,
        lane="web",
        title=_("Read the mailboxes"),
    ),
    Schedule("memory.fade", "conversations.memory.tasks.fade", 3600, title=_("Let old memories fade")),
    Schedule(
        "network.work", "conversations.network.tasks.work", 10, "web", title=_("Work through the network accounts")
    ),
    Schedule(
        "replies.take_up", "conversations.replies.tasks.take_up_due", 60, title=_("Take up conversations that are due")
    ),
    Schedule(
        "senders.domains",
        "conversations.senders.tasks.examine_domains",
        600,
        "web",
        title=_("Check the senders' domains"),
    ),
    Schedule("senders.health", "conversations.senders.tasks.judge_senders", 300, title=_("Judge the senders' health")),
]
