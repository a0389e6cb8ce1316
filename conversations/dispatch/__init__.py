"""The way out: claim, gate, send, record, reconcile, and explain why something has not left.

The only room that calls an adapter's `send`.
"""
