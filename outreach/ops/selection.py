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


def sweep_leftovers(data_dir: Path, selection: Selection) -> list[int]:
    """End the sessions of a supervisor that was killed; pids that were reused since are left alone.

    Returns the processes' numbers. Raises `Permanent` while that supervisor still runs.
    """
    try:
        supervisor, *children = (data_dir / selection.name).read_text().splitlines()
    except (FileNotFoundError, ValueError):
        return []
    if _running(supervisor):
        raise already_used(data_dir)
    ended = []
    for process in filter(None, map(_running, dict.fromkeys(children))):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
            ended.append(process)
    psutil.wait_procs(ended, timeout=5)  # what they held, the port too, is free only then
    return [process.pid for process in ended]


def already_used(data_dir: Path) -> Permanent:
    """Two supervisors on one data directory would stop each other's processes."""
    return Permanent(
        f"Another `manage.py up` already uses {data_dir}. Stop it, or give --data-dir another folder.",
        code="data_dir_in_use",
    )


def _running(line: str) -> psutil.Process | None:
    """The process that was noted, unless it ended and another one has its number."""
    pid, _, created = line.partition(" ")
    with contextlib.suppress(psutil.NoSuchProcess):
        process = psutil.Process(int(pid))
        if abs(process.create_time() - float(created)) < 0.01:
            return process
    return None


def identity(pid: int) -> str:
    """A line that tells this process from a later one of the same number; empty when it is gone."""
    with contextlib.suppress(psutil.NoSuchProcess):
        return f"{pid} {psutil.Process(pid).create_time()}\n"
    return ""
