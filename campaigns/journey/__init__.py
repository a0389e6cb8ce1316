"""One candidate's way through the steps: what comes next, when, and how it is handed to the outbox.

Sends nothing itself: `conversations.dispatch` does, and asks its own gate.
"""
