"""Base models, state tables, audit trail, typed errors, clock, hashing, addresses and secrets.

Everything above may import this room; it imports no other room.
"""
