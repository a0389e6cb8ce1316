"""A lane's worker as a process of its own, to be killed: sends what is due and reconciles, for ever."""

from __future__ import annotations

import os
import sys
import time

import django


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "outreach.settings")
    django.setup()
    from django.db import DatabaseError, InterfaceError, connection

    from conversations.delivery.services import reconcile, send_due

    parent = os.getppid()
    while os.getppid() == parent:
        try:
            send_due(seconds=20)
            reconcile()
        except (DatabaseError, InterfaceError) as error:
            sys.stderr.write(f"worker waits: {str(error).strip()[:120]}\n")
            connection.close()
            time.sleep(0.2)
        time.sleep(0.05)


if __name__ == "__main__":
    main()
