"""django-q2's broker on our own table: one-statement claim by priority and time, attempts counted at claim."""

from __future__ import annotations

from typing import Any

from django.db import connection
from django_q.brokers import Broker


class LaneBroker(Broker):
    """Rows of `jobs_queueitem`; a lane is one queue."""

    @staticmethod
    def get_connection(list_key: str | None = None) -> Any:
        return connection

    def ping(self) -> bool:
        return True
