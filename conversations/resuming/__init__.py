"""Sending again after a restore: a person says who opted out meanwhile, and what was due goes to review."""
