"""Models that do not answer, as something to be notified of."""

from __future__ import annotations

from collections.abc import Iterator

from django.urls import reverse
from django.utils.translation import gettext_lazy

from outreach.access.roles import Role
from outreach.core import clock
from outreach.core.words import gettext as _
from outreach.llm.models import Circuit
from outreach.notifications.kinds import NoticeKind, Seen


def failing() -> Iterator[Seen]:
    """Providers that are spared after repeated faults; once a day for each."""
    now = clock.now()
    for row in Circuit.objects.filter(opened_until__gt=now):
        text = _("The model provider %(name)s fails: %(error)s") % {"name": row.provider, "error": row.last_error[:200]}
        yield Seen(f"{row.provider} {now:%Y-%m-%d}", text, reverse("models:index"))


FAILING = NoticeKind(
    "model",
    gettext_lazy("Model provider failing"),
    gettext_lazy("A provider of language models failed repeatedly, so that rules write instead or work waits."),
    role=Role.OPERATOR,
    watch=failing,
)
