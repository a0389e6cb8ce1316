"""Where the database is: `DATABASE_URL`, otherwise the embedded Postgres in the data directory."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict

EMBEDDED_NAME = "outreach"
EMBEDDED_USER = "outreach"
FORM = "postgresql://user:password@host:5432/name"
SESSION_KINDS = ("any", "read-write", "read-only", "primary", "standby", "prefer-standby")
WAITING = {
    "connect_timeout": "2",
    "keepalives_idle": "10",
    "keepalives_interval": "5",
    "keepalives_count": "3",
    "tcp_user_timeout": "10000",
}
"""A host that is gone is noticed within seconds; values of the URL win."""
_COMMON: dict[str, Any] = {
    "ENGINE": "django.db.backends.postgresql",
    "CONN_MAX_AGE": 60,
    "CONN_HEALTH_CHECKS": True,
    "TEST": {"TEMPLATE": "template0"},
}


def embedded_socket_directory(data_dir: Path) -> str | None:
    """The socket directory of the embedded server in `data_dir`, from its `postmaster.pid`; None when it is down."""
    try:
        lines = (data_dir / "postgres" / "postmaster.pid").read_text().splitlines()
        return lines[4] or None
    except (OSError, IndexError):
        return None


def settings(*, data_dir: Path) -> dict[str, Any]:
    """Django's `DATABASES["default"]`. An embedded server that is not running shows as a refused connection."""
    url = os.environ.get("DATABASE_URL", "")
    if not url:
        return _COMMON | {
            "NAME": EMBEDDED_NAME,
            "USER": EMBEDDED_USER,
            "HOST": embedded_socket_directory(data_dir) or str(data_dir / "postgres"),
            "OPTIONS": {"application_name": "outreach"},
        }
    return _COMMON | _server(parse(url))


def pooler() -> dict[str, Any]:
    """What the web server has in place of `settings` when `DATABASE_POOLER_URL` names a pooler; empty without one.

    A pooler that gives each transaction another connection (PgBouncer's transaction mode) keeps neither prepared
    statements nor cursors beyond it. Workers go past it: they listen for notifications and hold locks.
    """
    url = os.environ.get("DATABASE_POOLER_URL", "")
    return _server(parse(url, name="DATABASE_POOLER_URL")) | {"DISABLE_SERVER_SIDE_CURSORS": True} if url else {}


def replica() -> dict[str, Any]:
    """The entry of `DATABASES` for the replica that `DATABASE_REPLICA_URL` names, see `outreach.core.replica`; empty
    without one."""
    url = os.environ.get("DATABASE_REPLICA_URL", "")
    if not url:
        return {}
    server = _server(parse(url, name="DATABASE_REPLICA_URL", kind="prefer-standby"))
    return {"replica": {**_COMMON, **server, "TEST": {"MIRROR": "default"}}}


def _server(parts: dict[str, str]) -> dict[str, Any]:
    return {
        "NAME": parts.pop("dbname"),
        "USER": parts.pop("user", ""),
        "PASSWORD": parts.pop("password", ""),
        "HOST": parts.pop("host", ""),
        "PORT": parts.pop("port", ""),
        "OPTIONS": {"application_name": "outreach", **WAITING, **parts},
    }


def parse(url: str, *, name: str = "DATABASE_URL", kind: str = "read-write") -> dict[str, str]:
    """The parts of a URL in libpq's own form, which may name several hosts: `postgresql://u:p@one,two/name`.

    With several hosts one of `kind` is looked for, unless `target_session_attrs` says otherwise. Raises
    `SystemExit` with a sentence.
    """
    try:
        parts = {key: str(value) for key, value in conninfo_to_dict(url).items()}
    except psycopg.ProgrammingError as error:
        raise SystemExit(f"{name} cannot be read: {_first_line(error)}. Write it as {FORM}.") from None
    if not parts.get("dbname"):
        raise SystemExit(f"{name} names no database. Write it as {FORM}.")
    ports = parts.get("port", "").split(",")
    if any(port and not (port.isdecimal() and 0 < int(port) < 65_536) for port in ports):
        raise SystemExit(f"{name}: “{parts['port']}” is not a port. Write it as {FORM}.")
    hosts = parts.get("host", "").split(",")
    if len(ports) not in {1, len(hosts)}:
        raise SystemExit(f"{name} names {len(hosts)} hosts and {len(ports)} ports. Give each host its port.")
    if len(hosts) > 1:
        parts.setdefault("target_session_attrs", kind)
    kind = parts.get("target_session_attrs", "any")
    if kind not in SESSION_KINDS:
        raise SystemExit(f"{name}: target_session_attrs cannot be “{kind}”. Use one of {', '.join(SESSION_KINDS)}.")
    return parts


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0].rstrip(".")
