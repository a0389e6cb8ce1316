"""Words that must fit what stands beside them: articles, plurals, roles, chosen wordings, and no traces of blanks. Pure."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

from outreach.core.lists import read_table

_SPELLED_WITH_A_VOWEL = frozenset("aefhilmnorsx")
_SOUNDS_LIKE_A_CONSONANT = re.compile(
    r"^(?:uni(?!n|m)|use|usu|uti|ura|eu|ewe|one\b|once|ubi|u[bcfhjkqrst][aeiou])", re.IGNORECASE
)
_SILENT_H = re.compile(r"^(?:hour|honest|honou?r|heir)", re.IGNORECASE)
_SPOKEN = frozenset({"nasa", "nato", "sap", "saas", "sme", "ram", "rom", "rest", "lan", "laser"}) - {"sme"}
_SOLE = re.compile(
    r"^(?:(?:chief|head (?!teacher)|president|founder|owner|chair\w*|managing director|general manager|director of"
    r"|vp \w+|vice president \w+|managing partner|editor[- ]in[- ]chief)\b|(?:head|founder|owner)$|[a-z]{1,4}o$|md$|gm$)",
    re.IGNORECASE,
)
_OF_A_COMPANY = re.compile(r"^(?:founder|owner|president|ceo|chief executive\w*|chair\w*)\b(?! of)", re.IGNORECASE)
_LEVEL = re.compile(r"\s+(?:I{1,3}|IV|VI{0,3})$")


def indefinite_article(words: str) -> str:
    """ "a" or "an", by how the first word sounds: an HR manager, a UX designer, an hour, a user."""
    first = (re.match(r"[\w&]+", words) or [""])[0]
    if not first:
        return "a"
    if first.isdigit():
        return (
            "an"
            if first[0] == "8" or first in {"11", "18"} or (len(first) % 3 == 2 and first[:2] in {"11", "18"})
            else "a"
        )
    if first.isupper() and len(first) <= 5 and first.lower() not in _SPOKEN:
        return "an" if first[0].lower() in _SPELLED_WITH_A_VOWEL else "a"
    if _SILENT_H.match(first):
        return "an"
    if _SOUNDS_LIKE_A_CONSONANT.match(first):
        return "a"
    return "an" if first[0].lower() in "aeiou" else "a"


def with_article(words: str) -> str:
    """`words` with a or an in front."""
    words = str(words).strip()
    return f"{indefinite_article(words)} {words}" if words else ""


def as_role(title: str, company: str = "") -> str:
    """A job title as a person's role: "the CEO" where there is one, "a sales manager" where there are many.

    With the company: "the founder of Fabrikam", "a sales manager at Fabrikam".
    """
    title = _LEVEL.sub("", str(title).strip())
    if not title:
        return ""
    role = f"the {title}" if _SOLE.match(title) else with_article(title)
    return f"{role} {'of' if _OF_A_COMPANY.match(title) else 'at'} {company}" if company else role


def plural(count: object, one: str, few: str = "", many: str = "") -> str:
    """The form of a noun for `count`: two forms in English, three in Russian (one, few, many)."""
    try:
        number = abs(int(str(count).replace(" ", "").replace(",", "")))
    except ValueError:
        return many or few or one
    if not many:
        return one if number == 1 else few or f"{one}s"
    tail, tens = number % 10, number % 100
    if tail == 1 and tens != 11:
        return one
    return few if 2 <= tail <= 4 and not 12 <= tens <= 14 else many


_OPENS_A_SENTENCE = re.compile(
    r"(?:we|i|our|you|your|it|they|this|most|many|some|if|when|with|what|мы|я|наш\w*|вы|ваш\w*|у нас|это|если|когда)\b|.*[.!?…]\s+(?-i:[A-ZА-ЯЁ])",
    re.IGNORECASE | re.DOTALL,
)
_WORDS = read_table(Path(__file__).parent / "data" / "offers.toml")
_SMALL = frozenset(_WORDS["small"]["en"])
_VERBS = frozenset(_WORDS["verbs"]["en"])
_GERUNDS = {verb.removesuffix("e") + "ing": verb for verb in _WORDS["gerunds"]["en"]}
_GERUNDS |= {"getting": "get", "letting": "let"}
_NAMES = frozenset(_WORDS["names"]["en"])
"""Words that keep their capital letter: products, languages, origins."""
_RUSSIAN_VERB = re.compile(r"(?:[а-яё]+(?:аем|яем|уем|юем|еем|им|ём|ем)(?:ся)?)$", re.IGNORECASE)
_RUSSIAN_NOUNS = frozenset({"режим", "интим", "грим", "приём", "прием", "объём", "объем", "заём", "подъём", "подъем"})
RUSSIAN_LEAD = "наша работа —"
_CYRILLIC = re.compile("[а-яё]", re.IGNORECASE)


def sentence(phrase: str, manner: str = "") -> str:
    """An offer, however it was written down, as a whole sentence.

    "a review of your hiring" and "help teams hire" become "We offer a review of your hiring." and "We help teams hire."
    In the manner `bare`, for text messages, a noun stays alone: "A review of your hiring."
    """
    text = " ".join(str(phrase).split())
    if not text:
        return ""
    first, _, rest = text.partition(" ")
    if not _OPENS_A_SENTENCE.match(text):
        opened = _opening(text, first, rest)
        text = text if manner == "bare" and opened.startswith(("we offer", RUSSIAN_LEAD)) else opened
    return _ended(text[:1].upper() + text[1:])


def _opening(text: str, first: str, rest: str) -> str:
    return _russian_opening(text, first) if _CYRILLIC.search(text) else _english_opening(text, first, rest)


def _english_opening(text: str, first: str, rest: str) -> str:
    low = first.lower()
    verb = _GERUNDS.get(low, "")
    if verb and rest and not rest.startswith(("for ", "of ", "with ", "and ", "is ")):
        return f"we {verb} {rest}"
    if low in _VERBS and not (rest.startswith(("for ", "of ", "with ")) or not rest):
        return f"we {low} {rest}"
    if (
        low.removesuffix("s") in _VERBS
        and low not in _SMALL
        and re.match(r"[a-z]+ing\b|you|your|the|teams|compan|people|small|b2b", rest, re.IGNORECASE)
    ):
        return f"we {low.removesuffix('s')} {rest}"
    if low.endswith("ing") and re.match(r"you|your|the|teams|companies|people|small|our", rest, re.IGNORECASE):
        return f"we're {low} {rest}"
    is_name = low in _NAMES or not first[1:].islower() or rest[:1].isupper()
    thing = text if is_name and low not in _SMALL else f"{low} {rest}".strip()
    if low == "free" and not rest.partition(" ")[0].endswith("s"):
        thing = f"a {thing}"
    return f"we offer {thing}"


def _russian_opening(text: str, first: str) -> str:
    if _RUSSIAN_VERB.match(first) and first.lower() not in _RUSSIAN_NOUNS:
        return f"мы {text[:1].lower()}{text[1:]}"
    is_plain = first[1:].islower() or len(first) == 1
    return f"{RUSSIAN_LEAD} {text[:1].lower() if is_plain else text[:1]}{text[1:]}"


def _ended(text: str) -> str:
    return text if text.endswith((".", "!", "?", "…", ":")) else f"{text}."


_CHOICE = re.compile(r"\{([^{}]*\|[^{}]*)\}")
_MOST_CHOICES = 200


def spin(text: str, seed: str) -> str:
    """`{Hi|Hello}` replaced by one of its wordings, always the same for one `seed`. Choices may be nested."""
    for number in range(_MOST_CHOICES):
        match = _CHOICE.search(text)
        if match is None:
            break
        options = match[1].split("|")
        digest = hashlib.sha256(f"{seed}:{number}:{match[1]}".encode()).digest()
        text = text[: match.start()] + options[int.from_bytes(digest[:4]) % len(options)] + text[match.end() :]
    return text


def tidy(text: str) -> str:
    """The text without what a left-out value leaves behind: blanks, lonely commas, doubled stops, empty lines."""
    text = re.sub(r"[ \t\u00a0]+(?=\n|$)", "", text)
    text = re.sub(r"(?<=\S)[ \t]{2,}", " ", text)
    text = re.sub(r"\(\s*\)|«\s*»|“\s*”", "", text)
    text = re.sub(r"([«»])\1+", r"\1", text)
    text = re.sub(r"[ \t]+([,.;!?])(?=[\s,.;!?]|$)", r"\1", text)
    text = re.sub(r",(?=[.!?])|([,;])(?:\s*\1)+", lambda m: m[1] or "", text)
    text = re.sub(r"(?<!\.)\.\.(?!\.)", ".", text)
    text = re.sub(r"(?m)^[ \t]*[,;.](?:[ \t]+|$)", "", text)
    return re.sub(r"\n{3,}", "\n\n", text).strip()
