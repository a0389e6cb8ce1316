"""Where the database is: `DATABASE_URL`, otherwise the embedded Postgres in the data directory."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

EMBEDDED_NAME = "outreach"
EMBEDDED_USER = "outreach"


def embedded_socket_directory(data_dir: Path) -> str | None:
    """The socket directory of the embedded server in `data_dir`, from its `postmaster.pid`; None when it is down."""
    try:
        lines = (data_dir / "postgres" / "postmaster.pid").read_text().splitlines()
        return lines[4] or None
    except (OSError, IndexError):
        return None


def settings(*, data_dir: Path) -> dict[str, Any]:
    """Django's `DATABASES["default"]`. An embedded server that is not running shows as a refused connection."""
    common: dict[str, Any] = {
        "ENGINE": "django.db.backends.postgresql",
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "TEST": {"TEMPLATE": "template0"},
    }
    url = os.environ.get("DATABASE_URL", "")
    if not url:
        return common | {
            "NAME": EMBEDDED_NAME,
            "USER": EMBEDDED_USER,
            "HOST": embedded_socket_directory(data_dir) or str(data_dir / "postgres"),
            "OPTIONS": {"application_name": "outreach"},
        }
    parts = urlsplit(url)
    if parts.scheme not in {"postgres", "postgresql"} or not parts.path.strip("/"):
        raise SystemExit("DATABASE_URL is not of the form postgresql://user:password@host:5432/name.")
    options = dict(parse_qsl(parts.query))
    host = options.pop("host", parts.hostname or "")
    return common | {
        "NAME": unquote(parts.path.strip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": host,
        "PORT": str(parts.port or ""),
        "OPTIONS": {"application_name": "outreach", **options},
    }
