"""Tags for many people or companies at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext_lazy

from leads import services
from leads.bulk import BulkAction, Parameters
from leads.cleaning import cells
from outreach.core import numbers
from outreach.core.errors import Invalid
from outreach.core.models import Actor
from outreach.core.words import gettext as _
from outreach.core.words import ngettext

Rows = Callable[[Sequence[int], Actor, Sequence[str], Sequence[str]], int]
"""Ids, actor, tags to add and to remove → how many changed."""
Plural = Callable[[int], str]
TEMPLATE = "leads/directory/bulk/_tag.html"


def _read(posted: Mapping[str, Any], name: str) -> dict[str, Any]:
    tags = cells.tags(str(posted.get(f"{name}-tags") or ""))
    if not tags:
        raise Invalid(f"{name}-tags", _("Enter a tag."), code="tag_missing")
    return {"tags": tags}


def _actions(rows: Rows, added: Plural, removed: Plural) -> tuple[BulkAction, BulkAction]:
    """“Tag” and “Remove tag” for people or companies, with their sentences."""
    tag = BulkAction(
        name="tag",
        label=gettext_lazy("Tag"),
        icon="plus",
        template=TEMPLATE,
        read=lambda posted: _read(posted, "tag"),
        apply=lambda ids, parameters, actor: _counted(ids, rows(ids, actor, parameters["tags"], ())),
        sentence=lambda counts, parameters: _told(added, counts, parameters, _("%(count)s already had it.")),
    )
    untag = BulkAction(
        name="untag",
        label=gettext_lazy("Remove tag"),
        icon="cross",
        template=TEMPLATE,
        read=lambda posted: _read(posted, "untag"),
        apply=lambda ids, parameters, actor: _counted(ids, rows(ids, actor, (), parameters["tags"])),
        sentence=lambda counts, parameters: _told(removed, counts, parameters, _("%(count)s did not have it.")),
    )
    return tag, untag


def _counted(ids: Sequence[int], changed: int) -> Counter[str]:
    return Counter(changed=changed, unchanged=len(ids) - changed)


def _told(text: Plural, counts: Counter[str], parameters: Parameters, rest: str) -> str:
    words = {"count": numbers.count(counts["changed"]), "tags": ", ".join(parameters["tags"])}
    sentence = text(counts["changed"]) % words
    return f"{sentence} {rest % {'count': format(counts['unchanged'], ',')}}" if counts["unchanged"] else sentence


TAG, UNTAG = _actions(
    lambda ids, actor, add, remove: services.tag_leads(lead_ids=ids, actor=actor, add=add, remove=remove),
    lambda n: ngettext("%(count)s person tagged “%(tags)s”.", "%(count)s people tagged “%(tags)s”.", n),
    lambda n: ngettext("“%(tags)s” removed from %(count)s person.", "“%(tags)s” removed from %(count)s people.", n),
)
TAG_COMPANIES, UNTAG_COMPANIES = _actions(
    lambda ids, actor, add, remove: services.tag_companies(company_ids=ids, actor=actor, add=add, remove=remove),
    lambda n: ngettext("%(count)s company tagged “%(tags)s”.", "%(count)s companies tagged “%(tags)s”.", n),
    lambda n: ngettext("“%(tags)s” removed from %(count)s company.", "“%(tags)s” removed from %(count)s companies.", n),
)
