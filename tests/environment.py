"""The test session: a real embedded Postgres (unless DATABASE_URL names one) and no network but loopback."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Any

import pytest

os.environ.setdefault("LOG_LEVEL", "CRITICAL")
os.environ.setdefault("SECRET_KEY", "tests-only-secret-key-that-protects-nothing")
os.environ.setdefault("OUTREACH_CONFIG", os.devnull)
os.environ.setdefault("OUTREACH_DATA_DIR", tempfile.mkdtemp(prefix="outreach-tests-"))
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")  # the tests themselves run side by side

_server: Any = None


def _start_postgres() -> None:
    global _server
    if os.environ.get("DATABASE_URL"):
        return
    from outreach.ops.postgres import EmbeddedPostgres

    directory = Path(os.environ["OUTREACH_DATA_DIR"])
    directory.chmod(0o755)
    _server = EmbeddedPostgres(data_dir=directory, is_durable=os.environ.get("OUTREACH_TESTS_DURABLE") == "1")
    _server.start()
    os.environ["DATABASE_URL"] = _server.url


_start_postgres()


def stop_postgres() -> None:
    """Stop the server and forget its data."""
    if _server is not None:
        import shutil

        _server.stop()
        shutil.rmtree(_server.data_dir, ignore_errors=True)


def pytest_unconfigure(config: pytest.Config) -> None:
    stop_postgres()
