"""The sections of `outreach.toml` about running the product: who may sign in, where files are, backups, alerts."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field


class Section(BaseModel):
    model_config = ConfigDict(extra="forbid", use_attribute_docstrings=True)


RoleName = Literal["viewer", "reviewer", "operator", "administrator"]


class Issuer(Section):
    """An OpenID Connect issuer (Google, Microsoft, Keycloak, Okta, …) at which people sign in.

    Register `PUBLIC_BASE_URL/login/with/NAME/back/` there as the redirect address. The secret comes from the
    environment variable named by `client_secret_env`.
    """

    issuer: str = Field(pattern=r"^(https://|http://(localhost|127\.0\.0\.1)[:/]).+$")
    """Its address as its tokens name it: `https://accounts.google.com`,
    `https://login.microsoftonline.com/TENANT-ID/v2.0`."""
    label: str = Field(default="", max_length=40)
    """What the button says after “Continue with”; empty: NAME."""
    client_id: str = Field(min_length=1)
    """The number of your app at the issuer."""
    client_secret_env: str = "OIDC_CLIENT_SECRET"  # noqa: S105  the name of a variable
    """The environment variable that holds the secret of your app; an unset one makes it a public client (PKCE only)."""
    domains: list[str] = Field(default_factory=list)
    """People with an address in these domains may join without an invitation; empty: only who is invited."""
    role: Literal[RoleName, ""] = "viewer"
    """The role of who joins without an invitation; empty: refused unless `roles` gives them one."""
    roles_claim: str = "groups"
    """The claim that lists a person's groups."""
    roles: dict[str, RoleName] = Field(default_factory=dict)
    """Group → role. When set, the issuer decides: at each sign-in a user gets the highest role that fits, else `role`."""
    trusts_address: bool = False
    """Take an address as verified although the issuer does not say so. Only for your own Microsoft tenant or directory,
    where no one else can set addresses."""


IssuerName = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$")]


class SignIn(Section):
    issuers: dict[IssuerName, Issuer] = Field(default_factory=dict)


class Place(Section):
    """A folder, or a bucket of an S3-compatible service. Its keys come from the environment variables named here."""

    kind: Literal["folder", "s3"] = "folder"
    """A folder on disk, or a bucket of an S3-compatible service."""
    folder: str = ""
    """Empty: inside the data directory. Several machines need a folder that all of them have mounted."""
    bucket: str = ""
    """The name of the bucket."""
    prefix: str = ""
    """What names in the bucket begin with, such as `outreach/`."""
    endpoint_url: str = Field(default="", pattern=r"^(https?://[^/]+/?)?$")
    """The address of the service; empty: Amazon's."""
    region: str = ""
    """The bucket's region; empty: the one of the service's own default."""
    access_key_env: str = "S3_ACCESS_KEY_ID"
    """The environment variable that holds the access key."""
    secret_key_env: str = "S3_SECRET_ACCESS_KEY"  # noqa: S105  the name of a variable
    """The environment variable that holds the secret key."""


class Storage(Section):
    files: Place = Field(default_factory=Place)
    """Uploaded lists and finished exports."""
    backups: Place = Field(default_factory=Place)


class Backups(Section):
    """When backups are made and how long they are kept. The key comes from the variable named by `key_env`."""

    every_hours: int = Field(default=24, ge=0, le=720)
    """0: only by hand."""
    keep_days: int = Field(default=30, ge=1, le=3650)
    """Backups are deleted after so many days."""
    keep_least: int = Field(default=3, ge=1, le=1000)
    """So many stay, however old they are."""
    key_env: str = "BACKUP_KEY"
    """The environment variable that holds the key with which backups are encrypted."""


class Alerts(Section):
    """Who is told when something is wrong."""

    mail_to: tuple[str, ...] = ()
    """By the mail server of `[mail]`."""
    webhook_url: str = Field(default="", pattern=r"^(https?://.+)?$")
    """JSON is posted there: rule, text, is_over, url. Slack's incoming webhooks show `text`."""


class Sentry(Section):
    """Where errors are reported: Sentry or what speaks its protocol (GlitchTip, Bugsink). Needs the extra `sentry`."""

    dsn: str = Field(default="", pattern=r"^(https?://[^@/]+@[^/]+/.+)?$")
    """The address with the public key that Sentry shows for a project; empty: errors are only logged."""
    environment: str = "production"
    """What tells this installation from others in Sentry."""
