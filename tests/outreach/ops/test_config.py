"""`manage.py config`, and the document of `outreach.toml`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from django.conf import settings as live
from django.core.management import CommandError, call_command

from outreach.configuration import Configuration
from outreach.ops import keys


def shown(capsys, *arguments):
    call_command("config", *arguments, "--json")
    return {row["name"]: row for row in map(json.loads, capsys.readouterr().out.splitlines())}


def test_the_document_is_what_the_definitions_say():
    """After a change: `python manage.py config keys --markdown > docs/configuration.md`."""
    assert (Path(live.BASE_DIR) / "docs" / "configuration.md").read_text() == keys.document()


def test_no_key_is_without_a_sentence_of_meaning():
    assert [key.name for key in keys.all_keys() if len(key.meaning.split()) < 3] == []


def test_every_key_is_told_with_its_type_bounds_and_default(capsys):
    rows = shown(capsys, "keys")
    assert rows["api.requests_per_hour"]["kind"] == "whole number, ≥ 1"
    assert rows["api.requests_per_hour"]["default"] == "1000"
    assert rows["web.language"]["kind"] == "`en` or `ru`"
    assert "llm.providers.NAME.base_url" in rows
    assert len(rows) > 100


def test_what_is_in_force_says_where_it_comes_from_and_masks_secrets(capsys, settings, monkeypatch):
    monkeypatch.setenv("OPENAI_KEY", "sk-secret")
    settings.OUTREACH = Configuration.model_validate(
        {
            "llm": {
                "providers": {"own": {"base_url": "https://me:hidden@models.example/v1", "api_key_env": "OPENAI_KEY"}}
            },
            "fetching": {"proxies": ["http://user:hidden@proxy.example:3128"]},
        }
    )
    rows = shown(capsys, "show")
    assert rows["llm.providers.own.api_key_env"]["value"] == "OPENAI_KEY (set)"
    assert rows["llm.providers.own.base_url"] == {
        "name": "llm.providers.own.base_url", "value": f"https://{keys.MASK}@models.example/v1", "source": "file",
    }  # fmt: skip
    assert rows["api.exports_per_day"]["source"] == "default"
    everything = json.dumps(rows)
    assert "hidden" not in everything and "sk-secret" not in everything


def test_a_section_alone_and_one_that_there_is_not(capsys):
    assert set(shown(capsys, "show", "mail")) >= {"mail.host", "mail.port"}
    with pytest.raises(CommandError, match="code 1"):
        call_command("config", "show", "nothing")
