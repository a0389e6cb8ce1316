"""Filters and bulk actions as they arrive from a page."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from campaigns.drafts.models import DRAFT, ApprovalRule, Draft
from campaigns.models import CAMPAIGN, Campaign
from campaigns.review.many import reviewers
from campaigns.review.rules import Conditions, parse_conditions
from campaigns.review.selectors import Filters
from leads.models import Channel
from outreach.access.models import User
from outreach.core.forms import Group
from outreach.prompts.rendering import pack_of

_RISKS = [
    ("", _("Any risk")),
    ("0.01", _("Low risk or more")),
    ("0.3", _("Some risk or more")),
    ("0.5", _("High risk")),
]


class FilterForm(forms.Form):
    """The toolbar of the review pages."""

    campaign = forms.ModelChoiceField(
        Campaign.objects.exclude(state=CAMPAIGN.ARCHIVED).order_by("-pk"),
        required=False,
        empty_label=_("All"),
        label=_("Campaign"),
    )
    state = forms.ChoiceField(
        choices=[("all", _("All")), *[c for c in DRAFT.choices if c[0] != DRAFT.initial]],
        required=False,
        label=_("State"),
    )
    risk = forms.ChoiceField(choices=_RISKS, required=False, label=_("Risk"))
    variant = forms.ChoiceField(required=False, label=_("Variant"))
    language = forms.ChoiceField(
        choices=[("", _("Any")), ("en", "English"), ("ru", "Русский")], required=False, label=_("Language")
    )
    company = forms.CharField(required=False, max_length=100, label=_("Company or person"))
    reviewer = forms.ChoiceField(required=False, label=_("Reviewer"))
    flagged = forms.BooleanField(required=False, label=_("Flagged"))
    edited = forms.BooleanField(required=False, label=_("Edited"))

    def __init__(self, data: Any, *, campaign: Campaign | None, user: User) -> None:
        super().__init__(data)
        self.chosen, self.user = campaign, user
        self._choose("variant", self._variants)
        self._choose("reviewer", self._reviewers)

    def _choose(self, name: str, choices: Callable[[], list[tuple[str, Any]]]) -> None:
        """Choices are read once, when they are shown or checked: a step of the stack does neither."""
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = cache(choices)

    def _variants(self) -> list[tuple[str, Any]]:
        names: set[str] = set()
        for step in self.chosen.steps.select_related("pack_version") if self.chosen else ():
            if not step.is_task:
                names |= set(pack_of(step.pack).variant_names())
        if self.chosen is None:
            names = set(Draft.objects.to_review().order_by("variant").values_list("variant", flat=True).distinct())
        return [("", _("Any")), *((name, name) for name in sorted(names))]

    def _reviewers(self) -> list[tuple[str, Any]]:
        people = [(str(one.pk), one.get_username()) for one in reviewers() if one.pk != self.user.pk]
        return [("", _("Anyone")), ("mine", _("Mine")), ("none", _("Nobody")), *people]

    def shown(self) -> list[forms.BoundField]:
        """The fields with a label above them, in order."""
        names = ["company", "risk", "language", "variant", "reviewer"]
        return [self[name] for name in (names if self.chosen else ["campaign", *names])]

    @property
    def is_narrowed(self) -> bool:
        """Whether anything but the state is chosen."""
        return bool(set(self.changed_data) - {"state", *(["campaign"] if self.chosen else [])})

    def filters(self, campaign: Campaign | None) -> Filters:
        """Typed filters; what cannot be read is left out. Without a state, what waits for review."""
        data: dict[str, Any] = self.cleaned_data if self.is_valid() else getattr(self, "cleaned_data", {})
        chosen = campaign or data.get("campaign")
        state = data.get("state") or DRAFT.PENDING_REVIEW
        return Filters(
            campaign_id=chosen.pk if chosen else None,
            state="" if state == "all" else state,
            min_risk=float(data["risk"]) if data.get("risk") else None,
            variant=data.get("variant", ""),
            language=data.get("language", ""),
            company=data.get("company", "").strip(),
            is_flagged=bool(data.get("flagged")),
            is_edited=bool(data.get("edited")),
            reviewer_id=self._reviewer(data.get("reviewer", "")),
        )

    def _reviewer(self, chosen: str) -> int | None:
        if chosen == "mine":
            return self.user.pk
        return 0 if chosen == "none" else int(chosen) if chosen else None


class RuleForm(forms.Form):
    """A new approval rule. What is left empty is not asked about."""

    name = forms.CharField(max_length=100, label=_("Name"))
    action = forms.ChoiceField(choices=ApprovalRule.Action.choices, label=_("What it does"))
    campaign = forms.ModelChoiceField(
        Campaign.objects.live(), required=False, empty_label=_("All campaigns"), label=_("Campaign")
    )
    min_quality = forms.FloatField(required=False, min_value=0, max_value=1, label=_("Quality at least"))
    max_risk = forms.FloatField(required=False, min_value=0, max_value=1, label=_("Risk at most"))
    min_judged_quality = forms.FloatField(
        required=False,
        min_value=0,
        max_value=1,
        label=_("Judge's mark at least"),
        help_text=_("Only once the judge agrees with your reviewers."),
    )
    first_contact_with_company = forms.NullBooleanField(
        required=False,
        label=_("First contact with the company"),
        widget=forms.Select(choices=[("", _("Any")), ("true", _("Yes")), ("false", _("No"))]),
    )
    words = forms.CharField(
        required=False, max_length=500, label=_("Any of these words"), help_text=_("Separate them with commas.")
    )
    channel = forms.ChoiceField(choices=[("", _("Any")), *Channel.choices], required=False, label=_("Channel"))
    language = forms.ChoiceField(
        choices=[("", _("Any")), ("en", "English"), ("ru", "Русский")], required=False, label=_("Language")
    )

    groups = (
        Group(("name", "action", "campaign")),
        Group(
            (
                "min_quality",
                "max_risk",
                "min_judged_quality",
                "first_contact_with_company",
                "words",
                "channel",
                "language",
            ),
            _("When"),
        ),
    )

    def conditions(self) -> Conditions:
        """What the rule asks of a draft."""
        data = self.cleaned_data
        words = [word.strip() for word in data["words"].split(",") if word.strip()]
        given = {name: data[name] for name in Conditions.model_fields if data.get(name) not in (None, "")}
        return parse_conditions({**given, "words": words})

    def rule(self) -> dict[str, Any]:
        """The arguments of `save_rule`."""
        data = self.cleaned_data
        conditions = self.conditions().model_dump(exclude_defaults=True)
        return {"name": data["name"], "action": data["action"], "campaign": data["campaign"], "conditions": conditions}
