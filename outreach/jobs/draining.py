"""Runs due work in this process: for commands that wait for it, and for tests."""

from __future__ import annotations

from outreach.jobs import queue
from outreach.jobs.policy import LANES
from outreach.jobs.running import run_claimed

MAX_ITEMS = 100_000


def drain(*lanes: str) -> int:
    """Run due items of `lanes` (all if none are named) until none are left; returns how many ran."""
    count = 0
    while count < MAX_ITEMS:
        items = [item for lane in lanes or LANES for item in queue.claim(lane, 10)]
        if not items:
            return count
        for item in items:
            run_claimed(item)
        count += len(items)
    raise RuntimeError(f"more than {MAX_ITEMS} items: tasks that wake themselves without end")
