"""The sections of `outreach.toml` about running the product: where files are, backups, alerts."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class Section(BaseModel):
    model_config = ConfigDict(extra="forbid", use_attribute_docstrings=True)


class Place(Section):
    """A folder, or a bucket of an S3-compatible service. Its keys come from the environment variables named here."""

    kind: Literal["folder", "s3"] = "folder"
    folder: str = ""
    """Empty: inside the data directory. Several machines need a folder that all of them have mounted."""
    bucket: str = ""
    prefix: str = ""
    endpoint_url: str = Field(default="", pattern=r"^(https?://[^/]+/?)?$")
    """Empty: Amazon's."""
    region: str = ""
    access_key_env: str = "S3_ACCESS_KEY_ID"
    secret_key_env: str = "S3_SECRET_ACCESS_KEY"  # noqa: S105  the name of a variable


class Storage(Section):
    files: Place = Field(default_factory=Place)
    """Uploaded lists and finished exports."""
    backups: Place = Field(default_factory=Place)


class Backups(Section):
    """When backups are made and how long they are kept. The key comes from the variable named by `key_env`."""

    every_hours: int = Field(default=24, ge=0, le=720)
    """0: only by hand."""
    keep_days: int = Field(default=30, ge=1, le=3650)
    keep_least: int = Field(default=3, ge=1, le=1000)
    """So many stay, however old they are."""
    key_env: str = "BACKUP_KEY"


class Alerts(Section):
    """Who is told when something is wrong."""

    mail_to: tuple[str, ...] = ()
    """By the mail server of `[mail]`."""
    webhook_url: str = Field(default="", pattern=r"^(https?://.+)?$")
    """JSON is posted there: rule, text, is_over, url. Slack's incoming webhooks show `text`."""
