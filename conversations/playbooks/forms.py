"""The form that writes a playbook: settings, and for each language one entry a line."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from conversations.playbooks import wording
from conversations.playbooks.definition import LANGUAGES, MAX_ITEMS, Definition, Reengagement, Words, dump, parse
from conversations.playbooks.services import MAX_NAME
from outreach.core.errors import Invalid
from outreach.core.forms import Group, NumberField

Pair = tuple[str, str]
PARTS: dict[str, Callable[[Words], Iterable[Pair]]] = {
    "facts": lambda words: ((fact.about, fact.text) for fact in words.facts),
    "objections": lambda words: ((one.said, one.answer) for one in words.objections),
    "prices": lambda words: ((one.what, one.price) for one in words.prices),
}
"""The parts of a language that are written one entry a line."""
KEYS = {"facts": ("about", "text"), "objections": ("said", "answer"), "prices": ("what", "price")}


class PairsField(forms.CharField):
    """One entry a line, `left: right`. Without a left side the line is all right side, where `may_be_bare` allows it."""

    def __init__(self, *, may_be_bare: bool = False, rows: int = 5, placeholder: Any = "", **options: Any) -> None:
        widget = forms.Textarea(attrs={"rows": rows, "placeholder": placeholder})
        super().__init__(required=False, widget=widget, max_length=40_000, **options)
        self.may_be_bare = may_be_bare

    def clean(self, value: Any) -> list[Pair]:
        """The entries. Says which line is not one."""
        entries: list[Pair] = []
        for number, line in enumerate(super().clean(value).splitlines(), start=1):
            left, colon, right = line.partition(": ")
            if not line.strip():
                continue
            if not colon and self.may_be_bare:
                left, right = "", line
            elif not (left.strip() and right.strip()):
                text = _("Line %(number)s needs a colon and a space between its two parts: “%(line)s”")
                raise forms.ValidationError(text, params={"number": number, "line": line[:60]})
            entries.append((left.strip(), right.strip()))
        if len(entries) > MAX_ITEMS:
            raise forms.ValidationError(_("At most %(most)s entries."), params={"most": MAX_ITEMS})
        return entries


def shown(pairs: Iterable[Pair]) -> str:
    """The entries as the field shows them."""
    return "\n".join(f"{left}: {right}" if left else right for left, right in pairs)


class PlaybookForm(forms.Form):
    """Name, settings, and the words of each language (`facts_en`, `prices_ru`, …)."""

    name = forms.CharField(label=_("Name"), max_length=MAX_NAME)
    mode = forms.ChoiceField(
        label=_("Who sends"),
        choices=list(wording.MODES.items()),
        widget=forms.RadioSelect,
        help_text=_("An answer leaves by itself only if it is certain what was asked and everything in it is covered."),
    )
    tone = forms.ChoiceField(label=_("Tone"), choices=list(wording.TONES.items()))
    booking_url = forms.URLField(
        label=_("Booking link"),
        required=False,
        assume_scheme="https",
        help_text=_("Given when someone wants a call. The booking link of a campaign goes before it."),
    )
    after_days = NumberField(
        label=_("Write again after a silence of"), min_value=1, max_value=90, initial=5, unit=_("days")
    )
    at_most = NumberField(
        label=_("At most"),
        min_value=0,
        max_value=5,
        initial=2,
        unit=_("times"),
        help_text=_("Then the conversation is dormant. 0: never write again."),
    )
    languages = forms.MultipleChoiceField(
        label=_("Languages"),
        choices=list(wording.LANGUAGE_NAMES.items()),
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Answers to other languages are left to a person."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for code in LANGUAGES:
            self.fields[f"goal_{code}"] = forms.CharField(
                label=_("Goal"), required=False, max_length=600, widget=forms.Textarea(attrs={"rows": 2})
            )
            self.fields[f"facts_{code}"] = PairsField(
                label=_("Facts"),
                may_be_bare=True,
                rows=7,
                placeholder=_("integrations, CRM: It works with HubSpot and Pipedrive."),
                help_text=_("One a line: words that a question may use, a colon, and what may be said."),
            )
            self.fields[f"objections_{code}"] = PairsField(
                label=_("Objections"),
                placeholder=_("too expensive, no budget: Most teams start with two seats."),
                help_text=_("One a line: what people say, separated by commas, a colon, and the answer."),
            )
            self.fields[f"prices_{code}"] = PairsField(
                label=_("Prices you may quote"),
                rows=3,
                placeholder=_("Team plan: €400 a month"),
                help_text=_("One a line. No other price and no discount is ever named."),
            )

    @property
    def groups(self) -> list[Group]:
        settings = ("name", "languages", "mode", "tone", "booking_url", "after_days", "at_most")
        return [
            Group(settings),
            *(
                Group(tuple(f"{part}_{code}" for part in ("goal", *PARTS)), wording.LANGUAGE_NAMES[code])
                for code in LANGUAGES
            ),
        ]

    def definition(self) -> Definition | None:
        """What was filled in; None with the errors on their fields when it is no playbook yet."""
        if not self.is_valid():
            return None
        data = self.cleaned_data
        given = {
            **{name: data[name] for name in ("mode", "tone", "booking_url")},
            "reengagement": {name: data[name] for name in Reengagement.model_fields},
            "words": {code: self._words(code) for code in data["languages"]},
        }
        try:
            return parse(given)
        except Invalid as error:
            self._place(error)
            return None

    def _words(self, code: str) -> dict[str, Any]:
        data = self.cleaned_data
        lists = {part: [dict(zip(KEYS[part], pair, strict=True)) for pair in data[f"{part}_{code}"]] for part in PARTS}
        return {"goal": " ".join(data[f"goal_{code}"].split()), **lists}

    def _place(self, error: Invalid) -> None:
        """Put a fault of `words.en.facts.0.text` at the field that wrote it."""
        parts = error.field.split(".")
        name = f"{parts[2]}_{parts[1]}" if parts[0] == "words" and len(parts) > 2 else parts[-1]
        self.add_error(name if name in self.fields else None, error.reason)


def initial_of(name: str, definition: Definition) -> dict[str, Any]:
    """What the form of a playbook starts with."""
    found = {"name": name, "languages": list(definition.languages), **dump(definition), **dump_silence(definition)}
    for code in definition.languages:
        words = definition.in_language(code)
        found[f"goal_{code}"] = words.goal
        found |= {f"{part}_{code}": shown(pairs_of(words)) for part, pairs_of in PARTS.items()}
    return found


def dump_silence(definition: Definition) -> dict[str, int]:
    again = definition.reengagement
    return {"after_days": again.after_days, "at_most": again.at_most}
