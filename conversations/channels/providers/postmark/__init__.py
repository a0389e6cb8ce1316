"""E-mail over Postmark's API."""
