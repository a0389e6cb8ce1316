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


@pytest.mark.parametrize(("is_named", "faults"), [(False, 0), (True, 1)])
def test_a_file_that_was_named_has_to_be_there(tmp_path, is_named, faults):
    assert len(configuration.load(tmp_path / "none.toml", is_named=is_named)[1]) == faults
    assert "cannot be read" in configuration.load(tmp_path, is_named=is_named)[1][0], "Docker makes a folder of it"


def test_an_unknown_key_says_where_to_look(tmp_path):
    path = Path(tmp_path / "outreach.toml")
    path.write_text("[web]\nlanguag = 'en'\n[wob]\nx = 1")
    _, faults = configuration.load(path)
    assert [fault.split(": ")[1:] for fault in faults] == [
        [key, "There is no such key. “manage.py config keys” lists all."] for key in ("web.languag", "wob")
    ]


def test_the_environment_is_read_as_people_write_it_or_refused_in_a_sentence():
    assert configuration.address("https://outreach.example.com/") == "https://outreach.example.com"
    assert configuration.log_level("debug") == "DEBUG"
    for read, wrong in ((configuration.address, "outreach.example.com"), (configuration.log_level, "LOUD")):
        with pytest.raises(SystemExit, match=wrong):
            read(wrong)


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
