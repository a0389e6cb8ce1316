"""An append-only file of what a test server took: outlives the server, may be read while it is written."""

from __future__ import annotations

import json
import threading
import time
from pathlib import Path
from typing import Any


class Journal:
    """One JSON object a line; `path=None` keeps the lines in memory only."""

    def __init__(self, path: Path | None = None) -> None:
        self.path = path
        self.rows: list[dict[str, Any]] = read(path) if path else []
        self._lock = threading.Lock()
        self._file = path.open("ab", buffering=0) if path else None

    def append(self, **row: Any) -> dict[str, Any]:
        row = {"at": time.time(), **row}
        with self._lock:
            self.rows.append(row)
            if self._file:
                self._file.write(json.dumps(row).encode() + b"\n")
        return row

    def clear(self) -> None:
        with self._lock:
            self.rows.clear()

    def close(self) -> None:
        if self._file:
            self._file.close()


def read(path: Path) -> list[dict[str, Any]]:
    """All whole lines of the journal at `path`; a line cut by a kill is left out."""
    if not path.exists():
        return []
    rows = []
    for line in path.read_bytes().split(b"\n"):
        try:
            rows.append(json.loads(line))
        except ValueError:
            continue
    return rows
