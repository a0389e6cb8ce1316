"""Versions are kept by content; labels point at them."""

import pytest
from django.core.management import call_command

from outreach.core import registry
from outreach.core.errors import Refused
from outreach.prompts import checks
from outreach.prompts.models import PackVersion
from outreach.prompts.parser import PackError, parse
from outreach.prompts.services import PACK_FOLDERS, current, save_version, set_label, sync_packs
from tests.outreach.prompts.test_parser import GOOD

pytestmark = pytest.mark.django_db


@pytest.fixture
def folder(monkeypatch, tmp_path):
    monkeypatch.setattr(registry, "registry_of", lambda wing: {PACK_FOLDERS: [tmp_path]} if wing == "leads" else {})
    (tmp_path / "note.md").write_text(GOOD, encoding="utf-8")
    return tmp_path


def test_shipped_packs_are_there_after_migration():
    assert {"first-contact-email", "first-contact-sms", "follow-up-email"} <= set(
        PackVersion.objects.values_list("name", flat=True)
    )


def test_syncing_twice_changes_nothing(folder):
    assert [v.pk for v in sync_packs()] == [v.pk for v in sync_packs()]


def test_a_changed_file_is_a_new_version_and_current(folder):
    first = sync_packs()[0]
    (folder / "note.md").write_text(GOOD.replace("a note", "two notes"), encoding="utf-8")
    second = sync_packs()[0]
    assert first.pk != second.pk
    assert current("note") == second
    assert PackVersion.objects.filter(name="note").count() == 2


def test_a_promoted_version_stays_promoted(folder):
    sync_packs()
    better = save_version(parse(GOOD.replace("a note", "three notes")), source="")
    set_label(better, "production")
    sync_packs()
    assert current("note") == better


def test_an_unknown_pack_is_refused(folder):
    with pytest.raises(Refused, match="no prompt pack"):
        current("nope")


def test_a_broken_file_is_named_and_is_a_system_check(folder):
    (folder / "broken.md").write_text("no pack", encoding="utf-8")
    with pytest.raises(PackError, match=r"broken\.md:1"):
        sync_packs()
    assert checks.check_packs()[0].id == "prompts.E001"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["list", "--json"], '"first-contact-email"'),
        (["show", "first-contact-sms"], "needs offer"),
        (["simulate", "first-contact-email", "--language", "ru", "--set", "first_name=Иван"], "Здравствуйте, Иван!"),
        (["lint"], "No errors."),
    ],
)
def test_the_command(arguments, words, capsys):
    call_command("pack", *arguments)
    assert words in capsys.readouterr().out
