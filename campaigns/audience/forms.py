"""What a person says about one candidate."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _


class ChoiceForm(forms.Form):
    """A person's decision on one candidate."""

    reason = forms.CharField(label=_("Why"), required=False, max_length=500)


class OutcomeForm(forms.Form):
    """A fact that only a person knows."""

    kind = forms.ChoiceField(
        label=_("Outcome"), choices=[("booked", _("Booked a call")), ("won", _("Won")), ("lost", _("Lost"))]
    )
    value = forms.DecimalField(label=_("Worth"), required=False, max_digits=12, decimal_places=2, min_value=0)
    reason = forms.CharField(label=_("Note"), required=False, max_length=500)
