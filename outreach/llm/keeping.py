"""When texts of calls go: after their time, and with a person who is erased. Counts, times, hashes and costs stay."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from itertools import count
from typing import Any
from uuid import UUID

from django.db.models import Q

from outreach.core import clock
from outreach.llm import configured
from outreach.llm.models import AnswerFlight, CachedAnswer, CallReservation, Evaluation, Interaction, Trace

CHUNK = 2_000


def forget_old_texts() -> int:
    """Delete texts that are older than the policy says, and what has expired; returns of how many calls."""
    now = clock.now()
    for expired in (CachedAnswer, AnswerFlight, CallReservation):
        expired._default_manager.filter(expires_at__lt=now).delete()
    days = configured.policy().trace_days
    if not days:
        return 0
    old = Interaction.objects.filter(has_texts=True, created_at__lt=now - timedelta(days=days)).order_by("created_at")
    done = 0
    for _round in count():
        ids = list(old.values_list("pk", flat=True)[:CHUNK])
        if not ids:
            break
        forget_texts(ids)
        done += len(ids)
    return done


def forget(*, lead_ids: Iterable[int] = (), interaction_ids: Iterable[Any] = ()) -> None:
    """Blank inputs and outputs of the traces of these leads and of single interactions with what came of them.

    Hashes, counts and costs stay. Kept answers to the same questions go, whoever asked them.
    """
    traces = list(Trace.objects.filter(lead_id__in=list(lead_ids)).values_list("pk", flat=True))
    given = list(interaction_ids)
    rows = Interaction.objects.filter(Q(trace__in=traces) | Q(pk__in=given) | Q(parent__in=given))
    forget_texts(list(rows.values_list("pk", flat=True)))
    Trace.objects.filter(pk__in=traces).update(error="")


def forget_texts(ids: Sequence[UUID]) -> None:
    """Delete what these calls asked and answered, with the kept answers and the reasons that judges gave."""
    hashes = Interaction.objects.filter(pk__in=ids).values("input_hash")
    CachedAnswer.objects.filter(interaction__input_hash__in=hashes).delete()
    Evaluation.objects.filter(interaction__in=ids).exclude(reason="").update(reason="")
    Interaction.objects.filter(pk__in=ids).update(input=[], output="", error="", has_texts=False)
