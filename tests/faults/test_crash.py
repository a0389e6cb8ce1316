"""The short form of the fault suite: crashes and changes of mind while messages leave; nothing is lost or sent twice."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.faults.forces import ROOT


def outcome_of(fault: str, messages: int, directory: Path) -> dict[str, Any]:
    environment = {key: value for key, value in os.environ.items() if key not in ("DATABASE_URL", "OUTREACH_DATA_DIR")}
    outcome = directory / "latest.json"
    process = subprocess.run(
        [sys.executable, "-m", "tests.faults", "--messages", str(messages), "--only", fault, "--output", str(outcome)],
        cwd=ROOT, env=environment, capture_output=True, text=True, timeout=230, check=False,
    )  # fmt: skip
    assert process.returncode == 0, process.stdout + process.stderr
    return dict(json.loads(outcome.read_text()))


@pytest.mark.long
@pytest.mark.timeout(240)
def test_workers_killed_while_they_send_lose_nothing_and_send_nothing_twice(tmp_path):
    total = outcome_of("workers killed", 300, tmp_path)
    assert total["planned"] == total["delivered"] == 300
    assert (total["doubled"], total["lost"], total["unexplained"]) == (0, 0, 0)
    assert total["kills"] > 0


@pytest.mark.long
@pytest.mark.timeout(240)
def test_who_opts_out_or_replies_while_it_sends_gets_nothing_after_that(tmp_path):
    total = outcome_of("between claim and send", 80, tmp_path)
    assert total["planned"] == total["delivered"] + total["stopped"] == 80
    assert total["stopped"] > 0
    assert (total["doubled"], total["lost"], total["unexplained"]) == (0, 0, 0)
