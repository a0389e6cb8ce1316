"""E-mail over Resend's API."""
