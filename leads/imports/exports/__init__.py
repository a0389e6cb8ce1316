"""Leads and companies out as CSV or JSON: scopes, stored exports, downloads."""
