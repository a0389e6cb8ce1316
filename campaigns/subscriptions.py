"""This wing's subscriptions: event kind → dotted functions, each idempotent and given the event."""

SUBSCRIPTIONS: dict[str, list[str]] = {
    "brief.changed": ["campaigns.audience.subscribers.on_brief_changed"],
    "call.ended": ["campaigns.reactions.subscribers.on_call_ended"],
    "conversation.booked": ["campaigns.reactions.subscribers.on_conversation_booked"],
    "lead.changed": ["campaigns.audience.subscribers.on_lead_changed"],
    "lead.created": ["campaigns.audience.subscribers.on_lead_changed"],
    "lead.erased": ["campaigns.reactions.erasing.on_lead_erased", "campaigns.demo.sandbox.subscribers.on_lead_erased"],
    "lead.merged": ["campaigns.reactions.merging.on_lead_merged"],
    "lead.opted_out": ["campaigns.reactions.subscribers.on_lead_opted_out"],
    "lead.qualified": ["campaigns.reactions.subscribers.on_lead_qualified"],
    "lead.unmerged": ["campaigns.reactions.merging.on_lead_unmerged"],
    "message.event": ["campaigns.reactions.subscribers.on_message_event"],
    "message.sent": ["campaigns.reactions.subscribers.on_message_sent"],
    "network.connected": ["campaigns.reactions.subscribers.on_network_connected"],
    "reply.read": ["campaigns.reactions.subscribers.on_reply_read"],
}
