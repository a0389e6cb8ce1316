"""Who is told what in this wing: event kind → dotted functions, each idempotent, each given the event."""

SUBSCRIPTIONS: dict[str, list[str]] = {
    "conversation.booked": ["campaigns.subscribers.on_conversation_booked"],
    "draft.approved": ["campaigns.subscribers.on_draft_approved"],
    "lead.changed": ["campaigns.candidates.subscribers.on_lead_changed"],
    "lead.created": ["campaigns.candidates.subscribers.on_lead_changed"],
    "lead.erased": ["campaigns.erasing.on_lead_erased", "campaigns.demo.sandbox.subscribers.on_lead_erased"],
    "lead.merged": ["campaigns.merging.on_lead_merged"],
    "lead.opted_out": ["campaigns.subscribers.on_lead_opted_out"],
    "lead.qualified": ["campaigns.subscribers.on_lead_qualified"],
    "lead.unmerged": ["campaigns.merging.on_lead_unmerged"],
    "message.event": ["campaigns.subscribers.on_message_event"],
    "message.sent": ["campaigns.subscribers.on_message_sent"],
    "network.connected": ["campaigns.subscribers.on_network_connected"],
    "reply.read": ["campaigns.subscribers.on_reply_read"],
}
