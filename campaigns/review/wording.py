"""What codes mean, in the reader's language."""

from __future__ import annotations

from typing import Any

from django.utils.functional import Promise
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from campaigns.drafts import guardrails
from campaigns.drafts.facts import shorten
from leads.models import Channel
from outreach.core.sms_segments import segment_count
from outreach.core.words import gettext, ngettext

FLAGS: dict[str, str | Promise] = {
    "placeholder": _("“%(excerpt)s” still needs to be filled in."),
    "link_not_given": _("The link “%(excerpt)s” doesn't come from a trusted source."),
    "address_not_given": _("The address or number “%(excerpt)s” was not provided for this text."),
    "instruction_in_source": _("The profile contains text that looks like an instruction: “%(excerpt)s”."),
    "wrong_language": _("The text is not in the recipient's language (%(excerpt)s)."),
    "mixed_language": _("Part of it is in another language: “%(excerpt)s”."),
    "number_without_fact": _("No fact supports the number “%(excerpt)s”."),
    "no_subject": _("The subject is missing."),
    "no_opt_out": _("There are no opt-out words; expected for example “%(excerpt)s”."),
    "too_long": _("Too long for its channel: %(excerpt)s characters."),
    "too_many_segments": _("Too many SMS segments: %(excerpt)s."),
    "subject_too_long": _("The subject has %(excerpt)s characters."),
    "banned_phrase": _("It contains “%(excerpt)s”, which the pack forbids."),
    "unknown_fact": _("It cites a fact that does not exist: %(excerpt)s."),
    "salary_talk": _("It mentions pay (“%(excerpt)s”)."),
    "model_chatter": _("“%(excerpt)s” is a model talking to its user, not to the reader."),
    "private_life": _("“%(excerpt)s” touches the reader's private life."),
    "cut_off": _("The text breaks off: “%(excerpt)s”."),
    "shouting": _("Too much emphasis: capital letters or repeated exclamation marks."),
    "formula": _("“%(excerpt)s” is a spreadsheet formula or error, not text."),
    "punctuation": _("The punctuation or spacing is off: “%(excerpt)s”."),
    "grammar": _("This doesn't read as a sentence: “%(excerpt)s”."),
    "mixed_alphabet": _("“%(excerpt)s” mixes letters of two alphabets."),
    "name_mismatch": _("“%(excerpt)s” doesn't match the recipient's name or company."),
    "legal_form": _("“%(excerpt)s” is a legal form; people leave it out."),
    "about_us": _("No fact supports “%(excerpt)s”, which it says about you. Check that it's true."),
    "broken_link": _("The link “%(excerpt)s” is broken."),
    "spam_words": _("“%(excerpt)s” sounds like spam."),
    "claim_without_fact": _("No fact supports “%(excerpt)s”."),
    "promise_without_fact": _("“%(excerpt)s” promises something that the offer doesn't."),
    "markup": _("“%(excerpt)s” is markup that the reader would see."),
    "mixed_address": _("It mixes formal and familiar address: “%(excerpt)s”."),
    "pressure": _("“%(excerpt)s” blames or threatens the reader."),
}

FACT_NAMES: dict[str, str | Promise] = {
    "first_name": _("First name"),
    "last_name": _("Last name"),
    "full_name": _("Full name"),
    "title": _("Position"),
    "city": _("City"),
    "company_name": _("Company"),
    "industry": _("Industry"),
    "sender_name": _("Signed by"),
    "sender_company": _("Our company"),
    "program": _("Program"),
    "offer": _("Offer"),
    "offer_short": _("Offer in brief"),
    "goal": _("Goal"),
    "previous_subject": _("Subject before"),
    "previous_body": _("Message before"),
    "contact_name": _("First name"),
    "booking_url": _("Booking link"),
    "insight.trigger": _("Recent event"),
    "insight.angle": _("Opening line"),
    "insight.pain": _("Pain point"),
}

FACT_NOTES: dict[str, str | Promise] = {
    "formula": _("left out: “%(raw)s” is a spreadsheet formula"),
    "placeholder": _("left out: “%(raw)s” is a placeholder"),
    "mixed_alphabet": _("left out: “%(raw)s” mixes two alphabets"),
    "other_language": _("left out: “%(raw)s” doesn't fit the language of the text"),
    "not_a_name": _("left out: “%(raw)s” can't be used in a sentence"),
    "too_long": _("left out: “%(raw)s” is too long"),
    "broken": _("left out: “%(raw)s” has broken characters"),
    "legal_form": _("written without the legal form: %(raw)s"),
    "capitals": _("capitals changed from “%(raw)s”"),
    "tidied": _("shortened from “%(raw)s”"),
}
"""Why a value in a text differs from the record's; see `leads.cleaning.variables.NOTES`."""

CARD: dict[str, str | Promise] = {
    "template": _("Template"),
    "why": _("Why it says this"),
    "no_fact": _("It doesn't use any facts about this lead."),
    "how": _("How it was written"),
    "history": _("History"),
    "approve": _("Approve"),
    "back": _("Back to review"),
    "edit": _("Edit"),
    "reject": _("Reject"),
    "more": _("More"),
    "formal": _("More formal"),
    "casual": _("More casual"),
    "shorter": _("Shorter"),
    "anew": _("Rewrite"),
    "note": _("What should be different?"),
    "with_note": _("Rewrite with this note"),
    "received": _("As received"),
    "wording": _("Edit all similar drafts"),
    "sure": _("Remove this lead from the campaign?"),
    "exclude": _("Exclude this lead"),
}
"""What stands on every card; a page has hundreds of them, so that it is translated once a page."""


def card_words() -> dict[str, SafeString]:
    """`CARD` in the reader's language, escaped."""
    return {name: conditional_escape(str(words)) for name, words in CARD.items()}


def flag_sentence(flag: dict[str, Any]) -> str:
    """One flag as a sentence."""
    template = FLAGS.get(flag.get("code", ""))
    return str(template) % {"excerpt": flag.get("excerpt", "")} if template else str(flag.get("code", ""))


SOURCES: dict[str, str | Promise] = {
    "lead": _("lead's record"),
    "company": _("company's record"),
    "campaign": _("this campaign"),
    "fact": _("quote found by research"),
}


def fact_source(fact_id: str) -> str:
    """Where a fact is known from, by its id such as `lead:12:title`."""
    return str(SOURCES.get(fact_id.partition(":")[0], fact_id))


def odd_sentence(name: str, value: str) -> str:
    """Why a person should look at a value."""
    return _("Check this value: %(name)s “%(value)s”.") % {"name": fact_name(name), "value": value[:80]}


def length_words(channel: str, body: str) -> str:
    """How long a text is: segments of a text message, words of an e-mail."""
    if channel == Channel.SMS:
        count = segment_count(body)
        said = ngettext("%(count)s segment", "%(count)s segments", count) % {"count": count}
        return gettext("%(segments)s, %(characters)s characters") % {"segments": said, "characters": len(body)}
    count = len(body.split())
    return ngettext("%(count)s word", "%(count)s words", count) % {"count": count}


def fact_name(name: str) -> str:
    return str(FACT_NAMES.get(name, name.removeprefix("research.").replace("_", " ")))


def odd_words() -> tuple[str | Promise, str]:
    """The badge of a text without a flag in which a value looks wrong."""
    return _("Check a value"), "amber"


def fact_text(fact: dict[str, Any]) -> str:
    """A fact's value, with what was changed about it."""
    value = shorten(fact["value"], 60)
    template = FACT_NOTES.get(fact.get("note", ""))
    if template is None:
        return value
    note = str(template) % {"raw": shorten(fact.get("raw", ""), 60)}
    return f"{value} ({note})" if value else note


def risk_words(risk: float | None) -> tuple[str | Promise, str]:
    """(words, badge colour) for a risk."""
    if risk is None:
        return _("Not assessed"), "grey"
    if risk == 0:
        return _("No risk found"), "green"
    if risk < guardrails.RISKY:
        return _("Low risk"), "green"
    if risk < 0.5:
        return _("Some risk"), "amber"
    return _("High risk"), "red"
