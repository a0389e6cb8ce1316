"""The web server beside a real streaming replica: whoever changes something sees it, and a lost replica is not missed.

python -m pytest -m slow tests/faults/test_replica.py
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import httpx
import pytest

from outreach.database import EMBEDDED_NAME, EMBEDDED_USER
from tests.benchmarks.events import await_server
from tests.faults.forces import ROOT
from tests.faults.pair import Pair
from tests.ports import free_port

pytestmark = pytest.mark.slow
READ = "SELECT coalesce(sum(seq_tup_read + coalesce(idx_tup_fetch, 0)), 0)::bigint FROM pg_stat_user_tables WHERE relname = 'leads_lead'"
USER = """
    from outreach.access.models import User
    User.objects.create_superuser(username="ann", password="a long one 42", email="ann@firm.example", role="administrator")
"""


def signed_in(base: str) -> httpx.Client:
    browser = httpx.Client(base_url=base, follow_redirects=True, timeout=30, headers={"Referer": base})
    post(browser, "/login/", username="ann", password="a long one 42")
    return browser


def post(browser: httpx.Client, path: str, **fields: str) -> httpx.Response:
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', browser.get(path).text)
    assert token
    return browser.post(path, data={**fields, "csrfmiddlewaretoken": token[1]})


@pytest.mark.timeout(600)
def test_what_was_just_added_is_in_the_list_again_and_again_and_without_the_replica_too():
    folder = Path(tempfile.mkdtemp(prefix="outreach-replica-"))
    folder.chmod(0o755)
    pair, web = Pair(folder), None
    address = f"postgresql://{EMBEDDED_USER}@127.0.0.1:%s/{EMBEDDED_NAME}"
    try:
        pair.start()
        environment = os.environ | {
            "DATABASE_URL": address % pair.primary.port, "DATABASE_REPLICA_URL": address % pair.standby.port,
            "OUTREACH_DATA_DIR": str(folder / "data"), "OUTREACH_DEBUG": "1",
        }  # fmt: skip
        manage = [sys.executable, "manage.py"]
        subprocess.run([*manage, "migrate", "-v0"], cwd=ROOT, env=environment, check=True)
        subprocess.run(
            [*manage, "shell", "-v0", "-c", USER.replace("\n    ", "\n")], cwd=ROOT, env=environment, check=True
        )
        port = free_port()
        web = subprocess.Popen([*manage, "up", "--only", "web", "--port", str(port)], cwd=ROOT, env=environment)
        await_server(port)
        browser = signed_in(f"http://127.0.0.1:{port}")
        before = pair.standby.ask(READ)
        for number in range(20):
            post(browser, "/leads/new/", full_name=f"Person{number} Miller", email=f"person{number}@firm.example")
            assert f"Person{number} Miller" in browser.get("/leads/").text
            pair.primary.order("SELECT 1")
        browser.cookies.delete("since")
        pair.primary.ask("UPDATE jobs_heartbeat SET beat_at = now() RETURNING true")
        pair.standby.wait_until(lambda: browser.get("/leads/").is_success and pair.standby.ask(READ) > before)
        assert "Person19 Miller" in browser.get("/leads/").text, "and it is read there"
        pair.stop_requiring_standby()
        pair.standby.kill()
        assert "Person19 Miller" in browser.get("/leads/").text
    finally:
        if web is not None:
            web.terminate()
            web.wait(30)
        pair.stop()
