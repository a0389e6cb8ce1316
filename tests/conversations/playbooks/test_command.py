"""Playbooks are listed, shown, exported and imported from the command line."""

from __future__ import annotations

import json

import pytest
from django.core.management import CommandError, call_command

from conversations.models import Message
from conversations.playbooks import services

pytestmark = pytest.mark.django_db


def test_a_playbook_goes_through_a_file(tmp_path, capsys):
    shipped = services.default_playbook()
    file = tmp_path / "playbook.yaml"
    call_command("playbook", "export", str(shipped.pk), str(file))
    file.write_text(file.read_text().replace("tone: friendly", "tone: formal"))
    call_command("playbook", "import", str(file))
    capsys.readouterr()
    call_command("playbook", "list", "--json")
    assert json.loads(capsys.readouterr().out)["version"] == 2
    call_command("playbook", "show", "--json", "--number", "1")
    assert json.loads(capsys.readouterr().out)["content"]["tone"] == "friendly"


def test_what_is_wrong_is_said_in_one_line(tmp_path, capsys):
    file = tmp_path / "playbook.yaml"
    file.write_text("name: Calls\nmode: always\nwords: {en: {}}")
    with pytest.raises(CommandError):
        call_command("playbook", "import", str(file), "--json")
    assert json.loads(capsys.readouterr().err)["field"] == "mode"


def test_a_text_is_tried_without_sending_anything(capsys):
    call_command("playbook", "try", "Too expensive for us, sorry", "--json")
    tried = json.loads(capsys.readouterr().out)
    assert "fits your budget" in tried["answer"] and not tried["leaves_by_itself"]
    assert not Message.objects.exists()
    call_command("playbook", "try", "Our legal department has to look at this first", "--json")
    assert json.loads(capsys.readouterr().out)["doubts"][0] == "legal"
