"""The way into the outbox: recipient, content, hours and thread are checked before a row exists.

Sends nothing: `dispatch` does, and asks its own gate again.
"""
