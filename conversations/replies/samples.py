"""Replies as cases for the pack that reads them, and the rules that read them without a model."""

from __future__ import annotations

from pydantic import ValidationError

from conversations.models import Message
from conversations.replies import intents
from conversations.replies.services import Classified
from outreach.core import clock, words
from outreach.prompts.pack import Case, Pack
from outreach.prompts.testing import Sample, StandIn

PACK = "classify-reply"


def of_pack(pack: Pack, most: int) -> list[Sample]:
    """The newest replies of people; none for other packs."""
    if pack.name != PACK:
        return []
    rows = Message.objects.filter(direction=Message.Direction.IN).exclude(body="").order_by("-pk")[:most]
    return [
        Sample(
            " ".join(row.body.split())[:60],
            Case(
                name=str(row.pk),
                language=row.language if row.language in pack.languages else "en",
                inputs={"channel": row.channel, "reply": row.body[:3_000]},
            ),
        )
        for row in rows
    ]


def by_rules(case: Case) -> Classified:
    """What the rules read in the case's reply."""
    found = intents.understand(case.inputs.get("reply", ""), today=clock.now().date())
    reason = words.joined("; ", found.reasons)[:500]
    values = {"intent": found.intent, "confidence": found.confidence, "reason": reason}
    try:
        return Classified.model_validate(values)
    except ValidationError:  # a class that is never asked for, such as a reaction
        return Classified.model_validate({**values, "intent": "unclear"})


STAND_IN = StandIn(PACK, schema=Classified, answer=by_rules)
