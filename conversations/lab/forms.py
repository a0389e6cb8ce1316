"""The form that starts a run."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from conversations.lab.services import MAX_ROUNDS
from conversations.playbooks.models import Playbook


class RunForm(forms.Form):
    playbook = forms.ModelChoiceField(Playbook.objects.none(), label=_("Playbook"), empty_label=None)
    other = forms.ModelChoiceField(
        Playbook.objects.none(), label=_("Compare with"), required=False, empty_label=_("No other playbook")
    )
    rounds = forms.IntegerField(
        label=_("Conversations per persona and language"), min_value=1, max_value=MAX_ROUNDS, initial=3
    )
    seed = forms.IntegerField(
        label=_("Seed"),
        min_value=0,
        max_value=2**31 - 1,
        initial=1,
        help_text=_("The same seed meets the same people."),
    )
    asks_models = forms.BooleanField(
        label=_("Let connected models write the answers"),
        required=False,
        help_text=_("Costs what they charge. Otherwise the playbook's own sentences answer."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("playbook", "other"):
            field = self.fields[name]
            assert isinstance(field, forms.ModelChoiceField)
            field.queryset = Playbook.objects.in_use()
