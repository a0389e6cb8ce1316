"""What every number is called and counts, said once: reports, the dashboard and shared reports show it at the number."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from outreach.core.states import Text


@dataclass(frozen=True)
class Term:
    """A number's name and what it counts."""

    label: Text
    definition: Text


GLOSSARY: dict[str, Term] = {
    "audience": Term(_("Audience"), _("People in the campaign, without those who were taken out before anything was sent to them.")),
    "qualified": Term(_("Qualified"), _("People who were judged to fit the campaign, or came further.")),
    "drafted": Term(_("Drafted"), _("People a message was written for, or who came further.")),
    "approved": Term(_("Approved"), _("People whose message was approved, or who came further.")),
    "messages": Term(_("Messages"), _("Messages that left, each follow-up counted.")),
    "contacted": Term(pgettext_lazy("column", "Contacted"), _("People who were sent at least one message, even if it bounced.")),
    "first": Term(_("First written to"), _("People whose first message left in this period.")),
    "delivered": Term(
        _("Delivered"), _("People with a message whose delivery the provider confirmed. Plain SMTP confirms nothing.")
    ),
    "bounced": Term(pgettext_lazy("column", "Bounced"), _("People with a message that bounced, at once or later.")),
    "opened": Term(_("Opened"), _("People who opened a message, if openings are tracked. Machines that open mail are left out.")),
    "clicked": Term(pgettext_lazy("column", "Clicked"), _("People who followed a link, if clicks are tracked. Link scanners are left out.")),
    "replied": Term(
        pgettext_lazy("column", "Replied"), _("People who wrote an answer themselves, including a no or an opt-out. Automatic replies don't count.")
    ),
    "positive": Term(pgettext_lazy("column", "Positive"), _("People with an answer that was read, or corrected, as interest.")),
    "information": Term(_("Asked for information"), _("People who asked a question or named someone else.")),
    "negative": Term(_("Negative"), _("People whose answer was a no, a “not now” or an opt-out.")),
    "booked": Term(pgettext_lazy("column", "Booked"), _("People who booked a call.")),
    "held": Term(_("Held"), _("People whose call took place, as the booking page or a colleague said.")),
    "won": Term(pgettext_lazy("column", "Won"), _("People won by a call or by hand, as long as the win stands.")),
    "opted_out": Term(pgettext_lazy("column", "Opted out"), _("People who asked not to be written to again, by reply or by link.")),
    "value": Term(
        _("Value"), _("Sum of the values entered with wins and booked calls; of a person with both, the win's.")
    ),
}  # fmt: skip
"""By name, in the order of a report's columns."""
