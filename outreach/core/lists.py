"""Data files: word lists and tables that lie beside the room that reads them, in its `data/`.

A list has one entry a line; empty lines and lines that start with "#" are comments, and the first of them say where
the entries come from and of which date they are.
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any


def read_list(path: Path) -> tuple[str, ...]:
    """The entries of a list in their order. Read once, when the module that uses it is imported."""
    lines = (line.strip() for line in path.read_text(encoding="utf-8").splitlines())
    return tuple(line for line in lines if line and not line.startswith("#"))


def read_table(path: Path) -> dict[str, Any]:
    """A TOML file: sections of entries where a list is not enough."""
    with path.open("rb") as file:
        return tomllib.load(file)
