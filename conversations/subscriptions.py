"""This wing's subscriptions: event kind → dotted functions, each idempotent and given the event."""

SUBSCRIPTIONS: dict[str, list[str]] = {
    "lead.changed": [
        "conversations.network.subscribers.lead_changed",
        "conversations.replies.subscribers.on_lead_changed",
    ],
    "lead.erased": ["conversations.erasing.on_lead_erased"],
    "lead.merged": ["conversations.merging.on_lead_merged", "conversations.network.subscribers.lead_merged"],
    "lead.unmerged": [
        "conversations.merging.on_lead_unmerged",
        "conversations.network.subscribers.lead_unmerged",
    ],
    "message.event": ["conversations.senders.subscribers.on_message_event"],
    "message.sent": ["conversations.network.subscribers.message_sent"],
    "network.contact_seen": ["conversations.network.subscribers.contact_seen"],
    "network.stopped": ["conversations.network.subscribers.account_stopped"],
}
