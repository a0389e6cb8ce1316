"""Saved reports: views under a name, links that others may open for a while, and reports that come by themselves."""
