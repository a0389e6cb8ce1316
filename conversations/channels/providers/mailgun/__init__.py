"""E-mail over Mailgun's API."""
