"""Tags for many people at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from leads import services
from leads.bulk import BulkAction, Parameters
from leads.cleaning import cells
from outreach.core.errors import Invalid
from outreach.core.models import Actor

TEMPLATE = "leads/directory/bulk/_tag.html"


def _read(posted: Mapping[str, Any], name: str) -> dict[str, Any]:
    tags = cells.tags(str(posted.get(f"{name}-tags") or ""))
    if not tags:
        raise Invalid(f"{name}-tags", _("Enter a tag."), code="tag_missing")
    return {"tags": tags}


def _add(ids: Sequence[int], parameters: Parameters, actor: Actor) -> Counter[str]:
    changed = services.tag_leads(lead_ids=ids, actor=actor, add=parameters["tags"])
    return Counter(changed=changed, unchanged=len(ids) - changed)


def _remove(ids: Sequence[int], parameters: Parameters, actor: Actor) -> Counter[str]:
    changed = services.tag_leads(lead_ids=ids, actor=actor, remove=parameters["tags"])
    return Counter(changed=changed, unchanged=len(ids) - changed)


def _added(counts: Counter[str], parameters: Parameters) -> str:
    text = ngettext("%(count)s person tagged “%(tags)s”.", "%(count)s people tagged “%(tags)s”.", counts["changed"])
    return _with_rest(text, counts, parameters, _("%(count)s already had it."))


def _removed(counts: Counter[str], parameters: Parameters) -> str:
    text = ngettext(
        "“%(tags)s” removed from %(count)s person.", "“%(tags)s” removed from %(count)s people.", counts["changed"]
    )
    return _with_rest(text, counts, parameters, _("%(count)s did not have it."))


def _with_rest(text: str, counts: Counter[str], parameters: Parameters, rest: str) -> str:
    sentence = text % {"count": f"{counts['changed']:,}", "tags": ", ".join(parameters["tags"])}
    return f"{sentence} {rest % {'count': format(counts['unchanged'], ',')}}" if counts["unchanged"] else sentence


TAG = BulkAction(
    name="tag",
    label=gettext_lazy("Tag"),
    icon="plus",
    template=TEMPLATE,
    read=lambda posted: _read(posted, "tag"),
    apply=_add,
    sentence=_added,
)
UNTAG = BulkAction(
    name="untag",
    label=gettext_lazy("Remove tag"),
    icon="cross",
    template=TEMPLATE,
    read=lambda posted: _read(posted, "untag"),
    apply=_remove,
    sentence=_removed,
)
