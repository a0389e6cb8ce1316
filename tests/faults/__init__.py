"""The fault suite: kill, cut and confuse while it sends, then count what arrived against what was approved."""
