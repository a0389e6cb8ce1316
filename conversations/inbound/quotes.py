"""Takes a reply apart: what the person wrote, what they quoted, how they signed. Pure.

Nothing is dropped: every line lands in one of the three. Quotes are found by `>` marks, by the line that introduces
them ("On … wrote:", «… пишет:»), by the header block that Outlook repeats, and by separators. Answers written between
quoted lines are kept.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from conversations.inbound.mail import MAX_TEXT, clean

_MAX_LINES = 4_000
_MAX_INTRODUCTION = 400
"""Characters of an introducing line, wrapped ones joined."""


@dataclass(frozen=True)
class Split:
    """The three parts of a text; `reply` is empty when the person wrote nothing of their own."""

    reply: str
    quoted: str = ""
    signature: str = ""


_VERBS = (
    r"wrote|writes|schrieb|schreibt|geschrieben|a écrit|écrit|écrivait|escribió|escribio|ha scritto|scrisse|scrive|escreveu|pisze|napisał(?:\(a\)|a)?"
    r"|schreef|heeft geschreven|skrev|kirjoitti|napsal(?:\(a\)|a)?|napísal(?:\(a\)|a)?|írta|ezt írta|yazdı|a scris|έγραψε|je napisao"
    r"|пишет|писала?(?:\(а\))?|писал\(-?а\)|написала?(?:\(а\))?|написал\(-?а\)|написав(?:\(ла\))?|пише|писав|напісаў|написа|写道|のメール"
)
_VERB = re.compile(rf"(?<!\w)(?:{_VERBS})(?!\w)", re.IGNORECASE)
_DAYS = (
    r"mon|tue|wed|thu|fri|sat|sun|monday|tuesday|wednesday|thursday|friday|saturday|sunday"
    r"|понедельник|вторник|среда|среду|четверг|пятница|пятницу|суббота|субботу|воскресенье|пн|вт|ср|чт|пт|сб|вс|нд"
)
_OPENER = re.compile(
    rf"^(?:on|at|am|le|el|il|em|w dniu|dnia|op|den|dne|dňa|på|pe|la|в|вы|you|ty|\d{{1,4}}|{_DAYS})(?!\w)", re.IGNORECASE
)
_DATE = re.compile(
    r"\d{1,2}[./-]\d{1,2}[./-](?:\d{4}|\d{2})|\d{4}[./-]\d{1,2}[./-]\d{1,2}|(?<!\d)(?:19|20)\d{2}(?!\d)|\d{1,2}\.? [^\W\d_]{3,}"
)
_TIME = re.compile(r"\d{1,2}[:.h]\d{2}")
_EMAIL = re.compile(r"[^\s<>()@]+@[^\s<>()@]+\.[^\s<>()@]+")
_BRACKETED = re.compile(r"[<(\[]\s*(?:mailto:)?[^\s<>()@]+@[^\s<>()@]+\s*[>)\]]")

_FIRST_FIELD = re.compile(
    r"^\**(?:from|von|de|da|van|od|от|від|från|fra|lähettäjä|feladó|kimden|de la|expéditeur|mittente|отправитель|发件人|差出人)\s*:\**\s*\S",
    re.IGNORECASE,
)
_FIELD = re.compile(
    r"^\**(?:sent|date|to|cc|subject|reply-to|gesendet|datum|an|betreff|envoyé|date|à|objet|enviado(?: el)?|enviada(?: em)?|fecha|data|para|asunto|assunto"
    r"|inviato|oggetto|a|verzonden|aan|onderwerp|wysłano|do|temat|отправлено|дата|когда|кому|копия|тема|надіслано|кому|skickat|till|ämne|sendt|til|emne"
    r"|odesláno|komu|předmět|предмет|importance)\s*:\**",
    re.IGNORECASE,
)
_SEPARATOR = re.compile(
    r"^[\s>]*(?:-{2,}|_{3,}|={3,}|\*{3,}|—{2,})?\s*(?:"
    r"(?:begin )?(?:original|forwarded) (?:message|e-?mail|appointment)|reply message|(?:ursprüngliche|weitergeleitete|originale?) (?:nachricht|mail)"
    r"|message (?:d'origine|original|transféré)|mensaje (?:original|reenviado)|mensagem (?:original|encaminhada)|messaggio (?:originale|inoltrato)"
    r"|oorspronkelijk bericht|doorgestuurd bericht|wiadomość (?:oryginalna|przekazana)|oryginalna wiadomość|originalmeddelande|ursprungligt meddelande|původní zpráva"
    r"|исходное сообщение|пересылаемое сообщение|пересланное сообщение|пересылаемое письмо|оригинальное сообщение|первоначальное сообщение|конец пересылаемого сообщения|вихідне повідомлення"
    r")\s*:?\s*(?:-{2,}|_{3,}|={3,}|\*{3,}|—{2,})?\s*$",
    re.IGNORECASE,
)
_DASHED = re.compile(r"-{2,}|_{3,}|={3,}|—{2,}|begin|:", re.IGNORECASE)
_RULE = re.compile(r"^\s*(?:_{5,}|-{10,}|={10,})\s*$")
_SIGNATURE_MARK = re.compile(r"^\s*(?:--|—|–-|__)\s*$")
_SENT_FROM = re.compile(
    r"^\W{0,3}(?:sent from (?:my |outlook|yahoo|mail|proton|samsung|gmail|the |an? )|sent (?:with|via) |get outlook for |von meinem .{1,40} gesendet|gesendet (?:von|mit) "
    r"|envoyé (?:de|depuis|à partir) |inviato (?:da|dal) |enviado (?:desde|do|a partir|via) |verzonden (?:vanaf|met|via) |wysłane z |skickat från |sendt fra |lähetetty |odesláno z "
    r"|отправлено (?:с|из|через|от) (?!\d)|послано с |надіслано з |отправлено\s+из\s+|gönderen: |download the all new|провер(?:ено|ка) на вирусы|virus-free)",
    re.IGNORECASE,
)
_MARK = re.compile(r"^\s{0,3}>")


def split(text: str) -> Split:
    """Take `text` apart. Linear in its length."""
    lines = clean(text[:MAX_TEXT]).split("\n")
    lines, rest = lines[:_MAX_LINES], lines[_MAX_LINES:]
    kinds = _kinds(lines)
    written = [line for line, kind in zip(lines, kinds, strict=True) if kind == "reply"]
    quoted = [line for line, kind in zip(lines, kinds, strict=True) if kind == "quoted"] + rest
    reply, signature = _signature(written)
    return Split(_tidy(reply), "\n".join(quoted).strip("\n"), _tidy(signature))


def _kinds(lines: list[str]) -> list[str]:
    """For each line whether it was written or quoted."""
    kinds = ["reply"] * len(lines)
    index = 0
    while index < len(lines):
        line = lines[index]
        length = 0 if not line.strip() else _introduction(lines, index)
        if length:
            following = _next_text(lines, index + length)
            is_marked = following is not None and bool(_MARK.match(lines[following]))
            end = index + length if is_marked or following is None else len(lines)
            kinds[index:end] = ["quoted"] * (end - index)
            index = end
        elif _MARK.match(line):
            kinds[index] = "quoted"
            index += 1
        elif _is_cut(lines, index):
            start = _back_over_rule(lines, index)
            kinds[start:] = ["quoted"] * (len(lines) - start)
            break
        else:
            index += 1
    return kinds


def _introduction(lines: list[str], index: int) -> int:
    """How many lines from `index` introduce a quote (0: none). Long ones are wrapped by the mail program."""
    first = lines[index].lstrip("> ").strip()
    if (
        not first
        or len(first) > _MAX_INTRODUCTION
        or not (_OPENER.match(first) or _EMAIL.search(first) or _VERB.search(first))
    ):
        return 0
    joined = ""
    for count in range(1, 5):
        if index + count > len(lines):
            break
        line = lines[index + count - 1].lstrip("> ").strip()
        if not line and count > 1:
            break
        joined = f"{joined} {line}".strip()
        if len(joined) > _MAX_INTRODUCTION:
            break
        if _introduces(joined):
            return count
    return 0


def _introduces(text: str) -> bool:
    if not text.endswith((":", "：")):
        return False
    dated = bool(_DATE.search(text))
    addressed = bool(_BRACKETED.search(text))
    if dated and _TIME.search(text) and (addressed or re.search(r"(?<!\w)от(?!\w)", text)):
        return True  # Gmail and mail.ru in Russian: date, time, name and address without a verb
    if not _VERB.search(text):
        return False
    if addressed and (dated or _VERB.search(text[-30:])):
        return True
    return bool(_OPENER.match(text)) and (dated or bool(_TIME.search(text)))


def _is_cut(lines: list[str], index: int) -> bool:
    line = lines[index].strip()
    if not line or len(line) > 300:
        return False
    if _SEPARATOR.match(line) and _DASHED.search(line):
        return True
    if _FIRST_FIELD.match(line):
        fields = sum(bool(_FIELD.match(other.strip())) for other in lines[index + 1 : index + 7])
        return fields >= 2
    return False


def _back_over_rule(lines: list[str], index: int) -> int:
    start = index
    while start and (not lines[start - 1].strip() or _RULE.match(lines[start - 1])):
        start -= 1
    return start


def _next_text(lines: list[str], index: int) -> int | None:
    return next((i for i in range(index, min(index + 6, len(lines))) if lines[i].strip()), None)


def _signature(lines: list[str]) -> tuple[list[str], list[str]]:
    """What was written and what follows a signature mark or a "sent from" line."""
    has_text = False
    for index, line in enumerate(lines):
        stripped = line.strip()
        below = sum(bool(other.strip()) for other in lines[index + 1 :])
        if _SIGNATURE_MARK.match(line) and has_text and below <= 20:
            return lines[:index], lines[index:]
        if len(stripped) < 150 and _SENT_FROM.match(stripped) and below <= 4:
            return lines[:index], lines[index:]
        has_text = has_text or bool(stripped)
    return lines, []


def _tidy(lines: list[str]) -> str:
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()
