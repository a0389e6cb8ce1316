"""E-mail over SendGrid's Web API v3."""
