"""Saved replies: the team's texts, filled with cleaned facts of the person who is answered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from conversations.inbox.models import SavedReply
from conversations.models import Conversation
from leads.cleaning.variables import clean
from outreach.access.models import User
from outreach.core.words import gettext as _
from outreach.prompts import liquid_text

VARIABLES = {
    "first_name": gettext_lazy("their first name"),
    "company": gettext_lazy("their company"),
    "title": gettext_lazy("their job title"),
    "city": gettext_lazy("their city"),
    "booking_url": gettext_lazy("the booking link of the conversation"),
    "my_name": gettext_lazy("your name"),
}
"""What a text may refer to, and what that is."""
MAX_SHOWN = 100


class SavedReplyForm(forms.ModelForm):  # type: ignore[type-arg]
    """A text refers only to what there is, in Liquid as everywhere else."""

    class Meta:
        model = SavedReply
        fields = ("name", "body")
        widgets = {"name": forms.TextInput(attrs={"maxlength": 80}), "body": forms.Textarea(attrs={"rows": 10})}

    def clean_body(self) -> str:
        body = str(self.cleaned_data["body"]).strip()
        try:
            unknown = sorted(liquid_text.variables(body).used - set(VARIABLES))
        except liquid_text.TemplateError as error:
            raise forms.ValidationError(
                _("Line %(line)s: %(reason)s") % {"line": error.line, "reason": error.reason}
            ) from error
        if unknown:
            raise forms.ValidationError(
                _("There is no %(names)s. Use %(known)s.")
                % {"names": ", ".join(unknown), "known": ", ".join(VARIABLES)}
            )
        return body


@dataclass(frozen=True)
class Filled:
    """A saved reply for one person: its text, or what is not known about them."""

    reply: SavedReply
    text: str = ""
    missing: str = ""


def facts(conversation: Conversation, user: User) -> dict[str, Any]:
    """The values of the variables; what is not known, or may not stand in a sentence, is empty."""
    lead = conversation.lead
    language = lead.language if lead else ""
    given = {
        "first_name": lead.first_name if lead else "",
        "company": lead.company.name if lead and lead.company else "",
        "title": lead.title if lead else "",
        "city": lead.city if lead else "",
    }
    return {
        **{name: clean(name, value, language=language).value for name, value in given.items()},
        "booking_url": conversation.booking_url,
        "my_name": user.get_full_name() or user.get_username(),
    }


def filled(conversation: Conversation, user: User, *, search: str = "") -> list[Filled]:
    """The saved replies whose name or text holds `search`, each as it would stand in the answer."""
    rows = SavedReply.objects.all()
    if search:
        rows = rows.filter(name__icontains=search) | rows.filter(body__icontains=search)
    values = facts(conversation, user)
    return [_fill(row, values) for row in rows[:MAX_SHOWN]]


def _fill(row: SavedReply, values: dict[str, Any]) -> Filled:
    try:
        return Filled(row, text=liquid_text.render(row.body, values))
    except liquid_text.MissingVariable as error:
        return Filled(row, missing=str(VARIABLES.get(error.name, error.name)))
    except liquid_text.TemplateError as error:
        return Filled(row, missing=error.reason)
