"""The web server through PgBouncer in transaction mode, where each transaction may run on another connection."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from pathlib import Path
from threading import Thread

import psycopg
import pytest
from django.db import connection, connections, transaction

from outreach import database
from outreach.access.models import User
from outreach.core.statements import fetch_one
from tests.ports import free_port

PROGRAM = shutil.which("pgbouncer", path="/usr/sbin:/usr/bin:/usr/local/bin:/usr/local/sbin")


@pytest.fixture
def pooler(monkeypatch, transactional_db):
    """Two connections to the server for any number of clients; the address is in the environment."""
    connection.ensure_connection()
    info, port = connection.connection.info, free_port()
    folder = Path(tempfile.mkdtemp(prefix="outreach-pooler-"))
    folder.chmod(0o755)
    password = f" password={info.password}" if info.password else ""
    (folder / "pgbouncer.ini").write_text(
        f"[databases]\nweb = host={info.host} port={info.port} dbname={info.dbname} user={info.user}{password}\n"
        f"[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =\nauth_type = any\n"
        "pool_mode = transaction\ndefault_pool_size = 2\nmin_pool_size = 2\nserver_round_robin = 1\n"
    )
    owner = Path(info.host).stat().st_uid if info.host.startswith("/") else 65_534
    as_user = {"user": owner or 65_534} if os.geteuid() == 0 else {}
    process = subprocess.Popen([PROGRAM, "-q", str(folder / "pgbouncer.ini")], **as_user)
    monkeypatch.setenv("DATABASE_POOLER_URL", f"postgresql://{info.user}@127.0.0.1:{port}/web")
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        try:
            psycopg.connect(host="127.0.0.1", port=port, dbname="web", user=info.user).close()
            break
        except psycopg.OperationalError:
            time.sleep(0.05)
    yield
    process.terminate()
    process.wait(10)
    shutil.rmtree(folder)


def in_web_server(work):
    """Run `work` in a thread whose connection is the web server's; returns what it raised."""
    raised = []

    def run():
        own = connections["default"]
        own.settings_dict = {**own.settings_dict, **database.pooler()}
        try:
            work()
        except Exception as error:
            raised.append(error)
        finally:
            own.close()

    thread = Thread(target=run)
    thread.start()
    thread.join(30)
    return raised


def read_and_write():
    """The same reads again and again, each in a transaction of its own, with another between them."""
    User.objects.bulk_create(User(username=f"user{number}") for number in range(5))
    for number in range(12):
        assert fetch_one("SELECT count(*) FROM access_user WHERE id > %(id)s", {"id": number - 100}) == (5,)
        assert len(list(User.objects.iterator(chunk_size=2))) == 5
        with transaction.atomic():
            User.objects.filter(username="user1").update(first_name=str(number))
            assert User.objects.select_for_update().get(username="user1").first_name == str(number)


@pytest.mark.skipif(PROGRAM is None, reason="pgbouncer is not installed")
def test_requests_work_on_connections_that_change_under_them(pooler):
    assert in_web_server(read_and_write) == []


def test_without_a_pooler_nothing_changes(monkeypatch):
    monkeypatch.delenv("DATABASE_POOLER_URL", raising=False)
    assert database.pooler() == {}


def test_a_mistake_in_its_address_is_told_with_its_name(monkeypatch):
    monkeypatch.setenv("DATABASE_POOLER_URL", "postgresql://one:port/outreach")
    with pytest.raises(SystemExit, match="DATABASE_POOLER_URL: “port” is not a port"):
        database.pooler()
