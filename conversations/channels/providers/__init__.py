"""E-mail through providers' HTTP APIs, by way of django-anymail: one copyable folder each, and what all of them share."""
