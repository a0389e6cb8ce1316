"""`python -m tests.soak [--minutes N] [--a-second N]`: memory of the whole product under steady, light traffic.

Starts `manage.py up --demo` on its own data directory, reads pages, lists and single objects, creates and qualifies
leads, and previews segments. Once a minute the proportional memory of each kind of process is noted.
Prints what each kind had first and last, and how much an hour adds to it (the slope of a straight line).
"""

from __future__ import annotations

import argparse
import contextlib
import itertools
import json
import os
import re
import subprocess
import sys
import time
import uuid
from collections import Counter, defaultdict
from pathlib import Path

import httpx
import numpy as np
import psutil

from tests.benchmarks.idle import demo_world
from tests.ports import free_port

WARM_UP_MINUTES = 10
"""Left out of the slope: the first requests load what every later one uses."""
Sample = tuple[float, dict[str, float]]
"""Minutes since the start, and MiB of each kind of process."""


def kind(process: psutil.Process, names: dict[int, str]) -> str:
    """Web, a lane, clock, the rest of ours, or Postgres."""
    if "postgres" in process.name():
        return "Postgres"
    known = names.get(process.pid)
    if known is None:
        with contextlib.suppress(psutil.Error):
            known = names.get(process.ppid())
    return known or "other"


def names_of(data: Path, root: int) -> dict[int, str]:
    """Which process writes which log."""
    found = {root: "supervisor"}
    for process in psutil.Process(root).children(recursive=True):
        with contextlib.suppress(OSError, psutil.Error):
            log = Path(os.readlink(f"/proc/{process.pid}/fd/1"))
            if log.parent == data / "logs":
                found[process.pid] = log.stem
    return found


def sample(data: Path, root: int) -> dict[str, float]:
    """MiB of each kind of process."""
    names, used = names_of(data, root), defaultdict[str, float](float)
    for process in [psutil.Process(root), *psutil.Process(root).children(recursive=True)]:
        with contextlib.suppress(psutil.Error):
            used[kind(process, names)] += process.memory_full_info().pss / 2**20
    return dict(used) | {"all": sum(used.values())}


class Traffic:
    """One person and one program."""

    def __init__(self, base: str) -> None:
        self.base, self.answers = base, Counter[str]()
        self.person = httpx.Client(base_url=base, timeout=60, follow_redirects=True)
        form = self.person.get("/login/").text
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', form)
        assert token, "no form to sign in"
        self.person.post(
            "/login/",
            data={"username": "demo", "password": "demo", "csrfmiddlewaretoken": token[1]},
            headers={"Referer": base},
        )
        self.program = httpx.Client(base_url=f"{base}/api/v1", timeout=60, follow_redirects=True)
        self.sign_in()
        self.steps = itertools.cycle((*self._pages(), *self._calls()))

    def sign_in(self) -> None:
        answer = self.program.post("/token/", json={"username": "demo", "password": "demo"})
        self.program.headers["Authorization"] = f"Bearer {answer.json()['access']}"

    def _pages(self) -> list[tuple[str, str]]:
        paths = ("/", "/leads/", "/campaigns/", "/drafts/", "/inbox/", "/outbox/", "/reports/", "/segments/", "/jobs/")
        return [("page", path) for path in paths]

    def _calls(self) -> list[tuple[str, str]]:
        paths = (
            "/leads/?page_size=100",
            "/conversations/",
            "/messages/",
            "/campaigns/",
            "/reports/funnel/",
            "/verdicts/",
        )
        return [*(("read", path) for path in paths), ("preview", ""), ("create", ""), ("qualify", "")]

    def step(self) -> None:
        what, path = next(self.steps)
        match what:
            case "page":
                answer = self.person.get(path)
            case "read":
                answer = self.program.get(path)
            case "preview":
                criteria = {"all": [{"field": "lead.title", "operator": "exists"}]}
                answer = self.program.post("/segments/preview/", json={"criteria": criteria})
            case "create":
                body = {"full_name": "Ann Lee", "email": f"{uuid.uuid4().hex}@firm.example", "title": "Head of Sales"}
                answer = self.program.post("/leads/", json=body, headers={"Idempotency-Key": uuid.uuid4().hex})
                self.lead = answer.json().get("id")
            case _:
                answer = self.program.post(f"/leads/{self.lead}/qualify/", json={"brief": 1})
        self.answers[f"{what} {path} {answer.status_code}"] += 1


def table(samples: list[Sample]) -> str:
    """A line for each kind of process: first and last after warming up, most, and MiB more an hour."""
    warm = [entry for entry in samples if entry[0] >= WARM_UP_MINUTES] or samples
    lines = ["| process | after ten minutes | at the end | most | an hour adds |", "| --- | --- | --- | --- | --- |"]
    for name in sorted(warm[-1][1]):
        minutes = np.array([minute for minute, _ in warm])
        used = np.array([values.get(name, 0.0) for _, values in warm])
        slope = np.polyfit(minutes, used, 1)[0] * 60 if len(warm) > 2 else float("nan")
        lines.append(f"| {name} | {used[0]:.0f} MiB | {used[-1]:.0f} MiB | {used.max():.0f} MiB | {slope:+.1f} MiB |")
    return "\n".join(lines)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=120)
    parser.add_argument("--a-second", type=float, default=1, help="requests a second")
    parser.add_argument("--samples", type=Path, default=None, help="a file that gets a line of JSON a minute")
    options = parser.parse_args()
    port = free_port()
    with demo_world(port, policy="[api]\nrequests_per_hour = 10000000\n") as (process, data):
        samples, answers = run(process, port, data, options)
    print(
        f"{options.minutes:g} minutes, {options.a_second:g} requests a second, load of the machine {os.getloadavg()[0]:.1f}"
    )
    print(table(samples))
    print("\n".join(f"{count:,} × {what}" for what, count in sorted(answers.items())))
    return 0


def run(
    process: subprocess.Popen[bytes], port: int, data: Path, options: argparse.Namespace
) -> tuple[list[Sample], Counter[str]]:
    """Memory by minute, and what was answered how often."""
    base = f"http://127.0.0.1:{port}"
    while True:
        with contextlib.suppress(httpx.HTTPError):
            if httpx.get(f"{base}/health/ready", timeout=5).status_code == 200:
                break
        if process.poll() is not None:
            raise RuntimeError("`manage.py up` ended by itself")
        time.sleep(1)
    traffic, began = Traffic(base), time.monotonic()
    samples: list[Sample] = []
    while (minute := (time.monotonic() - began) / 60) < options.minutes:
        if minute >= len(samples):
            samples.append((minute, sample(data, process.pid)))
            if options.samples:
                with options.samples.open("a") as file:
                    file.write(
                        json.dumps({"minute": round(minute, 1), "load": os.getloadavg()[0], **samples[-1][1]}) + "\n"
                    )
            traffic.sign_in()
        try:
            traffic.step()
        except httpx.HTTPError as error:
            traffic.answers[f"none: {type(error).__name__}"] += 1
        time.sleep(1 / options.a_second)
    samples.append((options.minutes, sample(data, process.pid)))
    return samples, traffic.answers


if __name__ == "__main__":
    sys.exit(main())
