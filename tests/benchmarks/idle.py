"""Memory of the whole product with the demo world, at rest: embedded Postgres, web server, clock, all lanes and the
demo's own site, proportional set size."""

from __future__ import annotations

import contextlib
import math
import os
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import psutil

from tests.benchmarks import Row
from tests.ports import free_port

LIMIT_MIB = 450.0
START_SECONDS = 600
ROOT = Path(__file__).resolve().parents[2]


def proportional_mib(pid: int) -> float:
    """PSS of a process and its descendants, in MiB."""
    root = psutil.Process(pid)
    total = 0
    for process in [root, *root.children(recursive=True)]:
        try:
            total += process.memory_full_info().pss
        except psutil.NoSuchProcess:
            continue
    return total / 2**20


def settled_mib(pid: int) -> float:
    """`proportional_mib` once the work of the start is done: when it has not fallen for 20 s."""
    lowest, since = math.inf, time.monotonic()
    while time.monotonic() - since < 20:
        time.sleep(5)
        used = proportional_mib(pid)
        if used < lowest - 1:
            lowest, since = used, time.monotonic()
    return used


@contextlib.contextmanager
def demo_world(port: int, *, policy: str = "") -> Iterator[tuple[subprocess.Popen[bytes], Path]]:
    """`manage.py up --demo` on a data directory of its own, with `policy` as its outreach.toml. Yields the process and the directory."""
    environment = {key: value for key, value in os.environ.items() if key not in {"DATABASE_URL", "OUTREACH_DATA_DIR"}}
    with tempfile.TemporaryDirectory(prefix="outreach-demo-") as name:
        directory = Path(name)
        directory.chmod(0o755)
        if policy:
            (directory / "outreach.toml").write_text(policy)
            environment["OUTREACH_CONFIG"] = str(directory / "outreach.toml")
        command = [sys.executable, str(ROOT / "manage.py"), "up", "--demo", "--port", str(port), "--data-dir", name]
        process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, cwd=ROOT)
        try:
            yield process, directory
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(60)


def run(scale: int) -> list[Row]:
    port = free_port()
    with demo_world(port) as (process, _directory):
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/health/ready", timeout=2)
                break
            except OSError:
                if process.poll() is not None:
                    raise RuntimeError("`manage.py up` ended by itself") from None
                time.sleep(0.2)
        else:
            raise TimeoutError(f"not ready within {START_SECONDS} s")
        used = settled_mib(process.pid)
    return [
        Row(
            "whole product at rest", used, "MiB", LIMIT_MIB, used / LIMIT_MIB, f"≤ {LIMIT_MIB:g} MiB", used <= LIMIT_MIB
        )
    ]
