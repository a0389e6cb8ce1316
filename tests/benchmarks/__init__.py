"""Speed and memory beside a limit or a rival measured in the same run. `make bench` prints and stores the table.

A module here has `def run(scale: int) -> list[Row]`; a time alone is never a result, only its ratio is.
"""

from __future__ import annotations

import os
from dataclasses import dataclass

os.environ.setdefault("OUTREACH_TESTS_DURABLE", "1")  # a commit that is not on disk is no measure


@dataclass
class Row:
    """One line of the table: what was measured, what it is compared with, and whether the target holds."""

    name: str
    measured: float
    unit: str
    reference: float
    ratio: float
    target: str
    holds: bool
