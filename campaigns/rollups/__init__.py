"""Rollups: the reports' numbers by day and by stage, kept up to date by what changed.

Triggers note the people whose messages, outcomes or company changed; each of them is counted again and the difference
is added. Everything can be counted again from the raw rows at any time. Reads nothing for pages: `campaigns.reports`.
"""
