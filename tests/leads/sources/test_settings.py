"""The built-in site of listings is there in the demo world, and only there."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
PRINT = (
    "from django.conf import settings; print(sorted(settings.SANDBOX_SITES), settings.SANDBOX_HOSTS,"
    " any('SandboxSite' in name for name in settings.MIDDLEWARE))"
)


@pytest.mark.parametrize(
    ("demo", "expected"),
    [("1", "['sandbox'] {'classifieds.example': '127.0.0.1:8123'} True"), ("", "[] {} False")],
)
def test_the_sandbox_site_belongs_to_the_demo_world(demo, expected, tmp_path):
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "outreach.settings",
        "OUTREACH_DEMO": demo,
        "OUTREACH_DATA_DIR": str(tmp_path),
        "PUBLIC_BASE_URL": "http://127.0.0.1:8123",
        "PYTHONPATH": str(ROOT),
    }
    done = subprocess.run([sys.executable, "-c", PRINT], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == expected
