"""Streams and the outbox: plan, claim, gate, send, record, reconcile, explain."""
