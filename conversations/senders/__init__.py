"""Sending accounts: credentials, caps, working hours, verification."""
