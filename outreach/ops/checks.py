"""System checks of the configuration: a bad value fails at start and names its key."""

from __future__ import annotations

import os
from datetime import timedelta
from importlib.util import find_spec
from typing import Any

from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage, Error, register

from outreach.jobs.policy import KEEP_ALIVE_SECONDS, RUN_LEASE

LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


@register()
def configuration_is_sound(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """outreach.toml: every fault with its key."""
    return [
        Error(fault, hint=f"Correct it in {settings.CONFIGURATION_PATH}.", id="outreach.E001")
        for fault in settings.CONFIGURATION_FAULTS
    ]


@register()
def errors_can_be_reported(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """[sentry]: an address needs the library."""
    if not settings.OUTREACH.sentry.dsn or find_spec("sentry_sdk"):
        return []
    hint = "Run “uv sync --extra sentry” and restart, or empty sentry.dsn."
    return [
        Error(
            "outreach.toml: sentry.dsn is set, but the Sentry library is not installed.", hint=hint, id="outreach.E040"
        )
    ]


@register()
def redis_can_be_asked(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """REDIS_URL needs the library."""
    if not settings.REDIS_URL or find_spec("redis"):
        return []
    hint = "Run “uv sync --extra redis” and restart, or unset REDIS_URL."
    return [Error("REDIS_URL is set, but the Redis library is not installed.", hint=hint, id="outreach.E041")]


@register()
def queue_settings_hold(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """What runs without a word on its lease counts as dead, and would run a second time."""
    if timedelta(seconds=settings.Q_CLUSTER["timeout"]) < RUN_LEASE - timedelta(seconds=KEEP_ALIVE_SECONDS / 2):
        return []
    return [Error("Q_CLUSTER: the timeout must end well before jobs.policy.RUN_LEASE.", id="outreach.E011")]


@register()
def system_mail_is_complete(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """[mail]: a host needs a sender, a user name its password; encryption is never left out over the network."""
    mail = settings.OUTREACH.mail
    if not mail.host:
        return []
    found: list[CheckMessage] = []
    if not mail.sender:
        found.append(
            Error(
                "outreach.toml: mail.sender is empty.",
                hint="Set the address that mail to users comes from.",
                id="outreach.E020",
            )
        )
    if mail.username and not os.environ.get(mail.password_env):
        found.append(
            Error(
                f"outreach.toml: mail.username is set, but the environment has no {mail.password_env}.",
                hint="Set the password of the mail server there, or name another variable in mail.password_env.",
                id="outreach.E021",
            )
        )
    if mail.security == "none" and mail.host not in LOOPBACK:
        found.append(
            Error(
                "outreach.toml: mail.security is “none” for a server on the network.",
                hint="Use “starttls” or “ssl”: the mail holds links that sign people in.",
                id="outreach.E022",
            )
        )
    return found


@register()
def places_are_complete(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """[storage]: a bucket has its name, its keys and the packages that it needs."""
    found: list[CheckMessage] = []
    for name, place in (("files", settings.OUTREACH.storage.files), ("backups", settings.OUTREACH.storage.backups)):
        if place.kind != "s3":
            continue
        if not place.bucket:
            found.append(Error(f"outreach.toml: storage.{name}.bucket is empty.", id="outreach.E030"))
        if find_spec("storages") is None or find_spec("boto3") is None:
            hint = "Install the extra `s3`: uv sync --extra s3."
            found.append(Error(f"outreach.toml: storage.{name} needs django-storages.", hint=hint, id="outreach.E031"))
        given = [bool(os.environ.get(key)) for key in (place.access_key_env, place.secret_key_env)]
        if given[0] != given[1]:
            both = f"{place.access_key_env} and {place.secret_key_env}"
            hint = "Without both, the machine's own role is used."
            found.append(
                Error(f"outreach.toml: storage.{name}: set both {both}, or none.", hint=hint, id="outreach.E032")
            )
    return found


@register(deploy=True)
def system_mail_is_set_up(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Without a mail server nobody can reset a password alone."""
    if settings.OUTREACH.mail.host:
        return []
    return [
        checks.Warning(
            "outreach.toml has no [mail]: password resets and invitations are not sent.",
            hint="Name a mail server in [mail]. Until then administrators pass the links on themselves.",
            id="outreach.W002",
        )
    ]


@register(deploy=True)
def public_address_is_set(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Links in messages and provider callbacks are built from PUBLIC_BASE_URL."""
    if settings.PUBLIC_BASE_URL.startswith("https://"):
        return []
    return [
        checks.Warning(
            "PUBLIC_BASE_URL is not an https address.",
            hint="Unsubscribe links and provider callbacks need the public https address of this server.",
            id="outreach.W001",
        )
    ]
