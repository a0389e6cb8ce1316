"""Where files are: a folder, or a bucket of any S3-compatible service. Rooms ask Django's storages and open no paths."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from outreach.configuration import Configuration
from outreach.operating import Place


def settings(configuration: Configuration, *, data_dir: Path) -> dict[str, dict[str, Any]]:
    """Django's `STORAGES`: `default` for imports and exports, `backups` for backups."""
    return {
        "default": _storage(configuration.storage.files),
        "backups": _storage(configuration.storage.backups, data_dir / "backups"),
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }


def _storage(place: Place, folder: Path | None = None) -> dict[str, Any]:
    """A folder is `MEDIA_ROOT` unless another is given."""
    if place.kind == "folder":
        options: dict[str, Any] = {"file_permissions_mode": 0o600, "directory_permissions_mode": 0o700}
        if folder:
            options["location"] = folder_of(place, folder)
        return {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": options}
    return {"BACKEND": "outreach.core.buckets.BucketStorage", "OPTIONS": bucket_options(place)}


def folder_of(place: Place, folder: Path) -> str:
    """The folder that is meant, else `folder` in the data directory."""
    return str(Path(place.folder).resolve() if place.folder else folder)


def bucket_options(place: Place) -> dict[str, Any]:
    """django-storages' options; keys come from the environment variables that the configuration names."""
    return {
        "bucket_name": place.bucket,
        "location": place.prefix,
        "endpoint_url": place.endpoint_url or None,
        "region_name": place.region or None,
        "access_key": os.environ.get(place.access_key_env) or None,
        "secret_key": os.environ.get(place.secret_key_env) or None,
        "addressing_style": "path" if place.endpoint_url else "auto",
        "default_acl": None,
        "file_overwrite": False,
        "querystring_auth": True,
    }
