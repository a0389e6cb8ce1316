"""What a person types about a pack."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from outreach.llm import configured
from outreach.llm.routing import BUILTIN
from outreach.prompts.pack import LANGUAGE_NAMES, Pack

MOST_CHARACTERS = 60_000


class SourceForm(forms.Form):
    """The file of a pack, and what changed."""

    source = forms.CharField(
        label=_("Pack"),
        max_length=MOST_CHARACTERS,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 28, "spellcheck": "false", "class": "mono pack-source", "wrap": "soft"}),
    )
    note = forms.CharField(label=_("What changed"), max_length=200, required=False)

    def clean_source(self) -> str:
        return str(self.cleaned_data["source"]).replace("\r\n", "\n")


class RunForm(forms.Form):
    """On what a pack is tried, and who answers."""

    SAMPLES, REAL = "samples", "real"

    cases = forms.ChoiceField(
        label=_("Try it on"), choices=[(SAMPLES, _("Its own examples")), (REAL, _("People of yours"))]
    )
    language = forms.ChoiceField(label=_("Language"))
    target = forms.ChoiceField(label=_("Answered by"))

    def __init__(self, *args: Any, pack: Pack, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        languages: Any = self.fields["language"]
        languages.choices = [(code, _(LANGUAGE_NAMES.get(code, code))) for code in pack.languages]
        target: Any = self.fields["target"]
        target.choices = targets(pack)


def models() -> list[str]:
    """Every model that a route may ask, as provider/model."""
    return list(
        dict.fromkeys(m for route in configured.language_models().routes.values() for m in route.chain if "/" in m)
    )


def targets(pack: Pack) -> list[tuple[str, Any]]:
    """Who can answer: the built-in rules, the pack's own route, and each model that is connected."""
    known = models()
    route = [(pack.route, _("The route “%(route)s”") % {"route": pack.route})] if known else []
    return [(BUILTIN, _("Templates, without a model")), *route, *((name, name) for name in known)]
