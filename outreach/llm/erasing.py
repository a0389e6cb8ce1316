"""Deletes what models were asked and answered about people who are erased."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import Q

from outreach.llm.keeping import forget_texts
from outreach.llm.models import Interaction, Trace


def forget(*, lead_ids: Iterable[int] = (), interaction_ids: Iterable[Any] = ()) -> None:
    """Blank inputs and outputs of the traces of these leads and of single interactions with what came of them.

    Hashes, counts and costs stay. Kept answers to the same questions go, whoever asked them.
    """
    traces = list(Trace.objects.filter(lead_id__in=list(lead_ids)).values_list("pk", flat=True))
    given = list(interaction_ids)
    rows = Interaction.objects.filter(Q(trace__in=traces) | Q(pk__in=given) | Q(parent__in=given))
    forget_texts(list(rows.values_list("pk", flat=True)))
    Trace.objects.filter(pk__in=traces).update(error="")
