"""This machine: disk and memory of the product's processes."""

from __future__ import annotations

import contextlib
import os
import shutil
from dataclasses import dataclass

import psutil
from django.conf import settings

LOW_DISK_SHARE = 0.1


@dataclass(frozen=True)
class Machine:
    """Bytes."""

    disk_total: int
    disk_free: int
    memory_used: int
    process_count: int

    @property
    def is_disk_low(self) -> bool:
        return self.disk_free < self.disk_total * LOW_DISK_SHARE


def look() -> Machine:
    """The disk of the data directory, and the memory that the supervisor and its children have for themselves."""
    disk = shutil.disk_usage(settings.DATA_DIR if settings.DATA_DIR.exists() else "/")
    processes = _family()
    used = 0
    for process in processes:
        with contextlib.suppress(psutil.Error):
            used += process.memory_info().rss - process.memory_info().shared
    return Machine(disk.total, disk.free, used, len(processes))


def _family() -> list[psutil.Process]:
    """The processes of `up` if it started us, else only this one."""
    here = psutil.Process(os.getpid())
    with contextlib.suppress(psutil.Error):
        parent = here.parent()
        if parent and "manage.py" in parent.cmdline() and "up" in parent.cmdline():
            return [parent, *parent.children(recursive=True)]
    return [here]
