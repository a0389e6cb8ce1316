"""Whether the names in a text fit: the reader's, the firm's, and the one it is signed with. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator

from campaigns.drafts.reading import DATA, Draft, Found
from leads.cleaning.variables import clean
from outreach.core.lists import read_list

_SHORT = [line.split() for line in read_list(DATA / "short_names.txt")]
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
    r"(?:to )?who(?:m|ever).*|there|all|everyone|team|folks|friends?|again|both|.* team|команда.*|коллеги|друзья|.*коллеги",
    re.IGNORECASE,
)


def read(draft: Draft) -> Iterator[Found]:
    yield from _greeting(draft)
    yield from _addressed(draft)
    yield from _signature(draft)


def _greeting(draft: Draft) -> Iterator[Found]:
    body = _opening(draft)
    match = _GREETING.get(draft.language, _GREETING["en"]).match(f"{body.lstrip()}\n")
    name = next((group for group in match.groups() if group), "").strip() if match else ""
    if not name or _NOBODY.fullmatch(name):
        return
    first, last, full = (draft.value(n) for n in ("first_name", "last_name", "full_name"))
    plain = _TITLE.sub("", name)
    if name.islower():  # a text all in small letters
        plain, first, last, full = plain.title(), first.title(), last.title(), full.title()
        name = name.title()
    sender = draft.value("sender_name")
    if sender and plain.split()[0] == sender.split()[0] and re.match(r"\s*\w+,", body):
        return  # "Hello, Colin at Frost Broking" presents its writer
    if (
        (known_sex := _MALE_OR_FEMALE.match(body))
        and first
        and first == plain
        and _is_of_other_sex(known_sex[1], first)
    ):
        yield "name_mismatch", known_sex[0]
        return
    if plain != name:
        is_fitting = plain in (last, full, f"{first} {last}") or not (first or last)
    elif known := [value for value in (first, full) if value] or [value for value in (last,) if value]:
        is_fitting = plain in known or plain.split()[0] == known[0] or is_short_for(plain, known[0])
    else:
        is_fitting = plain in draft.given
    if not is_fitting:
        yield "name_mismatch", name


def _opening(draft: Draft) -> str:
    """The text without the firm's name that an SMS may begin with."""
    return (draft.body.partition(": ")[2] or draft.body) if draft.channel == "sms" else draft.body


def _addressed(draft: Draft) -> Iterator[Found]:
    """Who is spoken to before the first comma without a greeting: another given name, or a department."""
    body = _opening(draft)
    match = re.match(
        r"\s*(?!(?i:hi|hello|hey|dear|good|добр\w+|уважаем\w+|привет\w*|здравствуйте)\b)([A-ZА-ЯЁ][^\W\d_]+(?: [^\W\d_]+)?), ",
        body,
    )
    first = draft.value("first_name")
    if not match or not first or match[1].split()[0] == first or is_short_for(match[1], first):
        return
    is_another = any(match[1].casefold() in names for names in _SHORT)
    is_nobody = clean("first_name", match[1]).note in ("placeholder", "not_a_name")
    if is_another or is_nobody:
        yield "name_mismatch", match[1]


_MALE_OR_FEMALE = re.compile(r"(?i)уважаем(ый|ая) \w+")
_MALE_IN_A = frozenset(read_list(DATA / "male_names_in_a.txt"))


def _is_of_other_sex(ending: str, first_name: str) -> bool:
    """Whether «уважаемый» or «уважаемая» goes with another name: most women's end in а or я, most men's do not."""
    low = first_name.casefold()
    if not re.search("[а-яё]\\Z", low) or low in _MALE_IN_A:
        return False
    return (low[-1] in "ая") == (ending.casefold() == "ый") and not (ending.casefold() == "ая" and low[-1] in "ьиеоуэю")


def is_short_for(short: str, full: str) -> bool:
    """Whether `short` is what friends call `full`: Bob and Robert, Женя and Евгений."""
    return any(full.casefold() == names[0] and short.casefold() in names[1:] for names in _SHORT)


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
    known = [draft.value(name) for name in ("sender_name", "sender_company")]
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
    own = draft.value("sender_company")
    start = draft.whole.rfind("\n", 0, position) + 1
    return bool(own) and own in draft.whole[start:].partition("\n")[0]
