"""The schedule tables: what runs periodically, in code and read-only in the admin."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise


@dataclass(frozen=True)
class Schedule:
    """`task` (dotted name) runs every `every_seconds` on `lane`, once for each planned moment on any number of machines."""

    name: str
    task: str
    every_seconds: int
    lane: str = "default"
    title: str | Promise = ""
    """What it does, for people."""
