"""Facts for drafts: typed, with ids, collected from the lead, its company and the campaign. Pure.

Everything about the lead came from outside; everything about the campaign and the sender was written by us.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from leads.cleaning.variables import clean

if TYPE_CHECKING:
    from campaigns.models import Campaign
    from conversations.senders.models import Sender
    from leads.models import Lead

MAX_OFFER_SHORT = 70
_CYRILLIC = re.compile("[а-яё]", re.IGNORECASE)
_RUSSIAN_SPEAKING = frozenset({"RU", "BY", "KZ", "KG"})
MAX_RAW = 120
VARIABLES = {
    "first_name": False,
    "last_name": False,
    "full_name": False,
    "contact_name": False,
    "title": False,
    "company_name": False,
    "city": False,
    "industry": False,
    "sender_name": True,
    "sender_company": True,
    "offer": True,
    "offer_short": True,
    "booking_url": True,
    "program": True,
    "goal": True,
    "previous_subject": True,
    "previous_body": True,
}
"""What a text may refer to: name → whether we wrote it ourselves."""
NOT_FOR_MODELS = frozenset({"last_name", "full_name"})
"""Personal data that a text may greet with but that no model needs."""


@dataclass(frozen=True)
class Fact:
    """One thing known. `id` names row and field, such as `lead:12:title`.

    Where the text's value differs from the record's, `raw` is the record's and `note` says why; an empty value means
    that the record's cannot stand in a text at all.
    """

    id: str
    name: str
    value: str
    is_trusted: bool = False
    raw: str = ""
    note: str = ""

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class Collected:
    """Everything a text may use, separated by whether we wrote it ourselves; `left_out` is what it may not."""

    facts: tuple[Fact, ...]
    trusted: dict[str, str]
    untrusted: dict[str, str]
    left_out: tuple[Fact, ...] = ()

    @property
    def values(self) -> dict[str, str]:
        return {**self.untrusted, **self.trusted}

    @property
    def all_facts(self) -> tuple[Fact, ...]:
        return (*self.facts, *self.left_out)


def collect(
    *,
    lead: Lead,
    campaign: Campaign,
    sender: Sender,
    our_company: str,
    language: str,
    insights: Iterable[tuple[str, str, str]] = (),
) -> Collected:
    """The facts about one recipient. Reads loaded rows only; makes no query when company is loaded.

    `insights` are further ones (id, name with a dot, value): quotes that research found and that a text may refer to.
    The offer is the one of `language`, and missing when the campaign has it in another language only.
    """
    offer = campaign.offer_in(language)
    about_us = {
        "sender_name": sender.display_name or our_company,
        "sender_company": our_company,
        "program": our_company or sender.display_name or campaign.name,
        "offer": _phrase(offer),
        "offer_short": shorten(_phrase(offer), MAX_OFFER_SHORT),
        "goal": _phrase(campaign.goal),
        "booking_url": campaign.booking_url,
    }
    company = lead.company
    about_lead = {name: getattr(lead, name) for name in ("first_name", "last_name", "full_name", "title", "city")}
    about_company = {"company_name": company.name, "industry": company.industry} if company else {}
    if company and not lead.city:
        about_company["city"] = company.city
    found = [_fact(f"lead:{lead.pk}:{n}", n, v, language) for n, v in about_lead.items() if v and v.strip()]
    found += [
        _fact(f"company:{company.pk}:{n}", n, v, language)
        for n, v in about_company.items()
        if company and v and v.strip()
    ]
    facts = [Fact(f"campaign:{campaign.pk}:{n}", n, v, is_trusted=True) for n, v in about_us.items() if v]
    facts += [fact for fact in found if fact.value]
    facts += [
        Fact(f"lead:{lead.pk}:research.{n}", f"research.{n}", str(v))
        for n, v in sorted(lead.research.items())
        if isinstance(v, str | int | float) and clean("research", str(v)).value
    ]
    facts += [Fact(fact_id, name, value) for fact_id, name, value in insights]
    untrusted = {fact.name: fact.value for fact in facts if not fact.is_trusted and "." not in fact.name}
    if "first_name" in untrusted:
        untrusted["contact_name"] = untrusted["first_name"]
    lines = [f"[{f.id}] {f.name}: {f.value}" for f in facts if not f.is_trusted and f.name not in NOT_FOR_MODELS]
    if lines:
        untrusted["facts"] = "\n".join(lines)
    left_out = tuple(fact for fact in found if not fact.value)
    return Collected(tuple(facts), {n: v for n, v in about_us.items() if v}, untrusted, left_out)


def _fact(fact_id: str, name: str, text: str, language: str) -> Fact:
    found = clean(name, text, language=language)
    raw = " ".join(text.split())[:MAX_RAW] if found.note else ""
    return Fact(fact_id, name, found.value, raw=raw, note=found.note)


def _phrase(text: str) -> str:
    """Words for use inside a sentence: one line, no full stop at the end."""
    return " ".join(text.split()).rstrip(".")


def shorten(text: str, limit: int) -> str:
    """At most `limit` characters, cut between words and then marked by three dots."""
    if len(text) <= limit:
        return text
    return text[: limit - 3].rsplit(" ", 1)[0].rstrip(",;:") + "..."


def choose_language(lead: Lead, languages: list[str]) -> str:
    """The lead's language if the pack has it, else by script and country, else the pack's first."""
    if lead.language in languages:
        return lead.language
    words = f"{lead.full_name} {lead.first_name} {lead.title}"
    is_russian = bool(_CYRILLIC.search(words)) or lead.country.upper() in _RUSSIAN_SPEAKING
    if is_russian and "ru" in languages and not lead.language:
        return "ru"
    return "en" if "en" in languages else languages[0]
