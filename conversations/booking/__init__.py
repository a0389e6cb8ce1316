"""Booked calls: who, when, and whether it took place.

They come from booking pages (Cal.com, Calendly) by signed webhook, and from answers to invitations. What follows for a
conversation is decided in `conversations.inbound`; this room only knows the call.
"""
