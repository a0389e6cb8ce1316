"""A bad value in outreach.toml fails at start and names its key."""

from pathlib import Path

import pytest

from outreach import configuration
from outreach.jobs.policy import RUN_LEASE
from outreach.ops.checks import configuration_is_sound, queue_settings_hold
from outreach.settings import environment_flag


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("[delivery]\nlease_seconds = 'soon'", "delivery.lease_seconds"),
        ("[delivery]\nlease_second = 5", "delivery.lease_second"),
        ("[llm.providers.local]\nbase_url = 'localhost'", "llm.providers.local.base_url"),
        ("[web]\nlanguage = 'xx'", "web.language"),
    ],
)
def test_a_bad_value_is_reported_with_its_key(tmp_path, text, key):
    path = Path(tmp_path / "outreach.toml")
    path.write_text(text)
    _, faults = configuration.load(path)
    assert len(faults) == 1
    assert key in faults[0]


def test_a_file_that_is_not_toml_is_reported(tmp_path):
    path = Path(tmp_path / "outreach.toml")
    path.write_text("delivery: 5")
    _, faults = configuration.load(path)
    assert "not valid TOML" in faults[0]


def test_faults_become_errors_at_start(settings):
    settings.CONFIGURATION_FAULTS = ["outreach.toml: web.language: wrong"]
    assert [message.id for message in configuration_is_sound(None)] == ["outreach.E001"]


def test_queue_settings_that_repeat_work_are_refused(settings):
    assert queue_settings_hold(None) == []
    settings.Q_CLUSTER = {**settings.Q_CLUSTER, "timeout": RUN_LEASE.total_seconds()}
    assert [message.id for message in queue_settings_hold(None)] == ["outreach.E011"]


def test_an_environment_flag_that_is_neither_true_nor_false_stops_the_start(monkeypatch):
    monkeypatch.setenv("OUTREACH_DEBUG", "maybe")
    with pytest.raises(SystemExit, match="neither true nor false"):
        environment_flag("OUTREACH_DEBUG")
