"""By what the numbers of a report may be divided."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import tzinfo
from typing import Any

from django.db.models import BigIntegerField, F, Model, TextField
from django.db.models import Value as Constant
from django.db.models.expressions import Combinable
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast, Coalesce, ExtractHour, ExtractIsoWeekDay
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext_lazy

from campaigns.arms.models import Arm
from campaigns.arms.services import MARK, TEXT
from campaigns.models import LANGUAGES, Campaign
from conversations.channels import registry
from conversations.senders.models import Sender
from leads.models import Channel
from leads.names import country_name
from leads.segments.models import Segment
from outreach.access.models import User
from outreach.core.errors import Invalid
from outreach.core.states import Text
from outreach.core.words import gettext as _

Value = Callable[[str, tzinfo], Combinable]
"""(path from a row to its message, the viewer's zone) → what the row is divided by."""


def _text(name: str) -> Value:
    """A text; nothing is the empty one."""
    return lambda prefix, _zone: Coalesce(F(f"{prefix}{name}"), Constant(""), output_field=TextField())


def _number(name: str) -> Value:
    return lambda prefix, _zone: F(f"{prefix}{name}")


@dataclass(frozen=True)
class Dimension:
    """One way to divide messages, and people where they have it without a message too."""

    label: Text
    value: Value
    of_people: str = ""
    """Column of candidates; empty where only messages have it."""
    name: Callable[[str], str] = str
    """What to call a value."""
    model: type[Model] | None = None
    """What the values are ids of."""
    related: tuple[str, ...] = ()
    """What naming a row reads besides."""
    name_of: Callable[[Any], str] = str
    is_personal: bool = False
    """The values are people or accounts of the team, whom a shared report does not name."""
    is_sequence: bool = False
    """Rows stand in the order of their values instead of the most people first."""

    @property
    def is_number(self) -> bool:
        """Whether a value cannot be an empty text."""
        return self.is_sequence or self.model is not None

    def names(self, keys: Collection[str]) -> dict[str, str]:
        """What to call these values; one query where they are ids."""
        if self.model is None:
            return {key: self.name(key) for key in keys}
        ids = [int(key) for key in keys if key]
        return {
            str(row.pk): self.name_of(row)
            for row in self.model._default_manager.select_related(*self.related).filter(pk__in=ids)
        }


def _weekday(value: str) -> str:
    return str(WEEKDAYS[int(value) - 1])


def _hour(value: str) -> str:
    return f"{int(value):02d}:00"


def _or_rules(value: str) -> str:
    return value or _("built-in rules")


def _provider(value: str) -> str:
    try:
        return str(registry.info(value).label) if value else ""
    except Invalid:  # one that this version no longer has
        return value


def _of(names: Any) -> Callable[[str], str]:
    return lambda value: str(dict(names).get(value, value))


DIMENSIONS: dict[str, Dimension] = {
    "campaign": Dimension(
        gettext_lazy("Campaign"), _number("draft__candidate__campaign"), of_people="campaign", model=Campaign
    ),
    "segment": Dimension(
        gettext_lazy("Segment"),
        _number("draft__candidate__campaign__segment_version__segment"),
        of_people="campaign__segment_version__segment",
        model=Segment,
    ),
    "owner": Dimension(
        gettext_lazy("Owner of the campaign"),
        _number("draft__candidate__campaign__created_by"),
        of_people="campaign__created_by",
        model=User,
        is_personal=True,
    ),
    "industry": Dimension(
        gettext_lazy("Industry"), _text("draft__candidate__lead__company__industry"), "lead__company__industry"
    ),
    "country": Dimension(
        gettext_lazy("Country"), _text("draft__candidate__lead__country"), "lead__country", country_name
    ),
    "sender": Dimension(gettext_lazy("Sender"), _number("sender"), model=Sender, is_personal=True),
    "provider": Dimension(gettext_lazy("Provider"), _text("sender__adapter"), name=_provider),
    "channel": Dimension(gettext_lazy("Channel"), _text("channel"), name=_of(Channel.choices)),
    "step": Dimension(gettext_lazy("Step"), _number("draft__step__number"), is_sequence=True),
    "text": Dimension(
        gettext_lazy("Text"),
        lambda prefix, _zone: Coalesce(
            KeyTextTransform(TEXT, f"{prefix}attributes"),
            F(f"{prefix}draft__step__pack_version__name"),
            Constant(""),
            output_field=TextField(),
        ),
    ),
    "variant": Dimension(gettext_lazy("Variant"), _text("draft__variant")),
    "language": Dimension(gettext_lazy("Language"), _text("draft__language"), name=_of(LANGUAGES)),
    "model": Dimension(gettext_lazy("Written by"), _text("draft__interaction__model"), name=_or_rules),
    "reviewer": Dimension(gettext_lazy("Approved by"), _number("draft__approved_by"), model=User, is_personal=True),
    "arm": Dimension(
        gettext_lazy("Experiment"),
        lambda prefix, _zone: Cast(KeyTextTransform(MARK, f"{prefix}attributes"), BigIntegerField()),
        model=Arm,
        related=("experiment",),
        name_of=lambda arm: f"{arm.experiment}: {arm}",
    ),
    "weekday": Dimension(
        gettext_lazy("Weekday"),
        lambda prefix, zone: ExtractIsoWeekDay(f"{prefix}sent_at", tzinfo=zone),
        name=_weekday,
        is_sequence=True,
    ),
    "hour": Dimension(
        gettext_lazy("Hour"),
        lambda prefix, zone: ExtractHour(f"{prefix}sent_at", tzinfo=zone),
        name=_hour,
        is_sequence=True,
    ),
}
"""By name, in the order of the list."""
