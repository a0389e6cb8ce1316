"""Sequences: the steps of a campaign, and how an approved draft becomes a planned message at its right time.

Sends nothing itself: `conversations.dispatch` does, and asks its own gate.
"""
