"""The files of a step, as delivery takes them."""

from __future__ import annotations

from campaigns.enclosures.models import StepFile
from campaigns.sequences.models import Step
from conversations.files.enclosures import Enclosure, encode


def enclosures_of(step: Step) -> list[Enclosure]:
    """What each message of `step` encloses, in the order of adding. One query a step object."""
    known: list[Enclosure] | None = getattr(step, "_enclosures", None)
    if known is None:
        rows = (
            StepFile.objects.filter(step=step.pk).order_by("id").values_list("file__content_hash", "name", "is_inline")
        )
        known = [Enclosure(content_hash, name, is_inline) for content_hash, name, is_inline in rows]
        step._enclosures = known  # type: ignore[attr-defined]
    return known


def encoded_files(step: Step) -> str:
    """The same as the text that approvals are bound to; empty without files."""
    return encode(enclosures_of(step))
