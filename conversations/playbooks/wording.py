"""A playbook in plain lines, and what one version changed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.translation import gettext_lazy

from conversations.playbooks.definition import Definition, Words
from outreach.core.states import Text
from outreach.core.words import gettext as _
from outreach.core.words import ngettext

MODES: dict[str, Text] = {
    "review": gettext_lazy("A person approves each answer"),
    "autonomous": gettext_lazy("Clear answers leave by themselves"),
}
TONES: dict[str, Text] = {
    "friendly": gettext_lazy("Friendly"),
    "plain": gettext_lazy("Matter-of-fact"),
    "formal": gettext_lazy("Formal"),
}
LANGUAGE_NAMES: dict[str, Text] = {"en": gettext_lazy("English"), "ru": gettext_lazy("Russian")}
ALWAYS: dict[str, Text] = {
    "opt_out": gettext_lazy("Opt-outs, also suspected ones"),
    "legal": gettext_lazy("Anything legal: lawyers, courts, data protection"),
    "complaint": gettext_lazy("Complaints"),
    "abuse": gettext_lazy("Insults and threats"),
    "sender": gettext_lazy("Mail that may not be from them, by the receiving server's check"),
    "unsure": gettext_lazy("Everything that isn't certain, and questions the playbook doesn't answer"),
}


@dataclass(frozen=True)
class Difference:
    removed: list[str]
    added: list[str]


def settings(definition: Definition) -> Iterator[tuple[str, str]]:
    """(label, value) of what does not depend on the language."""
    yield _("Mode"), str(MODES[definition.mode])
    yield _("Tone"), str(TONES[definition.tone])
    yield _("Booking link"), definition.booking_url or "—"
    again = definition.reengagement
    if again.at_most:
        silence = ngettext("after %(days)s day", "after %(days)s days", again.after_days) % {"days": again.after_days}
        most = ngettext("at most once", "at most %(times)s times", again.at_most) % {"times": again.at_most}
        yield _("Follow up on silence"), f"{silence}, {most}"
    else:
        yield _("Follow up on silence"), _("never")


def lines(definition: Definition) -> Iterator[str]:
    """Everything that the playbook says, a line each."""
    yield from (f"{label}: {value}" for label, value in settings(definition))
    for code in definition.languages:
        name = LANGUAGE_NAMES[code]
        yield from (f"{name} · {line}" for line in _lines(definition.in_language(code)))


def _lines(words: Words) -> Iterator[str]:
    if words.goal:
        yield f"{_('Goal')}: {words.goal}"
    yield from (f"{_('Fact')}: {fact.about + ': ' if fact.about else ''}{fact.text}" for fact in words.facts)
    yield from (f"{_('Objection')}: {objection.said} → {objection.answer}" for objection in words.objections)
    yield from (f"{_('Price')}: {price.what}: {price.price}" for price in words.prices)


def difference(before: Definition, after: Definition) -> Difference:
    """Which lines went and which came."""
    old, new = list(lines(before)), list(lines(after))
    return Difference([line for line in old if line not in new], [line for line in new if line not in old])
