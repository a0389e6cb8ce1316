"""E-mail over Amazon SES (API v2)."""
