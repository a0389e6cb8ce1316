"""Who does the work while it is disturbed: forked workers of the sending lanes alone, or the whole product.

`Workers` are at work within milliseconds of their birth, so that a kill strikes them while they send. `Product` is
`manage.py up` as a user starts it: supervisor, web, clock and lanes, any number of times on one database.
"""

from __future__ import annotations

import contextlib
import os
import random
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol
from urllib.error import URLError
from urllib.request import urlopen

import psutil

from tests.ports import free_port

ROOT = Path(__file__).resolve().parents[2]


class Force(Protocol):
    """Something that sends what is due until it is stopped."""

    def start(self) -> None: ...

    def stop(self) -> None: ...


@dataclass
class Workers:
    """`count` processes that do nothing but send and reconcile. `clocks`: seconds by which their clocks go wrong."""

    environment: dict[str, str]
    count: int = 3
    clocks: tuple[int, ...] = (0,)
    pids: list[int] = field(default_factory=list)
    nursery: subprocess.Popen[str] | None = None

    def start(self) -> None:
        if self.nursery is None:
            self.nursery = subprocess.Popen(
                [sys.executable, "-m", "tests.faults.worker"],
                env=self.environment,
                cwd=ROOT,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                text=True,
            )
        while len(self.pids) < self.count:
            self.pids.append(self._fork(self.clocks[len(self.pids) % len(self.clocks)]))

    def _fork(self, clock: int) -> int:
        assert self.nursery is not None and self.nursery.stdin is not None and self.nursery.stdout is not None
        self.nursery.stdin.write(f"{clock}\n")
        self.nursery.stdin.flush()
        return int(self.nursery.stdout.readline())

    def kill_one(self, chance: random.Random) -> None:
        """kill -9 a random worker and fork another one in its place."""
        victim = chance.randrange(len(self.pids))
        os.kill(self.pids[victim], signal.SIGKILL)
        self.pids[victim] = self._fork(0)

    def stop(self) -> None:
        for pid in self.pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.pids.clear()
        if self.nursery is not None:
            self.nursery.kill()
            self.nursery.wait()
            self.nursery = None


@dataclass
class Instance:
    """One `manage.py up` with a data directory and a port of its own; `parts` is what it runs, everything if none."""

    environment: dict[str, str]
    directory: Path
    port: int
    parts: tuple[str, ...] = ()
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self.directory.mkdir(exist_ok=True)
        only = [word for part in self.parts for word in ("--only", part)]
        with (self.directory / "up.log").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "manage.py", "up", "--port", str(self.port), "--data-dir", str(self.directory), *only],
                env={**self.environment, "OUTREACH_DATA_DIR": str(self.directory)},
                cwd=ROOT,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    @property
    def output(self) -> str:
        return (self.directory / "up.log").read_text()

    def wait_until_ready(self, seconds: float = 90.0) -> None:
        assert self.process is not None
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline and self.process.poll() is None:
            if self._is_ready():
                return
            time.sleep(0.2)
        raise RuntimeError(f"the product did not start:\n{self.output[-2000:]}")

    def _is_ready(self) -> bool:
        if self.parts and "web" not in self.parts:
            return "Working on" in self.output
        try:
            with urlopen(f"http://127.0.0.1:{self.port}/health/live", timeout=2) as answer:
                return bool(answer.status == 200)
        except (URLError, OSError):
            return False

    def leaders(self) -> list[psutil.Process]:
        """The children of the supervisor: web, clock and one guard a lane."""
        if self.process is None:
            return []
        with contextlib.suppress(psutil.NoSuchProcess):
            return psutil.Process(self.process.pid).children()
        return []

    def everyone(self) -> list[psutil.Process]:
        if self.process is None:
            return []
        with contextlib.suppress(psutil.NoSuchProcess):
            main = psutil.Process(self.process.pid)
            return [main, *main.children(recursive=True)]
        return []

    def kill_all(self) -> None:
        for process in self.everyone():
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        if self.process is not None:
            self.process.wait()
            self.process = None


@dataclass
class Product:
    """The whole product, `count` times on one database: as many clusters and schedulers."""

    environment: dict[str, str]
    directory: Path
    count: int = 1
    parts: tuple[str, ...] = ()
    instances: list[Instance] = field(default_factory=list)

    def start(self) -> None:
        if not self.instances:
            self.instances = [
                Instance(self.environment, self.directory / f"up{number}", free_port(), self.parts)
                for number in range(self.count)
            ]
        for instance in self.instances:
            if instance.process is None:
                instance.start()
                instance.wait_until_ready()

    def kill_a_worker(self, chance: random.Random) -> None:
        """kill -9 one process below a guard: a worker of a lane."""
        self._kill([below for leader in self._leaders() for below in leader.children(recursive=True)], chance)

    def kill_a_guard(self, chance: random.Random) -> None:
        """kill -9 one leader: a lane's guard, the clock or the web server."""
        self._kill(self._leaders(), chance)

    def kill_a_main(self, chance: random.Random) -> None:
        """kill -9 a supervisor, whose lanes go on as orphans, and start it again over them."""
        instance = chance.choice(self.instances)
        assert instance.process is not None
        instance.process.kill()
        instance.process.wait()
        time.sleep(chance.uniform(0.2, 1.5))
        instance.start()
        instance.wait_until_ready()

    def terminate_everybody(self, chance: random.Random) -> None:
        """SIGTERM to every process of an instance at once, as a careless service manager does, then start it again."""
        instance = chance.choice(self.instances)
        for process in instance.everyone():
            with contextlib.suppress(psutil.NoSuchProcess):
                process.terminate()
        assert instance.process is not None
        try:
            instance.process.wait(60)
        except subprocess.TimeoutExpired:
            instance.kill_all()
        instance.start()
        instance.wait_until_ready()

    def _leaders(self) -> list[psutil.Process]:
        return [leader for instance in self.instances for leader in instance.leaders()]

    @staticmethod
    def _kill(victims: list[psutil.Process], chance: random.Random) -> None:
        with contextlib.suppress(psutil.NoSuchProcess, IndexError):
            chance.choice(victims).kill()

    def stop(self) -> None:
        """Ctrl-C, patience, then everything that is left."""
        for instance in self.instances:
            if instance.process is not None:
                instance.process.terminate()
        for instance in self.instances:
            if instance.process is not None:
                with contextlib.suppress(subprocess.TimeoutExpired):
                    instance.process.wait(60)
                instance.kill_all()
