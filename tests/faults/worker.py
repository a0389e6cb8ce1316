"""A nursery of lane workers: loads the product once and forks a worker for each line that it reads, to be killed at will.

A line says by how many seconds the clock of that worker is wrong. Each worker sends what is due and reconciles, for
ever. A forked worker is at work within milliseconds, so that a kill strikes it while it sends and not while it starts.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from datetime import UTC, datetime, timedelta

import django


def work(parent: int) -> None:
    from django.db import DatabaseError, InterfaceError, connection

    from conversations.dispatch.reconciling import reconcile
    from conversations.dispatch.sending import send_due
    from outreach.core.errors import OutreachError

    while os.getppid() == parent:
        try:
            send_due(seconds=20)
            reconcile()
        except (DatabaseError, InterfaceError):
            connection.close()
            time.sleep(0.2)
        except OutreachError:
            time.sleep(0.5)
        time.sleep(0.05)


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "outreach.settings")
    django.setup()
    from conversations.channels import registry
    from conversations.dispatch import sending

    assert sending and registry.adapter("smtp") and registry.adapter("twilio")
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    nursery = os.getpid()
    for line in sys.stdin:
        pid = os.fork()
        if pid == 0:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            sys.stdin.close()
            if seconds := int(line):
                import time_machine

                time_machine.travel(datetime.now(UTC) + timedelta(seconds=seconds), tick=True).start()
            work(nursery)
            os._exit(0)
        sys.stdout.write(f"{pid}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
