"""The one place that asks what time it is. Pure code is given `now` and never imports this."""

from datetime import datetime

from django.utils import timezone


def now() -> datetime:
    """The current time, aware, in UTC."""
    return timezone.now()
