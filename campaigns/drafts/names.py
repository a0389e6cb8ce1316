"""Whether the names in a text fit: the reader's, the firm's, and the one it is signed with. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from zoneinfo import available_timezones

from campaigns.drafts.alphabets import Found
from campaigns.drafts.reading import ABBREVIATIONS, Draft, without_links
from leads.cleaning.cells import country
from leads.cleaning.variables import clean
from outreach.core.errors import Invalid
from outreach.core.lists import read_list

_SHORT = [line.split() for line in read_list(Path(__file__).parent / "data" / "short_names.txt")]
_TITLES = r"mr|ms|mrs|miss|dr|prof"
_GREETING = {
    "en": re.compile(
        rf"\A(?:hi|hello|hey|dear|good (?:morning|afternoon|evening)|greetings)\b,? +((?:(?:{_TITLES})\. ?)?[^\n,!.:]{{1,50}}?) *[,!.:\n]",
        re.IGNORECASE,
    ),
    "ru": re.compile(
        r"\A(?:(?:здравствуйте|добрый (?:день|вечер)|доброе утро|привет|приветствую|уважаем\w+),? +([^\n,!.:]{1,50}?) *[,!.:\n]|([^\n,!.:]{1,40}?), (?:добрый|доброе|здравствуйте|привет))",
        re.IGNORECASE,
    ),
}
_TITLE = re.compile(rf"(?:{_TITLES})\.? +", re.IGNORECASE)
_NOBODY = re.compile(
    r"there|all|everyone|team|folks|friends?|again|both|.* team|команда.*|коллеги|друзья|.*коллеги", re.IGNORECASE
)
_COMPANY_EN = re.compile(r"\b(?:at|for|about|from) ((?:[A-Z][\w&'’-]+)(?: [A-Z&][\w&'’-]*)*)")
_COMPANY_RU = re.compile(r"(?:компани\w+|команд\w+|фирм\w+|вы в|вас в) («[^»\n]+»|[A-ZА-ЯЁ][\w-]+)")
_QUOTED_RU = re.compile(r"(?<![\w-])(?:в|во|у|для|из|к) «([А-ЯЁA-Z][^»\n]{1,40})»")
_WELL_KNOWN = frozenset(name.casefold() for name in read_list(Path(__file__).parent / "data" / "well_known.txt"))


@cache
def _cities() -> frozenset[str]:
    """The cities that time zones are named after."""
    return frozenset(zone.rpartition("/")[2].replace("_", " ") for zone in available_timezones())


def _is_well_known(name: str) -> bool:
    """Whether nobody takes the name for the reader's firm: a product, a day, a register; Russian ones in any case."""
    low = name.casefold().removesuffix("'s").removesuffix("’s")
    return not _WELL_KNOWN.isdisjoint((low, low.split()[0])) or any(
        low.startswith(_stem(known)) for known in _WELL_KNOWN if known[0] >= "а"
    )


def _is_place(name: str) -> bool:
    if name in _cities():
        return True
    try:
        return len(name) > 3 and bool(country(name))
    except Invalid:
        return False


def read(draft: Draft) -> Iterator[Found]:
    yield from _greeting(draft)
    yield from _addressed(draft)
    yield from _company(draft)
    yield from _signature(draft)


def _greeting(draft: Draft) -> Iterator[Found]:
    body = draft.body.partition(": ")[2] if draft.channel == "sms" else draft.body
    match = _GREETING.get(draft.language, _GREETING["en"]).match(f"{body.lstrip()}\n")
    name = next((group for group in match.groups() if group), "").strip() if match else ""
    if not name or _NOBODY.fullmatch(name):
        return
    first, last, full = (_value(draft, n) for n in ("first_name", "last_name", "full_name"))
    plain = _TITLE.sub("", name)
    sender = _value(draft, "sender_name")
    if sender and plain.split()[0] == sender.split()[0] and re.match(r"\s*\w+,", body):
        return  # "Hello, Colin at Frost Broking" presents its writer
    if plain != name:
        is_fitting = plain in (last, full, f"{first} {last}") or not (first or last)
    elif known := [value for value in (first, full) if value] or [value for value in (last,) if value]:
        is_fitting = plain in known or plain.split()[0] == known[0] or is_short_for(plain, known[0])
    else:
        is_unusable = draft.known("first_name") is not None
        is_fitting = not is_unusable and bool(clean("first_name", plain, language=draft.language).value)
    if not is_fitting:
        yield "name_mismatch", name


def _addressed(draft: Draft) -> Iterator[Found]:
    """Who is spoken to before the first comma without a greeting: another given name, or a department."""
    body = draft.body.partition(": ")[2] or draft.body if draft.channel == "sms" else draft.body
    match = re.match(
        r"\s*(?!(?i:hi|hello|hey|dear|good|добр\w+|уважаем\w+|привет\w*|здравствуйте)\b)([A-ZА-ЯЁ][^\W\d_]+(?: [^\W\d_]+)?), ",
        body,
    )
    first = _value(draft, "first_name")
    if not match or not first or match[1].split()[0] == first or is_short_for(match[1], first):
        return
    is_another = any(match[1].casefold() in names for names in _SHORT)
    is_nobody = clean("first_name", match[1]).note in ("placeholder", "not_a_name")
    if is_another or is_nobody:
        yield "name_mismatch", match[1]


def _value(draft: Draft, name: str) -> str:
    fact = draft.known(name)
    return fact.value if fact else ""


def is_short_for(short: str, full: str) -> bool:
    """Whether `short` is what friends call `full`: Bob and Robert, Женя and Евгений."""
    return any(full.casefold() == names[0] and short.casefold() in names[1:] for names in _SHORT)


def _company(draft: Draft) -> Iterator[Found]:
    """A firm that is neither the reader's nor one that the facts name."""
    if draft.known("company_name") is None:
        return
    text, known = without_links(draft.whole), draft.given.replace("«", "").replace("»", "")
    for match in (_COMPANY_RU if draft.language == "ru" else _COMPANY_EN).finditer(text):
        name = match[1].strip("«»")
        if (
            name in ABBREVIATIONS
            or _is_well_known(name)
            or (not match[0].startswith("at ") and _is_place(name))
            or name in known
            or name.removesuffix("'s").removesuffix("’s") in known
        ):
            continue
        yield "name_mismatch", name
        return
    if draft.language == "ru":
        low = known.casefold()
        for match in _QUOTED_RU.finditer(text):
            if _is_well_known(match[1]):
                continue
            if not all(_stem(word) in low for word in re.findall(r"\w{3,}", match[1])):
                yield "name_mismatch", match[1]
                return


def _stem(word: str) -> str:
    """A Russian word without what its case may change: «Журавле», «Журавль»."""
    return word.casefold()[: max(3, len(word) - (3 if len(word) > 5 else 2))]


# the signature

_FAREWELL = re.compile(
    r"(?:(?:all the |very )?best(?: (?:regards|wishes))?|(?:kind |warm |with )*regards|cheers|thanks|many thanks|thank you|yours|sincerely|talk soon|take care"
    r"|с уважением|с наилучшими пожеланиями|всего доброго|всего хорошего|спасибо|благодарю|хорошего дня|до связи|ваш[аи]?)\W*",
    re.IGNORECASE,
)
_NAME_LINE = re.compile(r"[A-ZА-ЯЁ][^\n.?!:]*(?:\b[A-ZА-ЯЁ]\.)?")
MAX_SIGNATURE_WORDS = 4


def _signature(draft: Draft) -> Iterator[Found]:
    """The lines below an e-mail that hold another name than the sender's and their firm's."""
    known = [_value(draft, name) for name in ("sender_name", "sender_company")]
    lines = _signed(draft.body)
    if draft.channel != "email" or not any(known) or not lines:
        return
    words = {word for line in lines for word in re.findall(r"[^\W\d_]{2,}", line)}
    theirs = {word for value in known for word in re.findall(r"[^\W\d_]{2,}", value)}
    if any(word.casefold()[:4] == own.casefold()[:4] or is_short_for(word, own) for word in words for own in theirs):
        return
    if all(line in draft.ours for line in lines):
        return
    yield "name_mismatch", ", ".join(lines)


def _signed(body: str) -> list[str]:
    found: list[str] = []
    for line in reversed(body.strip().splitlines()[1:]):
        text = line.strip(" -–—")
        if _FAREWELL.fullmatch(text):
            break
        if not text or len(text.split()) > MAX_SIGNATURE_WORDS or not _NAME_LINE.fullmatch(text):
            break
        found.insert(0, text)
    return found


def is_beside_our_firm(draft: Draft, position: int) -> bool:
    """Whether a legal form at `position` is on one line with our own firm's name: ООО «Волготранс» below a letter."""
    own = _value(draft, "sender_company")
    start = draft.whole.rfind("\n", 0, position) + 1
    return bool(own) and own in draft.whole[start:].partition("\n")[0]
