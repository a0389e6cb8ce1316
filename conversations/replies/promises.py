"""What a written answer may not say: whatever stands neither in the playbook nor in what we wrote before. Pure.

A number may also be one that they wrote; money, percent and discounts may not. Names and claims about us must be made of
our own words. Nothing here judges style. A text that fails is not repaired: the answer without a model is used instead.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from conversations.replies import optouts
from conversations.replies.finding import stems, words_of

LINK = re.compile(
    r"(?:https?://|www\.)[^\s<>\"')\]]+|\b(?:[a-z0-9-]+\.)+(?:com|net|org|io|ru|рф|info|me|co|app|dev|de|eu)\b(?:/\S*)?",
    re.IGNORECASE,
)
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+")
_NUMBER = re.compile(r"\d+(?:[.,:\s\u00a0]\d+)*")
_MONEY = re.compile(
    r"(?:[$€£₽¥]|\b(?:usd|eur|gbp|rub|chf)\b)\s?\d[\d.,\s\u00a0]*|\d[\d.,\s\u00a0]*\s?(?:[$€£₽¥%]|(?:usd|eur|euros?|gbp|dollars?|pounds?|rub|roubles?|percent|руб\w*|р\.|евро|доллар\w*|процент\w*|тыс\w*)\b)",
    re.IGNORECASE,
)
_OFFERS = {
    "discount": r"\bdiscount\w*|\bскидк\w*|\b(?:special|reduced) (?:price|offer|rate)\b|\bспец\w*(?:цен|предложен)\w*|\bакци[яию]\b|\bпромокод\w*|\b(?:promo|coupon|voucher)\b",
    "free": r"\bfree (?:of charge|trial|month\w*|week\w*|plan|version|consultation|demo|pilot|setup|set-up|access)\b|\bfor free\b|\bat no (?:cost|charge)\b|\bбесплатн\w*|\bдаром\b",
    "guarantee": r"\bguarantee\w*|\bгаранти\w*|\bwarrant\w*|\bmoney[- ]back\b|\brefund\w*|\bверн[её]м деньги\b|\bвозврат\w* (?:денег|средств)\b",
    "certainty": r"\b(?:double|triple|increase|boost|save)s? (?:your|you)\b|\bувелич\w+ (?:ваш\w*|выручк\w*|продаж\w*)|\bсэконом\w+ вам\b|\bno risk\b|\brisk[- ]free\b|\bбез риска\b",
}
_CLAIM = re.compile(
    r"\b(?:we|our (?:\w+ )?(?:team|product|platform|tool|service|software|customers?|clients?)|it|the (?:product|platform|tool|service|software)) "
    r"(?:also |fully |already |can |do |does |will )*(?:support|integrate|connect|work|offer|provide|include|comply|serve|help|have|has|use|run|store|host|are|is|deliver|cover|handle|meet|hold)s?\b"
    r"|\b(?:мы|наш\w*(?: \w+)?|он|она|это) (?:\w+ )?(?:поддержива\w+|интегриру\w+|работа\w+|предлага\w+|включа\w+|соответству\w+|помога\w+|име\w+|использу\w+|хран\w+|обеспечива\w+|гарантиру\w+|сертифицирован\w*|умеет)\b"
    r"|\b(?:certified|compliant|certification|сертифицирован\w*|сертификат\w*|award\w*)\b"
)
_HUMAN = re.compile(
    r"\b(?:i am|i'm|this is) (?:not (?:a |an )?(?:bot|robot|machine|ai|automated)|(?:a |an )?(?:real |actual |live )?(?:human|person)\b(?! (?:at|on|in|from) our))|\bno (?:bot|robot|machine|software|ai) (?:here|involved|writes)"
    r"|\bя (?:не (?:бот|робот|программа|нейросеть)|(?:живой |реальный |настоящий )?человек)\b"
)
_NAME = re.compile(r"(?<=[a-zа-яё,;] )(?:[A-ZА-ЯЁ][\w-]{2,})(?: [A-ZА-ЯЁ][\w-]+)*")
_SENTENCE = re.compile(r"(?<=[.!?…])\s+|\n+")
_LASTS = re.compile(
    r"\b(\d+|one|two|three|four|five|six|seven|eight|nine|ten|twelve|fifteen|twenty|thirty|один|одну|два|две|три|четыре|пять|шесть|семь|восемь|девять|десять|пятнадцать|двадцать|тридцать)"
    r"[ -](?:\w+ )?(minute|hour|day|week|month|year|user|seat|customer|client|минут|час|дн|ден|недел|месяц|год|лет|пользовател|мест|клиент)"
)
"""A number with what it counts: “three weeks”, «14 дней»."""
CLAIM_COVERED = 0.6
"""Share of a claim's telling words that must be ours or small talk."""
_ALWAYS = frozenset({"I", "English", "Russian"})


@dataclass(frozen=True)
class Sources:
    """What an answer may draw on: `ours` is the playbook, the campaign and what we wrote; `theirs` is what they wrote."""

    ours: tuple[str, ...]
    theirs: tuple[str, ...] = ()
    links: frozenset[str] = frozenset()
    names: tuple[str, ...] = ()
    """Names that may be used: theirs, the sender's, days and months."""


def problem(text: str, sources: Sources, *, is_automatic: bool = False) -> str:
    """Why `text` may not be sent, in English; empty when it may.

    `is_automatic`: no person reads it first, so it may not say that one does.
    """
    normal, ours = optouts.normalise(text), " ".join(map(optouts.normalise, sources.ours))
    return (
        _foreign_link(text, sources)
        or _foreign_money(text, sources.ours)
        or _foreign_number(text, (*sources.ours, *sources.theirs))
        or _foreign_count(normal, (ours, *map(optouts.normalise, sources.theirs)))
        or _foreign_offer(normal, ours)
        or _untruth(normal, is_automatic=is_automatic)
        or _foreign_name(text, sources)
        or _foreign_claim(text, sources)
    )


def _foreign_link(text: str, sources: Sources) -> str:
    known = " ".join(sources.ours)
    for found in (*LINK.findall(_EMAIL.sub(" ", text)), *_EMAIL.findall(text)):
        link = found.rstrip(".,;:!?)")
        if link not in sources.links and link not in known:
            return f"the link “{link[:80]}” is not ours"
    return ""


def _figures(text: str) -> set[str]:
    """The numbers of a text without their separators: 1,000 and 1 000 are one number."""
    return {re.sub(r"\D", "", found) for found in _NUMBER.findall(text)} | set(re.findall(r"\d+", text))


def _foreign_money(text: str, ours: Iterable[str]) -> str:
    known = {re.sub(r"\D", "", found) for source in ours for found in _MONEY.findall(source)}
    for found in _MONEY.findall(text):
        if re.sub(r"\D", "", found) not in known:
            return f"the amount “{found.strip()}” is not in the playbook"
    return ""


def _foreign_number(text: str, sources: Sequence[str]) -> str:
    known = set().union(*(_figures(source) for source in sources)) if sources else set()
    for found in _NUMBER.findall(LINK.sub(" ", text)):
        if re.sub(r"\D", "", found) not in known and not set(re.findall(r"\d+", found)) <= known:
            return f"the number “{found.strip()}” is not given"
    return ""


def _foreign_count(normal: str, sources: Iterable[str]) -> str:
    """A number that is given may still count something else: “3 December” is no “3 weeks”."""
    known = {found for source in sources for found in _LASTS.findall(source)}
    for found in _LASTS.finditer(normal):
        if (found[1], found[2]) not in known:
            return f"“{found[0]}” is not given"
    return ""


def _foreign_offer(normal: str, ours: str) -> str:
    for name, pattern in _OFFERS.items():
        found = re.search(pattern, normal)
        if found and not re.search(pattern, ours):
            return f"it promises what is not in the playbook ({name}): “{found[0]}”"
    return ""


def _untruth(normal: str, *, is_automatic: bool) -> str:
    if found := _HUMAN.search(normal):
        return f"it denies being prepared by software: “{found[0]}”"
    reads = re.search(
        r"person (?:\w+ )?(?:reads|approves|checks)|человек\w* (?:\w+ )?(?:читает|подтверждает|проверяет)", normal
    )
    if is_automatic and reads:
        return f"it says that a person reads it first: “{reads[0]}”"
    return ""


def _foreign_name(text: str, sources: Sources) -> str:
    known = stems(" ".join((*sources.ours, *sources.theirs, *sources.names)))
    for found in _NAME.findall(text):
        if found not in _ALWAYS and not stems(found) <= known:
            return f"the name “{found}” is not given"
    return ""


def _foreign_claim(text: str, sources: Sources) -> str:
    known = stems(" ".join((*sources.ours, *words_of("small_talk"))))
    for sentence in _SENTENCE.split(text):
        telling = stems(LINK.sub(" ", sentence))
        if not telling or sentence.rstrip().endswith("?") or not _CLAIM.search(optouts.normalise(sentence)):
            continue
        if len(telling & known) / len(telling) < CLAIM_COVERED:
            return f"the claim “{sentence.strip()[:100]}” is not in the playbook"
    return ""
