"""What the arms of an experiment may change: one entry for each factor.

A factor offers values for a step, and sets the chosen one on a copy of the step. Whoever writes, plans or answers asks
`campaigns.arms.services` for the step as a person has it, and then knows nothing of experiments.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from campaigns.steps.models import Step
from conversations.playbooks.models import Playbook
from conversations.senders.models import Sender
from outreach.core.states import Text
from outreach.limits.calendars import DAY_MINUTES, format_minute, parse_window
from outreach.llm import configured
from outreach.llm.routing import BUILTIN
from outreach.prompts.models import PackVersion
from outreach.prompts.rendering import pack_of

BLOCK_MINUTES = 180
FIRST_BLOCK, LAST_BLOCK = 6 * 60, 21 * 60
SHORTEST_BLOCK = 60


@dataclass(frozen=True)
class Factor:
    """One thing of a step that may differ between arms."""

    label: Text
    offers: Callable[[Step], dict[str, Text]]
    """Value → what to call it: what can be compared at this step."""
    set_on: Callable[[Step, Any], None]
    """Given what `load` makes of the value."""
    nothing_offered: Text
    is_written: bool = False
    """It rules the text, so people are given to arms before that is written; else when the message is planned."""
    load: Callable[[Collection[str]], Mapping[str, Any]] = lambda values: {value: value for value in values}
    """What the values of all arms stand for, by one query."""


def _variants(step: Step) -> dict[str, Text]:
    return {name: name for name in pack_of(step.pack).variant_names()}


def _set_variant(step: Step, value: str) -> None:
    step.only_variant = value


def _packs(step: Step) -> dict[str, Text]:
    """The packs for messages of the step's channel, as they are in production, and the step's own."""
    usable = PackVersion.objects.in_production().filter(
        definition__route=pack_of(step.pack).route, channel=step.channel
    )
    found = {str(step.pack.pk): step.pack} | {str(row.pk): row for row in usable.order_by("name")}
    names = Counter(row.name for row in found.values())
    return {pk: row.name if names[row.name] == 1 else str(row) for pk, row in found.items()} if len(found) > 1 else {}


def _set_pack(step: Step, value: PackVersion) -> None:
    step.pack_version, step.own_text = value, value.name


def _load_packs(values: Collection[str]) -> dict[str, PackVersion]:
    return {str(row.pk): row for row in PackVersion.objects.filter(pk__in=[int(value) for value in values])}


def _models(step: Step) -> dict[str, Text]:
    """The models of all routes, and the built-in rules."""
    routes = {pack_of(step.pack).route, *configured.language_models().routes}
    names = sorted({name for route in routes for name in configured.chain(route)})
    return {**{name: name for name in names}, BUILTIN: _("built-in rules")} if names else {}


def _set_model(step: Step, value: str) -> None:
    step.route = value


def _pools(step: Step) -> dict[str, Text]:
    """Tags of senders of the step's channel: where it is the first on its channel, and all of them take their senders
    from pools.

    Each person then hears from the pool of their arm for good, also when their sender is replaced.
    """
    others = Step.objects.filter(campaign=step.campaign_id, channel=step.channel).exclude(pk=step.pk)
    if not step.pool or others.filter(Q(number__lt=step.number) | Q(pool="")).exists():
        return {}
    found = Sender.objects.active().filter(channel=step.channel).values_list("tags", flat=True)
    return {tag: tag for tag in sorted({tag for tags in found for tag in tags})}


def _set_pool(step: Step, value: str) -> None:
    step.pool = step.own_pool = value


def _hours(step: Step) -> dict[str, Text]:
    """Blocks of three hours, as far as the campaign's own hours have them."""
    window = parse_window(step.campaign.stream.window)
    found: dict[str, Text] = {}
    for start in range(FIRST_BLOCK, LAST_BLOCK, BLOCK_MINUTES):
        begin, end = max(start, window.start), min(start + BLOCK_MINUTES, window.end, DAY_MINUTES)
        if end - begin >= SHORTEST_BLOCK:
            first, last = format_minute(begin), format_minute(end)
            found[f"{first}-{last}"] = f"{first}–{last}"
    return found


def _set_hours(step: Step, value: str) -> None:
    start, _dash, end = value.partition("-")
    step.hours = {"start": start, "end": end}


def _playbooks(_step: Step) -> dict[str, Text]:
    return {str(row.pk): row.name for row in Playbook.objects.in_use()}


def _set_playbook(step: Step, value: str) -> None:
    step.playbook_id = int(value)


FACTORS: dict[str, Factor] = {
    "variant": Factor(
        _("Text and subject"), _variants, _set_variant, _("This message has no variants."), is_written=True
    ),
    "pack": Factor(
        _("Prompt pack"), _packs, _set_pack, _("There is only one pack for this channel."), is_written=True,
        load=_load_packs,
    ),
    "model": Factor(
        _("Model that writes"), _models, _set_model, _("Connect a model first, under Settings → Models."),
        is_written=True,
    ),
    "pool": Factor(
        _("Pool of senders"), _pools, _set_pool,
        _("Choose the first message, and let every message on its channel leave from any sender with a tag."),
        is_written=True,
    ),
    "hours": Factor(_("Time of day"), _hours, _set_hours, _("The campaign's hours are too short to compare parts of them.")),
    "playbook": Factor(_("Playbook for replies"), _playbooks, _set_playbook, _("There are no playbooks yet.")),
}  # fmt: skip
"""By name, in the order of the form."""
CHOICES = [(name, factor.label) for name, factor in FACTORS.items()]
