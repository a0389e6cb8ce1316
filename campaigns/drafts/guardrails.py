"""What prevents sending a text, by rules that no model can override. Pure.

Each flag is a code with the words that raised it; `campaigns.review.wording` says it in the reader's language.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from campaigns.drafts import claims, proofreading
from campaigns.drafts.facts import Fact
from campaigns.drafts.reading import Draft, says_opt_out
from outreach.prompts.pack import Guardrails, Pack

WEIGHTS = {
    "placeholder": 0.95,
    "formula": 0.95,
    "link_not_given": 0.8,
    "model_chatter": 0.8,
    "no_opt_out": 0.6,
    "name_mismatch": 0.6,
    "broken_link": 0.6,
    "grammar": 0.5,
    "mixed_alphabet": 0.5,
    "address_not_given": 0.6,
    "private_life": 0.6,
    "cut_off": 0.6,
    "instruction_in_source": 0.5,
    "wrong_language": 0.5,
    "number_without_fact": 0.4,
    "no_subject": 0.4,
    "claim_without_fact": 0.4,
    "promise_without_fact": 0.5,
    "pressure": 0.5,
    "markup": 0.5,
    "mixed_address": 0.35,
    "mixed_language": 0.4,
    "spam_words": 0.35,
    "too_long": 0.35,
    "punctuation": 0.35,
    "legal_form": 0.35,
    "shouting": 0.35,
    "too_many_segments": 0.35,
    "banned_phrase": 0.35,
    "unknown_fact": 0.3,
    "salary_talk": 0.3,
    "subject_too_long": 0.15,
    "about_us": 0.15,
}
"""How much risk one kind of flag adds: risk = 1 − Π(1 − weight)."""
RISKY = 0.3
"""Below it a text has hints at most: worth a glance, no reason not to send it."""
BLOCKING = frozenset({"placeholder", "formula", "link_not_given"})
"""No rule and no person approves a text with one of these; it must be edited first."""

MAX_LENGTH = 1500
"""Characters of an e-mail whose pack sets no limit."""

_PLACEHOLDER = re.compile(
    r"\{\{.*?\}\}|\{%.*?%\}|\[(?:[A-ZА-Я][A-ZА-Я _]+|(?:your|name|company|insert|имя|компания|вставьте)[^\]]{0,40})\]|<(?:name|company|имя|компания)>",
    re.IGNORECASE | re.DOTALL,
)
_PLACEHOLDER_EXACT = re.compile(r"\bNone\b|\bundefined\b|\bnull\b")
_INSTRUCTION = re.compile(
    r"(?i)\b(?:ignore|disregard|forget)\b.{0,40}\b(?:instruction|prompt|above|previous|rules)|system prompt|you are now\b"
    r"|(?:игнорируй|забудь|не обращай внимания).{0,40}(?:инструкц|указани|правил|предыдущ)|системн\w+ (?:промпт|сообщени)"
)
_CYRILLIC = re.compile("[а-яё]", re.IGNORECASE)
_LATIN_RUN = re.compile(r"(?:\b[a-z'’-]+\s+){3,}[a-z'’-]+\b", re.IGNORECASE)
_CYRILLIC_RUN = re.compile(r"(?:\b[а-яё-]+\s+){3,}[а-яё-]+\b", re.IGNORECASE)
_LETTER = re.compile(r"[^\W\d_]")


@dataclass(frozen=True)
class Flag:
    """One thing found. `excerpt` quotes it."""

    code: str
    excerpt: str = ""

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class Report:
    """What the rules make of one text. `risk` and `quality` are 0 to 1."""

    risk: float
    quality: float
    flags: tuple[Flag, ...]


def check(
    *,
    subject: str,
    body: str,
    channel: str,
    language: str,
    rules: Guardrails,
    facts: Sequence[Fact] = (),
    cited: Iterable[str] = (),
    own_text: str = "",
) -> Report:
    """Judge one text. `cited` are the fact ids that it claims to use, `own_text` is the pack's wording, which was reviewed."""
    ours = "\n".join([own_text, *(f.value for f in facts if f.is_trusted)])
    draft = Draft(subject, body, channel, language, facts, ours)
    flags: list[Flag] = [
        *_form(subject, body, channel, language, rules),
        *[Flag(code, _cut(words)) for code, words in claims.read(draft)],
        *_proofread(draft),
        *[Flag("unknown_fact", fact_id) for fact_id in cited if fact_id not in {fact.id for fact in facts}],
        *[
            Flag("instruction_in_source", _cut(m[0]))
            for f in facts
            if not f.is_trusted and (m := _INSTRUCTION.search(f.raw or f.value))
        ],
    ]
    flags = list(dict.fromkeys(flags))
    codes = {flag.code for flag in flags}
    risk = 1 - math.prod(1 - WEIGHTS[code] for code in codes)
    personal = sum(
        1 for f in facts if not f.is_trusted and len(f.value) > 2 and f.value.lower() in f"{subject}\n{body}".lower()
    )
    quality = (0.7 + 0.1 * min(personal, 3)) * (1 - risk)
    return Report(round(risk, 3), round(quality, 3), tuple(flags))


def check_written(
    pack: Pack, facts: Sequence[Fact], *, subject: str, body: str, language: str, cited: Iterable[str] = ()
) -> Report:
    """The same for a text that `pack` wrote, by the pack's own rules."""
    return check(
        subject=subject,
        body=body,
        channel=pack.channel,
        language=language,
        rules=pack.guardrails,
        facts=facts,
        cited=cited,
        own_text="\n".join(section.text for section in pack.sections if section.role == "template"),
    )


def _form(subject: str, body: str, channel: str, language: str, rules: Guardrails) -> Iterable[Flag]:
    if match := _placeholder(f"{subject}\n{body}"):
        yield Flag("placeholder", _cut(match))
    if channel == "email" and not rules.max_length.get(language):
        rules = rules.model_copy(update={"max_length": {language: MAX_LENGTH}})
    for code, words in rules.breaches(subject=subject, body=body, channel=channel, language=language):
        if code != "no_opt_out":
            yield Flag(code, words)
        elif not says_opt_out(body):
            yield Flag(code, words.partition(", ")[0])
    yield from _language(body, language)


def _proofread(draft: Draft) -> Iterable[Flag]:
    """What a careful reader stops at, one flag a kind."""
    found: dict[str, str] = {}
    for code, words in proofreading.read(draft):
        found.setdefault(code, words)
    return [Flag(code, _cut(words)) for code, words in found.items()]


def _language(body: str, language: str) -> Iterable[Flag]:
    """The wrong language, or four words and more of another one inside the right one."""
    foreign = {"ru": _LATIN_RUN, "en": _CYRILLIC_RUN}.get(language)
    if _is_other_language(body, language):
        yield Flag("wrong_language", language)
    elif foreign and (match := foreign.search(body)):
        yield Flag("mixed_language", _cut(match[0]))


def _placeholder(text: str) -> str:
    """What was left to be filled in. Words such as None count in their exact spelling only."""
    match = _PLACEHOLDER.search(text) or _PLACEHOLDER_EXACT.search(text)
    return match[0] if match else ""


def _is_other_language(body: str, language: str) -> bool:
    letters = len(_LETTER.findall(body))
    share = len(_CYRILLIC.findall(body)) / letters if letters >= 40 else None
    if share is None:
        return False
    return share < 0.4 if language == "ru" else share > 0.4


def _cut(text: str) -> str:
    return text if len(text) <= 80 else text[:79] + "…"
