"""What of the product one machine runs, and what an earlier run of the same selection left behind."""

from __future__ import annotations

import contextlib
import os
import signal
from dataclasses import dataclass
from pathlib import Path

import psutil

from outreach.core.errors import Permanent
from outreach.jobs.policy import LANES

LANE_PARTS = {"lane-web" if lane == "web" else lane: lane for lane in LANES}
"""The lane that fetches pages has the name of the web server."""
PARTS = ("web", "workers", *LANE_PARTS)


@dataclass(frozen=True)
class Selection:
    """What of the product this machine runs: `web`, `workers` (all lanes) or named lanes; the clock goes with lanes."""

    parts: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for part in self.parts:
            if part not in PARTS:
                raise Permanent(f"Unknown part “{part}”. Use --only with one of {', '.join(PARTS)}.")

    @property
    def has_web(self) -> bool:
        return not self.parts or "web" in self.parts

    @property
    def lanes(self) -> tuple[str, ...]:
        if not self.parts or "workers" in self.parts:
            return LANES
        return tuple(lane for part, lane in LANE_PARTS.items() if part in self.parts)

    @property
    def name(self) -> str:
        """Distinguishes the files of several selections in one data directory."""
        return "-".join(("children", *sorted(self.parts)))


def sweep_leftovers(data_dir: Path, selection: Selection) -> int:
    """End the sessions of a supervisor that was killed; pids that were reused since are left alone."""
    count = 0
    with contextlib.suppress(FileNotFoundError):
        for line in (data_dir / selection.name).read_text().splitlines():
            pid, _, created = line.partition(" ")
            with contextlib.suppress(psutil.NoSuchProcess, ProcessLookupError, PermissionError):
                if abs(psutil.Process(int(pid)).create_time() - float(created)) < 0.01:
                    os.killpg(int(pid), signal.SIGKILL)
                    count += 1
    return count
