"""What time it is for sending: the database's clock, so that machines whose clocks differ agree on what is due.

A process that lives at another time (the demo world's past, tests that travel) takes its database session there; the
statements are the same.
"""

from __future__ import annotations

from datetime import datetime

from django.db import connection

from outreach.core import clock

_has_travelled = False
"""Whether a session of this process may have been told another time."""


def sql() -> str:
    """SQL for the current moment; the time of the statement, not of the transaction."""
    _take_session_along()
    return "outreach_now()"


def now() -> datetime:
    """The current moment, aware."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {sql()}")
        moment: datetime = cursor.fetchone()[0]
        return moment


def _take_session_along() -> None:
    global _has_travelled
    if not (clock.is_shifted() or _has_travelled):
        return
    _has_travelled = True
    connection.ensure_connection()
    at = clock.now().isoformat() if clock.is_shifted() else ""
    connection.connection.execute("SELECT set_config('outreach.now', %s, false)", [at])
