"""Recovery to a point in time, tried on a real server: archived log, base backup, a mistake, and back to before it.

python -m pytest -m slow tests/faults/test_point_in_time.py
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from outreach.database import EMBEDDED_NAME, EMBEDDED_USER
from tests.faults.forces import ROOT
from tests.faults.pair import Server

pytestmark = pytest.mark.slow
PAUSE = (
    "INSERT INTO backups_restore (backup, taken_at, restored_at, confirmed_by, note)"
    " VALUES ('point in time', '{at}', now(), '', '')"
)
ADD = (
    "INSERT INTO access_user (username, password, email, role, is_active, is_staff, is_superuser, first_name, last_name, date_joined,"
    " language, time_zone, is_email_confirmed, theme) SELECT '{name}' || n, '', '', 'viewer', true, false, false, '', '', now(),"
    " 'en', 'UTC', true, '' FROM generate_series(1, {count}) n"
)


def manage(server, *arguments):
    url = f"postgresql://{EMBEDDED_USER}@127.0.0.1:{server.port}/{EMBEDDED_NAME}"
    environment = {**os.environ, "DATABASE_URL": url, "OUTREACH_DATA_DIR": str(server.directory.parent / "data")}
    done = subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout + done.stderr


@pytest.mark.timeout(280)
def test_everything_until_the_moment_before_a_mistake_comes_back_and_nothing_is_sent():
    folder = Path(tempfile.mkdtemp(prefix="outreach-pitr-"))
    folder.chmod(0o755)
    archive = Server(folder / "archive").directory  # owned by who runs Postgres
    first = Server(folder / "first")
    first.settings = {"archive_mode": "on", "archive_command": f"test ! -f {archive}/%f && cp %p {archive}/%f"}
    second = Server(folder / "second")
    try:
        first.initialise()
        first.start()
        first.order(f"CREATE DATABASE {EMBEDDED_NAME}")
        assert "Traceback" not in manage(first, "migrate", "-v0")
        _run(first, ADD.format(name="before", count=100))
        second.copy_of(first)
        _run(first, ADD.format(name="after", count=50))
        moment = first.ask("SELECT clock_timestamp()")
        time.sleep(0.2)
        _run(first, "DELETE FROM access_user WHERE username LIKE 'before%'")
        first.ask("SELECT pg_switch_wal()")
        first.wait_until(
            lambda: first.ask(
                "SELECT last_archived_wal IS NOT NULL AND last_archived_time > now() - interval '1 minute' FROM pg_stat_archiver"
            )
        )
        assert first.ask("SELECT count(*) FROM access_user") == 50
        first.kill()

        began = time.monotonic()
        second.settings = {
            "restore_command": f"cp {archive}/%f %p",
            "recovery_target_time": moment.isoformat(),
            "recovery_target_action": "promote",
        }
        (second.data / "recovery.signal").touch()
        second.start()
        second.wait_until(lambda: not second.ask("SELECT pg_is_in_recovery()"))
        print(f"recovered in {time.monotonic() - began:.1f} s")
        assert second.ask("SELECT count(*) FROM access_user") == 150
        assert not _is_held(second)
        _run(second, PAUSE.format(at=moment.isoformat()))
        assert _is_held(second)
    finally:
        first.kill()
        second.kill()
        subprocess.run(["rm", "-rf", str(folder)], check=False)


def _is_held(server):
    """As a person sees it."""
    return "true" in next(
        line for line in manage(server, "sending", "status").lower().splitlines() if "is_held" in line
    )


def _run(server, statement):
    server.ask(f"WITH done AS ({statement} RETURNING 1) SELECT count(*) FROM done")
