"""`DATABASE_URL` is read as libpq reads it; a mistake is answered with a sentence."""

from pathlib import Path

import pytest

from outreach import database


@pytest.fixture
def settings_of(monkeypatch):
    def read(url):
        monkeypatch.setenv("DATABASE_URL", url)
        return database.settings(data_dir=Path("/nowhere"))

    return read


def test_one_host(settings_of):
    found = settings_of("postgresql://me:p%40ss@db.example.com:5433/outreach?sslmode=require")
    assert [found[key] for key in ("NAME", "USER", "PASSWORD", "HOST", "PORT")] == [
        "outreach", "me", "p@ss", "db.example.com", "5433",
    ]  # fmt: skip
    assert found["OPTIONS"]["sslmode"] == "require"
    assert found["OPTIONS"]["connect_timeout"] == "2"
    assert "target_session_attrs" not in found["OPTIONS"]


def test_of_several_hosts_the_one_that_accepts_writes_is_used(settings_of):
    found = settings_of("postgresql://me@one:5432,two:5433/outreach?connect_timeout=4")
    assert (found["HOST"], found["PORT"]) == ("one,two", "5432,5433")
    assert found["OPTIONS"]["target_session_attrs"] == "read-write"
    assert found["OPTIONS"]["connect_timeout"] == "4"


def test_the_kind_of_session_can_be_chosen(settings_of):
    assert settings_of("postgres://one,two/o?target_session_attrs=any")["OPTIONS"]["target_session_attrs"] == "any"


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("mysql://host/name", "cannot be read"),
        ("postgresql://host:5432", "names no database"),
        ("postgresql://host:port/name", "“port” is not a port"),
        ("host=one,two,three port=1,2 dbname=name", "3 hosts and 2 ports"),
        ("postgresql://host/name?colour=blue", "cannot be read"),
        ("postgresql://one,two/name?target_session_attrs=fast", "cannot be “fast”"),
    ],
)
def test_a_mistake_is_a_sentence(settings_of, url, sentence):
    with pytest.raises(SystemExit, match=sentence):
        settings_of(url)
