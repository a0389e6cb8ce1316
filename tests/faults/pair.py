"""Two real Postgres servers on this machine: a primary and its synchronous replica, to be killed and promoted.

The same binaries as the embedded server, listening on loopback ports. `url` names both, as an operator writes it.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
import psycopg

from outreach.database import EMBEDDED_NAME, EMBEDDED_USER
from outreach.ops.postgres import EmbeddedPostgres, find_binaries
from tests.ports import free_port

PATIENCE_SECONDS = 60
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "max_connections": "200",
    "shared_buffers": "64MB",
    "wal_level": "replica",
    "hot_standby": "on",
    "wal_keep_size": "256MB",
    "timezone": "UTC",
}


@dataclass
class Server:
    """One server in `directory`/postgres, on a port that it keeps."""

    directory: Path
    port: int = field(default_factory=free_port)
    settings: dict[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None

    def __post_init__(self) -> None:
        self.directory.mkdir(exist_ok=True)
        self.cluster = EmbeddedPostgres(self.directory)
        self.owner = self.cluster._owner()
        self.binaries = self.cluster._reachable(find_binaries(), self.owner)
        if self.owner:
            os.chown(self.directory, self.owner.pw_uid, self.owner.pw_gid)

    @property
    def data(self) -> Path:
        return self.cluster.cluster_dir

    def initialise(self) -> None:
        """An empty cluster."""
        self.cluster._initialise(self.binaries, self.owner)

    def copy_of(self, source: Server, *options: str) -> None:
        """The data of another server by pg_basebackup, whatever was here before."""
        shutil.rmtree(self.data, ignore_errors=True)
        self.run("pg_basebackup", "-h", "127.0.0.1", "-p", str(source.port), "-U", EMBEDDED_USER, "-D", str(self.data),
                 "-X", "stream", "-c", "fast", *options)  # fmt: skip

    def start(self) -> None:
        options = [f"--{key}={value}" for key, value in (SETTINGS | self.settings).items()]
        options += [f"--port={self.port}", f"--unix_socket_directories={self.directory}"]
        with (self.directory / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [str(self.binaries / "postgres"), "-D", str(self.data), *options],
                stdout=log, stderr=log, cwd="/", start_new_session=True, **EmbeddedPostgres._as_user(self.owner),
            )  # fmt: skip
        self.wait_until(lambda: self.ask("SELECT true", name="postgres"))

    def kill(self) -> None:
        """SIGKILL to the server and to everything that it started, as when a machine loses its power."""
        if self.process is not None:
            group = [self.process.pid, *(child.pid for child in psutil.Process(self.process.pid).children())]
            for pid in group:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            self.process.wait()
            self.process = None

    def run(self, program: str, *arguments: str) -> None:
        """One of Postgres' own programs, as the user who owns the data."""
        done = subprocess.run(
            [str(self.binaries / program), *arguments], capture_output=True, text=True, check=False, cwd="/",
            **EmbeddedPostgres._as_user(self.owner),
        )  # fmt: skip
        if done.returncode:
            raise RuntimeError(f"{program} failed: {done.stderr}")

    def promote(self) -> None:
        """Make a standby the primary; returns when it accepts writes."""
        self.ask("SELECT pg_promote()")
        self.wait_until(lambda: not self.ask("SELECT pg_is_in_recovery()"))

    def ask(self, query: str, *, name: str = EMBEDDED_NAME) -> Any:
        """The first value of the answer, in a connection of its own."""
        with psycopg.connect(
            host="127.0.0.1", port=self.port, dbname=name, user=EMBEDDED_USER, autocommit=True, connect_timeout=2
        ) as connection:
            row = connection.execute(query).fetchone()
        return row[0] if row else None

    def order(self, *statements: str) -> None:
        """Statements without an answer."""
        with psycopg.connect(
            host="127.0.0.1", port=self.port, dbname="postgres", user=EMBEDDED_USER, autocommit=True, connect_timeout=2
        ) as connection:
            for statement in statements:
                connection.execute(statement)

    def wait_until(self, holds: Callable[[], Any]) -> None:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            with contextlib.suppress(psycopg.Error):
                if holds():
                    return
            time.sleep(0.05)
        raise RuntimeError(f"waited in vain:\n{(self.directory / 'log').read_text(errors='replace')[-1500:]}")


class Pair:
    """A primary and a synchronous standby, which change places at each fail-over."""

    def __init__(self, directory: Path) -> None:
        self.primary, self.standby = Server(directory / "one"), Server(directory / "two")
        self.url = (
            f"postgresql://{EMBEDDED_USER}@127.0.0.1:{self.primary.port},127.0.0.1:{self.standby.port}/{EMBEDDED_NAME}"
            "?target_session_attrs=read-write"
        )

    def start(self) -> None:
        self.primary.initialise()
        self.primary.start()
        self.primary.order(f"CREATE DATABASE {EMBEDDED_NAME}")
        self.attach_standby()

    def attach_standby(self) -> None:
        """A fresh standby of the primary, without which no commit is told as done from then on."""
        self.stop_requiring_standby()
        self.standby.copy_of(self.primary, "-R")
        connection = f"host=127.0.0.1 port={self.primary.port} user={EMBEDDED_USER} application_name=standby"
        self.standby.settings = {"primary_conninfo": connection}
        self.standby.start()
        self.require_standby()

    def require_standby(self) -> None:
        self.primary.order("ALTER SYSTEM SET synchronous_standby_names = 'standby'", "SELECT pg_reload_conf()")
        self.primary.wait_until(
            lambda: self.primary.ask("SELECT bool_or(sync_state = 'sync') FROM pg_stat_replication", name="postgres")
        )

    def stop_requiring_standby(self) -> None:
        """What an operator does when the replica stays away."""
        self.primary.order("ALTER SYSTEM RESET synchronous_standby_names", "SELECT pg_reload_conf()")

    def fail_over(self) -> None:
        """The primary loses its power; the standby becomes the primary."""
        self.primary.kill()
        self.standby.promote()
        self.primary, self.standby = self.standby, self.primary

    def stop(self) -> None:
        for server in (self.primary, self.standby):
            server.kill()
