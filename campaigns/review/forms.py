"""Filters and bulk actions as they arrive from a page."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from campaigns.drafts.models import DRAFT
from campaigns.models import Campaign
from campaigns.review.selectors import Filters

_RISKS = [("", _("Any risk")), ("0.01", _("Any flag")), ("0.3", _("Some risk and more")), ("0.5", _("High risk"))]


class FilterForm(forms.Form):
    """The toolbar of the review pages."""

    campaign = forms.ModelChoiceField(
        Campaign.objects.exclude(state="archived").order_by("-pk"),
        required=False,
        empty_label=_("All"),
        label=_("Campaign"),
    )
    state = forms.ChoiceField(
        choices=[("all", _("All")), *[c for c in DRAFT.choices if c[0] != "generated"]],
        required=False,
        label=_("State"),
    )
    risk = forms.ChoiceField(choices=_RISKS, required=False, label=_("Risk"))
    variant = forms.CharField(required=False, max_length=40, label=_("Variant"))
    language = forms.ChoiceField(
        choices=[("", _("Any")), ("en", "English"), ("ru", "Русский")], required=False, label=_("Language")
    )
    company = forms.CharField(required=False, max_length=100, label=_("Company or person"))
    flagged = forms.BooleanField(required=False, label=_("Flagged"))
    edited = forms.BooleanField(required=False, label=_("Edited"))

    hides_campaign = False
    """On the page of one campaign there is nothing to choose."""

    def shown(self) -> list[forms.BoundField]:
        """The fields with a label above them, in order."""
        names = ["company", "risk", "language", "variant"]
        return [self[name] for name in (names if self.hides_campaign else ["campaign", *names])]

    def filters(self, campaign: Campaign | None) -> Filters:
        """Typed filters; what cannot be read is left out. Without a state, what waits for review."""
        data: dict[str, Any] = self.cleaned_data if self.is_valid() else getattr(self, "cleaned_data", {})
        chosen = campaign or data.get("campaign")
        state = data.get("state") or "pending_review"
        return Filters(
            campaign_id=chosen.pk if chosen else None,
            state="" if state == "all" else state,
            min_risk=float(data["risk"]) if data.get("risk") else None,
            variant=data.get("variant", ""),
            language=data.get("language", ""),
            company=data.get("company", "").strip(),
            is_flagged=bool(data.get("flagged")),
            is_edited=bool(data.get("edited")),
        )
