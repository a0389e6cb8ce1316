"""The text of a step as a person edits it: one language at a time, all variants."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from campaigns.drafts.facts import VARIABLES
from campaigns.review.wording import FACT_NAMES, fact_name
from campaigns.writing.words import WRITING_ROUTE, StepText
from outreach.llm import configured
from outreach.prompts.pack import Pack, Wishes
from outreach.prompts.rendering import Text

WORDS, MODEL = "words", "model"


class TextForm(forms.Form):
    """Own words, or what a model should write; the words stand in when no model answers."""

    mode = forms.ChoiceField(
        label=_("Who writes"),
        choices=[(WORDS, _("My own words")), (MODEL, _("Let a model write"))],
        widget=forms.RadioSelect,
    )
    tone = forms.ChoiceField(
        label=_("Tone"),
        choices=[
            ("plain", _("Plain")),
            ("friendly", _("Friendly")),
            ("formal", _("Formal")),
            ("bold", _("Pattern break")),
        ],
        required=False,
    )
    word_count = forms.IntegerField(label=_("Length in words"), min_value=15, max_value=250, required=False)
    facts = forms.MultipleChoiceField(
        label=_("Facts it may use"),
        choices=[(name, FACT_NAMES[name]) for name in ("title", "company_name", "city", "industry")],
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text=_("None chosen: all that are known."),
    )
    note = forms.CharField(
        label=_("What else matters"), max_length=600, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    example = forms.CharField(
        label=_("A text you like"),
        max_length=2_000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("Only its manner is taken, none of its facts."),
    )
    name = forms.SlugField(
        label=_("Save as template"),
        max_length=60,
        required=False,
        help_text=_("Lower-case letters and dashes. Other campaigns can use it. Empty: a template of this campaign."),
    )

    def __init__(self, *args: Any, pack: Pack, text: StepText, **kwargs: Any) -> None:
        self.pack, self.text = pack, text
        mode = MODEL if text.is_by_model and has_model() else WORDS
        initial: dict[str, Any] = {"mode": mode, **text.wishes.model_dump()}
        for variant, words in text.words.items():
            initial |= {f"subject_{variant}": words.subject, f"body_{variant}": words.body}
        kwargs["initial"] = initial
        super().__init__(*args, **kwargs)
        for variant in pack.variant_names():
            if pack.channel == "email":
                self.fields[f"subject_{variant}"] = forms.CharField(
                    label=_("Subject"), required=False, strip=True, widget=forms.TextInput(attrs={"data-words": ""})
                )
            self.fields[f"body_{variant}"] = forms.CharField(
                label=_("Text"), required=False, widget=forms.Textarea(attrs={"rows": 12, "data-words": ""})
            )

    def variants(self) -> list[tuple[str, Any, Any]]:
        """(variant, subject field or None, body field) in the pack's order."""
        return [
            (name, self[f"subject_{name}"] if f"subject_{name}" in self.fields else None, self[f"body_{name}"])
            for name in self.pack.variant_names()
        ]

    def value(self) -> StepText:
        """What the form holds, also before it is valid as a whole."""
        data = self.cleaned_data
        words = {
            name: Text(data.get(f"subject_{name}", ""), data.get(f"body_{name}", "").replace("\r\n", "\n"))
            for name in self.pack.variant_names()
        }
        wishes = Wishes(**{name: data[name] for name in Wishes.model_fields if data.get(name)})
        return StepText(self.text.language, words, data.get("mode") == MODEL, wishes)


def has_model() -> bool:
    """Whether a model would be asked for a draft."""
    return configured.uses_model(WRITING_ROUTE)


def variables() -> list[tuple[str, str, str]]:
    """(what to insert, label, kind) for the variable picker; names of people come with a fallback."""
    fallbacks = {"first_name": "there", "company_name": "your company"}
    found = []
    for name, is_ours in VARIABLES.items():
        if name in {"contact_name", "previous_body", "program", "goal"}:
            continue
        fallback = f"|{fallbacks[name]}" if name in fallbacks else ""
        found.append((f"{{{{ {name}{fallback} }}}}", fact_name(name), "ours" if is_ours else "theirs"))
    return found
