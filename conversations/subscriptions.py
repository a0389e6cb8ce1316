"""Who is told what in this wing: event kind → dotted functions, each idempotent, each given the event."""

SUBSCRIPTIONS: dict[str, list[str]] = {
    "lead.merged": ["conversations.merging.on_lead_merged"],
    "lead.unmerged": ["conversations.merging.on_lead_unmerged"],
    "message.event": ["conversations.senders.subscribers.on_message_event"],
}
