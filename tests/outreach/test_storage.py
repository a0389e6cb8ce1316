"""Files lie in one store that all machines share: what one machine takes in, another works on."""

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from leads.imports import services as imports
from leads.imports.models import Batch
from leads.models import Lead
from outreach import storage
from outreach.configuration import Configuration
from outreach.jobs.draining import drain
from outreach.ops import checks
from tests.leads.factories import ACTOR, upload
from tests.servers.fake_s3 import ACCESS_KEY, FakeS3

pytestmark = pytest.mark.django_db


@pytest.fixture
def s3():
    with FakeS3() as server:
        yield server


@pytest.fixture
def machine(settings, tmp_path, monkeypatch):
    """Enter a machine: its own data directory, the configuration that all share."""
    monkeypatch.setenv("S3_ACCESS_KEY_ID", ACCESS_KEY)
    monkeypatch.setenv("S3_SECRET_ACCESS_KEY", "fake-secret")

    def enter(name, **files):
        configuration = Configuration.model_validate({"storage": {"files": files}})
        settings.MEDIA_ROOT = storage.folder_of(configuration.storage.files, tmp_path / name / "media")
        settings.STORAGES = storage.settings(configuration, data_dir=tmp_path / name)

    return enter


def bucket(s3):
    return {"kind": "s3", "bucket": s3.bucket, "endpoint_url": s3.url, "region": "eu-central-1", "prefix": "team"}


def start_import(text):
    batch = upload(text)
    imports.start(batch=batch, actor=ACTOR)
    return batch


@pytest.mark.parametrize("kind", ["folder", "s3"])
def test_an_import_uploaded_on_one_machine_is_processed_on_another(machine, s3, tmp_path, kind):
    shared = bucket(s3) if kind == "s3" else {"folder": str(tmp_path / "shared")}
    machine("one", **shared)
    batch = start_import("email\nanna@firm.example\n")
    machine("two", **shared)
    drain()
    batch.refresh_from_db()
    assert (batch.state, batch.counts["created"]) == ("done", 1)
    assert Lead.objects.count() == 1


def test_with_a_folder_each_the_second_machine_says_that_the_file_is_gone(machine):
    machine("one")
    batch = start_import("email\nanna@firm.example\n")
    machine("two")
    drain()
    assert Batch.objects.get(pk=batch.pk).state == "failed"


def test_a_bucket_keeps_large_files_whole_and_gives_them_back(machine, s3):
    machine("one", **bucket(s3))
    content = bytes(range(256)) * (12 << 12)  # several parts
    name = default_storage.save("exports/people.csv", ContentFile(content))
    assert s3.objects[f"team/{name}"] == content
    with default_storage.open(name, "rb") as file:
        assert file.read() == content
    default_storage.delete(name)
    assert s3.objects == {}
    with pytest.raises(FileNotFoundError):
        default_storage.open(name, "rb")


def test_a_bucket_without_a_name_or_with_half_its_keys_is_reported(settings, monkeypatch):
    settings.OUTREACH = Configuration.model_validate({"storage": {"files": {"kind": "s3"}}})
    monkeypatch.setenv("S3_ACCESS_KEY_ID", "half")
    monkeypatch.delenv("S3_SECRET_ACCESS_KEY", raising=False)
    assert [fault.id for fault in checks.places_are_complete(None)] == ["outreach.E030", "outreach.E032"]
