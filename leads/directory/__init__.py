"""The directory of leads and companies: their pages, API, console and commands.

Rules live in `leads.services` and `leads.selectors`; here they are only shown and called.
"""
