"""`manage.py up` as a person uses it: it starts, heals what dies, stops cleanly, and says plainly what is in its way."""

import contextlib
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import psutil
import pytest

from outreach.ops.supervisor import LANE_NICENESS
from tests.ports import free_port

ROOT = Path(__file__).resolve().parents[3]


pytestmark = [
    pytest.mark.long,
    pytest.mark.timeout(900),
]  # what is waited for are conditions; a busy machine takes long to reach them


def start(directory: Path, port: int, *options: str, **environment: str) -> subprocess.Popen:
    environment = {
        k: v for k, v in os.environ.items() if k not in {"DATABASE_URL", "OUTREACH_DATA_DIR", "PUBLIC_BASE_URL"}
    } | environment
    command = [sys.executable, "manage.py", "up", "--port", str(port), "--data-dir", str(directory), *options]
    return subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )


def wait_for(condition, *, seconds: float = 200, what: str = "condition"):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError):
            if value := condition():
                return value
        time.sleep(0.1)
    raise AssertionError(f"{what}: not within {seconds} s")


def ready(port: int):
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/health/ready", timeout=2) as answer:
        return json.load(answer)


def asked(proxy: http.client.HTTPConnection) -> int:
    """The status of one more request on the same connection."""
    proxy.request("GET", "/health/live")
    answer = proxy.getresponse()
    answer.read()
    return answer.status


def lanes_alive(port: int) -> bool:
    return all(row["is_well"] for row in ready(port)["checks"])


def has_taken_over(process: subprocess.Popen, directory: Path) -> bool:
    assert process.poll() is None, process.communicate()[0]
    return (directory / "children").read_text().startswith(f"{process.pid} ")


def announcement(process: subprocess.Popen) -> str:
    """What it said until it told that it runs."""
    said = ""
    while "Logs:" not in said:
        said += process.stdout.readline()
    return said


@pytest.fixture
def directory(tmp_path_factory):
    path = tmp_path_factory.mktemp("up")
    for part in [path, *path.parents]:
        if part.owner() == path.owner() and part != Path("/"):
            with contextlib.suppress(PermissionError):
                part.chmod(part.stat().st_mode | 0o011)
    return path


def test_it_starts_heals_and_stops_and_leaves_nothing_behind(directory):
    port = free_port()
    process = start(directory, port)
    family: list[psutil.Process] = []
    try:
        wait_for(lambda: ready(port), what="ready")
        wait_for(lambda: lanes_alive(port), what="all lanes beat")
        family = psutil.Process(process.pid).children(recursive=True)
        beside = {p.nice() - psutil.Process(process.pid).nice() for p in family if p.is_running()}
        assert beside == {0, LANE_NICENESS}, "lanes give way to pages and to the database"

        proxy = http.client.HTTPConnection("127.0.0.1", port)
        asked(proxy)
        second = start(directory, free_port())
        said, _ = second.communicate(timeout=200)
        assert second.returncode == 1
        assert "Another `manage.py up` already uses" in said.replace("\n", " ")

        time.sleep(6)
        assert proxy.sock and asked(proxy) == 200, "an idle connection stays longer than the usual five seconds"

        leader = next(p for p in psutil.Process(process.pid).children() if "postgres" not in p.name())
        leader.kill()
        wait_for(lambda: not leader.is_running(), what="the killed process is reaped")
        wait_for(lambda: ready(port), what="ready after a kill")
        wait_for(
            lambda: len([p for p in psutil.Process(process.pid).children() if "postgres" not in p.name()]) >= 7,
            what="all processes run again",
        )
        family += psutil.Process(process.pid).children(recursive=True)

        process.kill()
        first_said, _ = process.communicate(timeout=200)
        process = start(directory, port)
        wait_for(lambda: has_taken_over(process, directory), what="the new one has taken over")
        wait_for(lambda: lanes_alive(port), what="all lanes beat after the supervisor was killed")
        announced = announcement(process)
        family += psutil.Process(process.pid).children(recursive=True)
    finally:
        process.send_signal(signal.SIGTERM)
        said, _ = process.communicate(timeout=200)
    assert process.returncode == 0
    assert "Create the first administrator" in first_said
    assert "processes of an earlier run that was killed" in announced
    assert f"http://127.0.0.1:{port}" in announced
    assert "Traceback" not in said
    assert [p for p in family if p.is_running() and p.status() != psutil.STATUS_ZOMBIE] == []


def test_a_port_in_use_is_said_plainly(directory):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        process = start(directory, port)
        said, _ = process.communicate(timeout=200)
    assert process.returncode == 1
    assert f"Port {port} on 127.0.0.1 is already in use" in said.replace("\n", " ")
    assert "Traceback" not in said
