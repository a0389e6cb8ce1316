"""The adapters by name."""

from __future__ import annotations

from functools import cache

from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from leads.sources.base import Adapter
from outreach.core.errors import Invalid

ADAPTERS: dict[str, str] = {
    "listings": "leads.sources.listings.adapter.ListingsAdapter",
    "network": "leads.sources.network.adapter.NetworkSource",
}
"""Name → class. Loaded when first asked for: an adapter may need a browser."""


@cache
def adapter(name: str) -> Adapter:
    """The adapter called `name`. Raises `Invalid`."""
    if name not in ADAPTERS:
        raise Invalid("adapter", _("There is no source “%(name)s”.") % {"name": name}, code="adapter_unknown")
    made: Adapter = import_string(ADAPTERS[name])()
    return made


def choices() -> list[tuple[str, str]]:
    """(name, label) of all adapters."""
    return [(name, str(adapter(name).label)) for name in ADAPTERS]
