"""Which adapters there are.

A new carrier is one folder with `account.py` (`INFO`) and `adapter.py` (`ADAPTER`), perhaps `webhook.py` (`WEBHOOK`), and one
line here. Rooms above add their own with `register`.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import Any, cast

from django.utils.translation import gettext as _

from conversations.channels.base import Adapter
from conversations.channels.fields import AdapterInfo, Field
from conversations.channels.providers.news import Webhook
from outreach.core.errors import Invalid

__all__ = ["AdapterInfo", "Field", "adapter", "available", "info", "load", "register", "simulated", "webhook"]

PACKAGES = {
    "smtp": "conversations.channels.email",
    "sendgrid": "conversations.channels.providers.sendgrid",
    "resend": "conversations.channels.providers.resend",
    "mailgun": "conversations.channels.providers.mailgun",
    "postmark": "conversations.channels.providers.postmark",
    "ses": "conversations.channels.providers.ses",
    "smartlead": "conversations.channels.providers.smartlead",
    "twilio": "conversations.channels.sms",
}


def register(name: str, package: str) -> None:
    """Offer the adapter in the folder `package` under `name`, after the others."""
    PACKAGES[name] = package


def load(name: str, module: str) -> Any:
    """A module of the folder of the adapter called `name`. Raises `Invalid` for a name that nobody registered."""
    if name not in PACKAGES:
        raise Invalid("adapter", _("There is no adapter “%(name)s”.") % {"name": name}, code="unknown_adapter")
    return import_module(f"{PACKAGES[name]}.{module}")


@cache
def adapter(name: str) -> Adapter:
    """The one adapter of this process called `name`. Raises `Invalid` for an unknown one."""
    return cast("Adapter", load(name, "adapter").ADAPTER)


@cache
def info(name: str) -> AdapterInfo:
    """Information about the adapter called `name`. Raises `Invalid` for an unknown one."""
    return cast("AdapterInfo", load(name, "account").INFO)


@cache
def webhook(name: str) -> Webhook:
    """How the provider called `name` calls us. Raises `Invalid` for an adapter without webhooks of this kind."""
    if not info(name).has_webhook:
        raise Invalid("adapter", _("“%(name)s” does not use webhooks.") % {"name": name}, code="no_webhook")
    return cast("Webhook", load(name, "webhook").WEBHOOK)


def available() -> list[AdapterInfo]:
    """All adapters in the order in which they are offered."""
    return [info(name) for name in PACKAGES]


@cache
def simulated() -> list[str]:
    """The names of the adapters that reach reserved addresses, and nothing else."""
    return [name for name in PACKAGES if info(name).is_simulated]
