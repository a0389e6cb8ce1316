"""What a person says about one candidate."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from campaigns.outcomes import BY_HAND


class ChoiceForm(forms.Form):
    """A person's decision on one candidate."""

    reason = forms.CharField(label=_("Why"), required=False, max_length=500)


class OutcomeForm(forms.Form):
    """A fact that only a person knows."""

    kind = forms.ChoiceField(label=_("Outcome"), choices=[(kind.value, kind.label) for kind in BY_HAND])
    value = forms.DecimalField(label=_("Worth"), required=False, max_digits=12, decimal_places=2, min_value=0)
    reason = forms.CharField(label=_("Note"), required=False, max_length=500)
