"""What time it is for delivery: the database's clock, so that machines whose clocks differ agree on what is due.

Tests that travel in time let the process's clock stand in (`USE_DATABASE_CLOCK = False`).
"""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import connection

from outreach.core import clock


def sql() -> str:
    """SQL for the current moment; the time of the statement, not of the transaction."""
    if settings.USE_DATABASE_CLOCK and not clock.is_shifted():
        return "statement_timestamp()"
    return f"'{clock.now().isoformat()}'::timestamptz"


def now() -> datetime:
    """The current moment, aware."""
    if not settings.USE_DATABASE_CLOCK or clock.is_shifted():
        return clock.now()
    with connection.cursor() as cursor:
        cursor.execute("SELECT statement_timestamp()")
        moment: datetime = cursor.fetchone()[0]
        return moment
