"""`manage.py inspect mail | text | sms`."""

from __future__ import annotations

import json

from django.core.management import call_command

from tests.conversations.reading.held_out.notices import NOTICES


def lines(capsys, *arguments: str) -> list[dict]:
    call_command("inspect", *arguments, "--json")
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_mail_is_classified(capsys, tmp_path):
    file = tmp_path / "bounce.eml"
    file.write_text(NOTICES[0][1])
    (row, missing) = lines(capsys, "mail", str(file), str(tmp_path / "no.eml"))
    assert (row["class"], row["bounce_recipients"], row["is_hard"]) == ("bounce", ["sam@acme.example"], True)
    assert missing["error"]


def test_text_is_understood(capsys):
    first, second = lines(capsys, "text", "STOP", "Сколько стоит?")
    assert (first["intent"], first["opt_out"], first["tier"]) == ("opt_out", True, 1)
    assert (second["intent"], second["language"]) == ("question", "ru")


def test_a_suspected_opt_out_is_held_not_certain(capsys):
    (row,) = lines(capsys, "text", "I already asked you twice")
    assert (row["opt_out"], row["is_held"]) == (False, True)


def test_text_messages_are_measured(capsys):
    (row,) = lines(capsys, "sms", "Привет")
    assert (row["encoding"], row["segments"]) == ("UCS-2", 1)
