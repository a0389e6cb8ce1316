"""Who is told what in this wing: event kind → dotted functions, each idempotent, each given the event."""

SUBSCRIPTIONS: dict[str, list[str]] = {
    "message.event": ["conversations.senders.subscribers.on_message_event"],
}
