"""Made, checked, listed, restored and forgotten: what comes back equals what was there, to the byte."""

from datetime import timedelta

import pytest
import time_machine
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.db import connection

from campaigns.models import Campaign
from campaigns.rollups.models import Change
from leads.imports.models import Batch
from leads.models import Lead
from outreach.backups import rows, services, tasks
from outreach.backups.models import Restore
from outreach.configuration import Configuration
from outreach.core import clock
from outreach.core.errors import Invalid, Permanent, Refused
from outreach.core.models import Actor
from outreach.jobs.draining import drain
from outreach.jobs.models import Job
from tests.campaigns.everywhere import make_person
from tests.campaigns.factories import make_candidate
from tests.leads.factories import make_lead, run_import
from tests.servers.fake_s3 import ACCESS_KEY, FakeS3

ACTOR = Actor.system("test")
KEY = "a key of more than sixteen letters"


@pytest.fixture(autouse=True)
def place(settings, monkeypatch, tmp_path):
    monkeypatch.setenv("BACKUP_KEY", KEY)
    settings.OUTREACH = settings.OUTREACH.model_copy(deep=True)
    settings.MEDIA_ROOT = tmp_path / "media"
    folder = {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": tmp_path / "backups"}}
    settings.STORAGES = settings.STORAGES | {"backups": folder}
    return tmp_path / "backups"


def figures():
    with connection.cursor():
        raw = connection.connection
        return services.figures(raw, rows.tables(raw))


def empty_installation():
    """As after `migrate` on a new server: no row, no file."""
    with connection.cursor():
        raw = connection.connection
        kept = {"django_migrations"}
        rows.empty(raw, [table for table in rows.tables(raw) if table not in kept])
    if default_storage.exists("imports"):
        for name in default_storage.listdir("imports")[1]:
            default_storage.delete(f"imports/{name}")


@pytest.mark.django_db(transaction=True)
def test_the_drill_counts_and_hashes_are_equal_after_a_restore(client):
    run_import('email,first name\nanna@firm.example,"An\\na ""ü"" \\\\N"\n')
    imported = Batch.objects.get()
    make_person(client)
    before, stored = figures(), imported.file.read()
    assert sum(table["rows"] > 0 for table in before.values()) > 85, "what no table holds, no drill tries"
    backup = services.create(actor=ACTOR)
    assert (backup.file_count > 1, backup.is_complete) == (True, True)
    assert services.verify(backup)["tables"] == before

    with pytest.raises(Refused, match="not empty"):
        services.restore(backup, actor=ACTOR)
    empty_installation()
    assert not Lead.objects.exists()

    restore = services.restore(backup, actor=ACTOR)
    after = figures()
    added = {"backups_restore", "core_auditentry"}
    assert {name: after[name] for name in after if name not in added} == {
        name: before[name] for name in before if name not in added
    }
    assert Batch.objects.get(pk=imported.pk).file.read() == stored
    assert Restore.objects.open().get() == restore
    assert make_lead().pk > Lead.objects.order_by("pk").first().pk, "sequences go on"
    noted = Change.objects.count()
    make_candidate(Campaign.objects.latest("pk"))
    assert Change.objects.count() > noted, "triggers work again"


@pytest.mark.django_db(transaction=True)
def test_a_bucket_of_a_compatible_service_holds_backups(settings, monkeypatch):
    monkeypatch.setenv("S3_ACCESS_KEY_ID", ACCESS_KEY)
    monkeypatch.setenv("S3_SECRET_ACCESS_KEY", "fake")
    with FakeS3() as s3:
        from outreach import storage

        where = {"kind": "s3", "bucket": s3.bucket, "endpoint_url": s3.url, "region": "x", "prefix": "b"}
        configuration = Configuration.model_validate({"storage": {"backups": where}})
        settings.STORAGES = storage.settings(configuration, data_dir=settings.MEDIA_ROOT)
        backup = services.create(actor=ACTOR)
        assert services.available() == [backup]
        services.verify(services.find("latest"))
        assert len(s3.objects) == 2


@pytest.mark.django_db(transaction=True)
def test_a_damaged_backup_is_noticed_and_changes_nothing(place):
    make_lead()
    backup = services.create(actor=ACTOR)
    path = place / backup.name
    data = bytearray(path.read_bytes())
    data[-100] ^= 1
    path.chmod(0o600)
    path.write_bytes(data)
    with pytest.raises(Permanent):
        services.verify(backup)
    empty_installation()
    with pytest.raises(Permanent):
        services.restore(backup, actor=ACTOR)
    assert not Restore.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_note_that_was_cut_off_hides_no_other_backup(place):
    backup = services.create(actor=ACTOR)
    (place / f"outreach-20300101T000000Z{services.SUFFIX}.json").write_text('{"name": "outr')
    assert services.available() == [backup]
    assert services.find("latest") == backup


@pytest.mark.django_db(transaction=True)
def test_the_schedule_makes_one_when_it_is_due_and_old_ones_go(settings):
    settings.OUTREACH.backups.keep_least = 1
    settings.OUTREACH.backups.keep_days = 7
    assert tasks.schedule() == "Started"
    assert tasks.schedule() == "Not due"
    drain()
    assert Job.objects.get().is_over
    first = services.available()[0]
    assert tasks.schedule() == "Not due"
    with time_machine.travel(clock.now() + timedelta(days=8)):
        assert tasks.schedule() == "Started"
        drain()
        assert first not in services.available()
        assert len(services.available()) == 1


@pytest.mark.django_db
def test_without_a_key_nothing_is_made(monkeypatch):
    monkeypatch.setenv("BACKUP_KEY", "short")
    with pytest.raises(Refused, match="BACKUP_KEY has no key"):
        services.create(actor=ACTOR)
    assert "BACKUP_KEY" in tasks.schedule()


@pytest.mark.django_db
def test_an_unknown_name_is_a_sentence(capsys):
    with pytest.raises(Invalid, match="There is no backup"):
        services.find("yesterday")
    with pytest.raises(CommandError):
        call_command("backup", "verify", "yesterday")
    assert "There is no backup" in capsys.readouterr().err
