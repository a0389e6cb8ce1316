"""Attached files: stored once by content, checked on upload. Knows no campaign and no carrier."""
