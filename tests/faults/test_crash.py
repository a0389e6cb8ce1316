"""The short form of the fault suite: workers die with -9 while they send; everything arrives exactly once."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from tests.faults.world import ROOT


@pytest.mark.timeout(240)
def test_workers_killed_while_they_send_lose_nothing_and_send_nothing_twice(tmp_path):
    environment = {key: value for key, value in os.environ.items() if key not in ("DATABASE_URL", "OUTREACH_DATA_DIR")}
    outcome = tmp_path / "latest.json"
    process = subprocess.run(
        [sys.executable, "-m", "tests.faults", "--messages", "300", "--only", "killed", "--output", str(outcome)],
        cwd=ROOT, env=environment, capture_output=True, text=True, timeout=230, check=False,
    )  # fmt: skip
    assert process.returncode == 0, process.stdout + process.stderr
    total = json.loads(outcome.read_text())
    assert total["planned"] == total["delivered"] == 300
    assert (total["doubled"], total["lost"], total["unexplained"]) == (0, 0, 0)
    assert total["kills"] > 0
