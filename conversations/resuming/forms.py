"""The form of the page that lets sending go on."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _


class ResumeForm(forms.Form):
    opted_out = forms.CharField(
        label=_("Who opted out since the backup"),
        help_text=_(
            "An address, a phone number or @domain.com on each line. Look in the mailboxes and in the old log."
        ),
        widget=forms.Textarea(attrs={"rows": 8}),
        required=False,
    )
    releases_due = forms.BooleanField(
        label=_("Nothing was sent since the backup: send what is due without review"),
        help_text=_("Leave this off if you aren't sure. People would get the same message twice."),
        required=False,
    )
    is_checked = forms.BooleanField(label=_("I've checked what left and who opted out since the backup"))
