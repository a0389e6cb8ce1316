"""What replies ask about and what they object, by kind, so that what recurs can be counted. Pure.

Each kind is `question.<concept>` of `data/questions.txt` or `objection.<kind>` of `data/objections.txt`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from conversations.replies.finding import subject_of_objection, subject_of_question

MAX_SENTENCES, MAX_QUOTE = 8, 200
QUESTIONS: dict[str, str | Promise] = {
    "price": _("Price"),
    "contract": _("Contract and notice"),
    "refund": _("Refunds and guarantees"),
    "trial": _("Trial"),
    "integration": _("Integrations"),
    "api": _("API"),
    "hosting": _("Where data is stored"),
    "privacy": _("Privacy"),
    "security": _("Security"),
    "setup": _("Setup"),
    "migration": _("Moving old data"),
    "support": _("Support"),
    "mobile": _("Mobile use"),
    "language": _("Languages"),
    "export": _("Data export"),
    "roles": _("Access rights"),
    "references": _("Customers and references"),
    "training": _("Training"),
    "offline": _("Working offline"),
    "reports": _("Reports"),
    "volume": _("Size and limits"),
    "speed": _("Speed"),
    "custom": _("Customization"),
    "power": _("Power use"),
}
OBJECTIONS: dict[str, str | Promise] = {
    "too_expensive": _("Too expensive"),
    "no_budget": _("No budget"),
    "has_vendor": _("Already has a supplier"),
    "in_house": _("Does it in-house"),
    "no_need": _("Sees no need"),
    "not_now": _("Not now"),
    "too_small": _("Too small for it"),
    "trust": _("Doesn't trust us"),
    "effort": _("Too much effort"),
    "decision": _("Not their decision"),
}
LABELS = {f"question.{name}": label for name, label in QUESTIONS.items()} | {
    f"objection.{name}": label for name, label in OBJECTIONS.items()
}


@dataclass(frozen=True)
class Subject:
    """One kind, and the sentence that is of it."""

    kind: str
    quote: str


def find(*, questions: Iterable[str], objections: Iterable[str]) -> list[Subject]:
    """The kinds that sentences are of, each once, in order; sentences that are of none are left out."""
    found: dict[str, Subject] = {}
    for prefix, sentences, kind_of in (
        ("question", questions, subject_of_question),
        ("objection", objections, subject_of_objection),
    ):
        for sentence in list(sentences)[:MAX_SENTENCES]:
            if name := kind_of(sentence):
                found.setdefault(f"{prefix}.{name}", Subject(f"{prefix}.{name}", sentence[:MAX_QUOTE]))
    return list(found.values())
