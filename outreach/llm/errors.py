"""What can go wrong with a call to a model, and what each fault means for the next step."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from outreach.core.errors import Postponed


class Kind(TextChoices):
    """The taxonomy of faults: what `Interaction.error_class` stores, and what it means to who reads a list of calls."""

    RATE_LIMITED = "rate_limited", _("Too many calls")
    TIMEOUT = "timeout", _("No answer in time")
    UNAVAILABLE = "unavailable", _("Not reachable")
    """5xx or no connection."""
    NOT_CONFIGURED = "not_configured", _("Key refused")
    """No key in the environment, or the key was refused."""
    UNKNOWN_MODEL = "unknown_model", _("Unknown model")
    """There is no such model, or no such API at this address."""
    REJECTED = "rejected", _("Question refused")
    """The request itself is at fault: too long, forbidden parameter."""
    NOT_AN_ANSWER = "not_an_answer", _("Not an answer from a model")
    """Status 200 without a chat completion: an HTML page, an empty list of choices."""
    TRUNCATED = "truncated", _("Cut off")
    REFUSED = "refused", _("Model declined")
    """The model declined, or a content filter took the answer."""
    INVALID_OUTPUT = "invalid_output", _("Wrong format")
    """Not JSON, or JSON that does not fit the schema."""


@dataclass(frozen=True)
class Tokens:
    """What a call used. `read` and `written` are the parts of `input` that came from and went into a prompt cache."""

    input: int | None = None
    output: int | None = None
    read: int = 0
    written: int = 0


@dataclass(frozen=True)
class Held:
    """Why a call may not go out. `until` is when it may, as far as is known."""

    reason: str
    until: datetime | None = None
    is_brief: bool = False
    """Whether it passes by itself within moments, nobody knows when."""


class Waiting(Postponed):
    """No model answers now, and the caller would rather wait than have rules answer."""

    code = "model_waiting"


PASSING = frozenset({Kind.RATE_LIMITED, Kind.TIMEOUT, Kind.UNAVAILABLE})
"""Worth another try at the same place, after a pause."""
PROVIDER_FAULTS = PASSING | {Kind.NOT_CONFIGURED, Kind.NOT_AN_ANSWER}
"""Count against the provider's circuit; the others are about one request."""
WORTH_WAITING = PROVIDER_FAULTS | {Kind.UNKNOWN_MODEL}
"""They pass, or a person sets them right: the same question can be answered later. The others are about the question."""
REPAIRABLE = frozenset({Kind.INVALID_OUTPUT, Kind.TRUNCATED})
"""Worth showing to the model once, with what is wrong."""


class ModelFault(Exception):
    """One failed call. `refused_parameter` is the one that the model does not take; `text` is what the model did say, if anything; `retry_after_seconds` what the provider asked for."""

    def __init__(
        self,
        kind: Kind,
        reason: str,
        *,
        text: str = "",
        retry_after_seconds: float | None = None,
        tokens: Tokens | None = None,
        finish_reason: str = "",
        refused_parameter: str = "",
    ) -> None:
        super().__init__(reason)
        self.kind = kind
        self.reason = reason
        self.text = text
        self.retry_after_seconds = retry_after_seconds
        self.tokens = tokens or Tokens()
        self.finish_reason = finish_reason
        self.refused_parameter = refused_parameter

    @property
    def asks_to_wait(self) -> timedelta | None:
        """How long the provider asked everyone to stay away."""
        if self.kind != Kind.RATE_LIMITED or not self.retry_after_seconds:
            return None
        return timedelta(seconds=min(self.retry_after_seconds, 3600))
