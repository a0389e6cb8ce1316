"""Deletes what models were asked and answered about people who are erased."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import Q

from outreach.llm.models import CachedAnswer, Evaluation, Interaction, Trace


def forget(*, lead_ids: Iterable[int] = (), interaction_ids: Iterable[Any] = ()) -> None:
    """Blank inputs and outputs of the traces of these leads and of single interactions with what came of them.

    Hashes, counts and costs stay. Cached answers go.
    """
    traces = list(Trace.objects.filter(lead_id__in=list(lead_ids)).values_list("pk", flat=True))
    given = list(interaction_ids)
    rows = Interaction.objects.filter(Q(trace__in=traces) | Q(pk__in=given) | Q(parent__in=given))
    ids = list(rows.values_list("pk", flat=True))
    CachedAnswer.objects.filter(interaction__in=ids).delete()
    Evaluation.objects.filter(interaction__in=ids).update(reason="")
    Interaction.objects.filter(pk__in=ids).update(input=[], output="", error="")
    Trace.objects.filter(pk__in=traces).update(error="")
