"""Forms of providers and routes. The services decide what is right."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from outreach.core.forms import Group, NumberField
from outreach.llm import configured, spending
from outreach.llm.kinds import Kind
from outreach.llm.models import ModelProvider, ModelRoute, TraceContent
from outreach.llm.setup.services import ProviderData

PLACES = 4
"""Models that a purpose may have on the page: the first and those to fall back to."""


class AmountField(forms.DecimalField):
    """US dollars, or nothing."""

    unit = "USD"

    def __init__(self, **options: Any) -> None:
        super().__init__(required=False, min_value=Decimal("0.01"), max_digits=9, decimal_places=2, **options)


class ProviderForm(forms.Form):
    """Connect a provider of one kind, or change it."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=40, help_text=gettext_lazy("What routes call it."))
    base_url = forms.CharField(label=gettext_lazy("Address"), max_length=500)
    key = forms.CharField(
        label=gettext_lazy("Key"),
        max_length=1000,
        required=False,
        strip=True,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
    )
    model = forms.CharField(
        label=gettext_lazy("Model"),
        max_length=200,
        widget=forms.TextInput(attrs={"list": "model-names", "autocomplete": "off"}),
        help_text=gettext_lazy("Asked for one word now, to see that it works."),
    )
    is_default = forms.BooleanField(
        label=gettext_lazy("Use it for everything that has no models of its own"), required=False
    )
    is_local = forms.BooleanField(
        label=gettext_lazy("On this machine or in my own network"),
        required=False,
        help_text=gettext_lazy("Without this, only public addresses over https are asked."),
    )
    is_free = forms.BooleanField(
        label=gettext_lazy("Its models cost nothing"),
        required=False,
        help_text=gettext_lazy("Under a spend cap, models without a known price are not asked unless they are free."),
    )
    uses_responses = forms.BooleanField(
        label=gettext_lazy("Ask through OpenAI's responses API"),
        required=False,
        help_text=gettext_lazy("Otherwise chat completions are used, which nearly every server speaks."),
    )
    timeout_seconds = NumberField(
        label=gettext_lazy("Longest wait for an answer"), min_value=1, max_value=600, unit=gettext_lazy("seconds")
    )
    concurrent_calls = NumberField(
        label=gettext_lazy("Calls at once"),
        min_value=1,
        max_value=1_000,
        required=False,
        help_text=gettext_lazy("Counted over everything that runs. Work that would pass a limit waits its turn."),
    )
    requests_per_minute = NumberField(
        label=gettext_lazy("Calls a minute"), min_value=1, max_value=1_000_000, required=False
    )
    tokens_per_minute = NumberField(
        label=gettext_lazy("Tokens a minute"),
        min_value=1,
        max_value=1_000_000_000,
        required=False,
        help_text=gettext_lazy("Limits that the provider tells with its answers are kept as well."),
    )
    groups = (
        Group(("name", "base_url", "is_local", "is_free", "key", "model", "is_default")),
        Group(
            ("timeout_seconds", "uses_responses", "concurrent_calls", "requests_per_minute", "tokens_per_minute"),
            title=gettext_lazy("Limits and more settings"),
            is_advanced=True,
        ),
    )

    def __init__(self, *args: Any, kind: Kind, provider: ModelProvider | None = None, **options: Any) -> None:
        self.kind, self.provider = kind, provider
        super().__init__(*args, **options)
        self.needed = ("key",) if kind.needs_key and provider is None else ()
        if kind.base_url:
            del self.fields["base_url"], self.fields["is_local"], self.fields["is_free"]
        else:
            self.fields["base_url"].help_text = _("Ends in /v1 for most servers, such as http://localhost:11434/v1.")
        if not kind.has_responses:
            del self.fields["uses_responses"]
        if not kind.needs_key:
            self.fields["key"].help_text = _("Leave it empty if the server asks for none.")
        if provider is not None:
            for name in ("model", "is_default", "is_free"):
                self.fields.pop(name, None)
            self.fields["name"].disabled = True
            if provider.has_key:
                self.fields["key"].help_text = _("A key is stored. Leave this empty to keep it.")

    def data_given(self) -> ProviderData:
        """What was entered, as the service wants it. An empty key keeps the stored one."""
        given = {name: value for name, value in self.cleaned_data.items() if name not in {"model", "is_default"}}
        given["key"] = given["key"] or (None if self.provider else "")
        return ProviderData(kind=self.kind.name, **given)


def provider_values(kind: Kind, provider: ModelProvider | None, *, has_default: bool) -> dict[str, Any]:
    """What the form shows at first."""
    if provider is None:
        suggested = kind.suggested[0] if kind.suggested else ""
        name = "" if kind.name == "compatible" else kind.name
        return {"name": name, "model": suggested, "is_default": not has_default, "timeout_seconds": 60}
    return forms.model_to_dict(provider)


class PolicyForm(forms.Form):
    """Spend caps, and what traces keep."""

    usd_per_day = AmountField(
        label=gettext_lazy("Cap a day, for the whole team"),
        help_text=gettext_lazy("From midnight to midnight UTC. Empty: no cap."),
    )
    usd_per_campaign = AmountField(
        label=gettext_lazy("Cap for each campaign"),
        help_text=gettext_lazy("A campaign can have its own cap, set on its page. Empty: no cap."),
    )
    trace_content = forms.ChoiceField(
        label=gettext_lazy("Traces keep"),
        choices=TraceContent.choices,
        widget=forms.RadioSelect,
        help_text=gettext_lazy(
            "What models were asked and answered. Masking replaces names, addresses, numbers and links of people as a call is stored; earlier calls stay as they are."
        ),
    )
    trace_days = NumberField(
        label=gettext_lazy("Delete texts after"),
        min_value=0,
        max_value=3650,
        unit=gettext_lazy("days"),
        help_text=gettext_lazy("Every night. Counts, times and costs stay. 0: never."),
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for name, cap in (("usd_per_day", spending.day_cap()), ("usd_per_campaign", spending.default_campaign_cap())):
            if cap.is_fixed:
                self.fields[name].disabled = True
                self.fields[name].help_text = _("Set in outreach.toml (llm.%(name)s).") % {"name": name}


def policy_values() -> dict[str, Any]:
    """What the form shows at first: what is in force."""
    policy = configured.policy()
    return {
        "usd_per_day": spending.day_cap().usd,
        "usd_per_campaign": spending.default_campaign_cap().usd,
        "trace_content": policy.trace_content,
        "trace_days": policy.trace_days,
    }


class RouteForm(forms.Form):
    """The models for one purpose, first to last."""

    temperature = forms.FloatField(
        label=gettext_lazy("Temperature"),
        min_value=0,
        max_value=2,
        help_text=gettext_lazy("0 gives much the same answer each time, 1 more variety. Some models have their own."),
    )
    max_output_tokens = NumberField(
        label=gettext_lazy("Longest answer"),
        min_value=16,
        max_value=32_000,
        unit=gettext_lazy("tokens"),
        help_text=gettext_lazy("Reasoning models count their thinking too: give them 4,000 or more."),
    )
    groups = (
        Group(tuple(f"model_{number}" for number in range(PLACES))),
        Group(("temperature", "max_output_tokens"), title=gettext_lazy("More settings"), is_advanced=True),
    )

    def __init__(self, *args: Any, row: ModelRoute | None, **options: Any) -> None:
        shown = row or ModelRoute()
        chosen = {f"model_{number}": name for number, name in enumerate(shown.chain)}
        options["initial"] = {**forms.model_to_dict(shown), **chosen}
        super().__init__(*args, **options)
        for number in range(max(PLACES, len(shown.chain))):
            self.fields[f"model_{number}"] = forms.CharField(
                label=_("First") if number == 0 else _("If that fails"),
                required=False,
                max_length=240,
                widget=forms.TextInput(
                    attrs={"list": "model-names", "autocomplete": "off", "placeholder": _("provider/model")}
                ),
            )

    def chain(self) -> list[str]:
        """The models in the order of the places, without empty ones."""
        return [
            self.cleaned_data[name] for name in self.fields if name.startswith("model_") and self.cleaned_data[name]
        ]
