"""Tells automatic answers from people: out of office, acknowledgements, "no longer works here". Pure.

Evidence is RFC 3834's header and its older kin, then the subject's first words, then, for senders who set neither,
two independent signs in the text. `X-Auto-Response-Suppress` alone proves nothing: Outlook puts it on people's mail.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from conversations.inbound.mail import Mail, addresses_in


class Kind(StrEnum):
    OUT_OF_OFFICE = "out_of_office"
    ACKNOWLEDGEMENT = "acknowledgement"
    """A ticket number, a "we received your message", a challenge."""
    LEFT = "left"
    """The person no longer works there."""


@dataclass(frozen=True)
class AutoReply:
    """`returns_on` is the last date that the text names for the absence; `referral` the address it points to."""

    kind: Kind
    reasons: tuple[str, ...]
    returns_on: date | None = None
    referral: str = ""


_HEADERS = (
    "x-autoreply",
    "x-autorespond",
    "x-autoresponder",
    "x-auto-reply",
    "x-mail-autoreply",
    "x-autoreply-from",
    "x-auto-reply-from",
)
_SUBJECT = re.compile(
    r"^\W*(?:auto(?:matic|mated|matically generated)?[\s\-:_]?\s*(?:reply|response|respon|antwort|svar)|autoreply|auto:|autoresponse|out[\s\-]of[\s\-](?:the[\s\-])?office|ooo\b|away from (?:the )?office|on (?:vacation|leave|holiday)\b"
    r"|автоответ|автоматическ\w+ (?:ответ|уведомлени)|нет на работе|вне офиса|в отпуске|отсутству\w+|abwesen|automatische antwort|abwesenheit|auto(?:matische)? ?antwort|réponse automatique|absence du bureau|absent\w* du bureau|message d'absence"
    r"|respuesta automática|fuera de (?:la )?oficina|ausente|risposta automatica|fuori (?:sede|ufficio)|resposta automática|fora do escritório|automatisch antwoord|afwezig|niet aanwezig|automatyczna odpowiedź|odpowiedź automatyczna|nieobecno"
    r"|autosvar|frånvaro|fravær|automaattinen|poissa|otomatik yanıt|automatická odpověď|автоматична відповідь|自動返信|自动回复)",
    re.IGNORECASE,
)
_ACKNOWLEDGED = re.compile(
    r"ticket|case (?:number|id|#)|request (?:has been |was )?(?:received|created|registered)|(?:we(?:'ve| have)?|i) (?:have )?received your|thank(?:s| you) for (?:contacting|your (?:e-?mail|message|enquiry|inquiry|interest|submission|application)|reaching out|writing)"
    r"|(?:обращение|заявка|запрос|заявление).{0,40}(?:зарегистрирован|принят|создан|получен)|ваше (?:письмо|сообщение) (?:получено|принято)|мы (?:получили|ответим)|verification process|confirm (?:your|that you)|не отвечайте на это|do not reply|no-?reply",
    re.IGNORECASE,
)
_AWAY = re.compile(
    r"out[\s-]of[\s-](?:the[\s-])?office|(?:on|taking) (?:\w+ )?(?:vacation|leave|holiday|pto|sabbatical|parental leave)|away (?:from|until|on)|(?:annual|maternity|paternity|parental|sick) leave|limited (?:access|availability)|no access to (?:my )?e-?mail|not (?:be )?(?:in|available)\b.{0,30}(?:office|until)"
    r"|travell?ing|will (?:be back|return|respond (?:up)?on my return)|(?:я|буду|нахожусь|сейчас)?\s*(?:в (?:\w+ )?(?:отпуске|командировке|декрете)|на больничном)|отсутству(?:ю|ет|ем)|вне офиса|нет на (?:рабочем )?месте|вернусь|выйду на работу|буду (?:недоступ\w+|отсутствовать)"
    r"|nicht im (?:büro|hause)|abwesend|im urlaub|auf (?:dienst|geschäfts)reise|elternzeit|wieder (?:im büro|erreichbar|da)|absent|en (?:congés?|vacances|déplacement)|de retour le|fuera de la oficina|de vacaciones|ausente|de baja|fuori (?:ufficio|sede)|in ferie|assente"
    r"|fora do escritório|de férias|niet (?:op kantoor|aanwezig)|afwezig|op vakantie|poza biurem|na urlopie|nieobecn|på semester|bortrest|på ferie|lomalla|поза офісом|у відпустці",
    re.IGNORECASE,
)
_WILL = re.compile(
    r"will (?:respond|reply|answer|get back|return|be back|have)|returning|respond to your|upon my return|when i (?:return|get back)|urgent|limited access|no access|in my absence|meine? rückkehr|dringend|bei meiner rückkehr|отвечу|по возвращении|срочн|в мо[её] отсутствие|à mon retour|urgence|urgente|al mio rientro|bij terugkomst|wiadomość zostanie|back (?:in the office )?on",
    re.IGNORECASE,
)
_LEFT = re.compile(
    r"no longer (?:work|employed|with (?:the )?(?:company|us|firm|organi)|at|a part|an employee|part of|associated)|(?:has|have) left (?:the )?(?:company|organi[sz]ation|firm|business|us\b|our|[A-Z])|left the (?:company|organi[sz]ation|firm)|is not (?:with|working (?:at|for)) .{0,30}any ?more|mailbox is no longer monitored|(?:address|mailbox) is no longer (?:in use|active|valid|used)"
    r"|(?:больше|более|уже) не работа(?:ет|ю)|не работает (?:больше|в нашей|у нас)|уволил(?:ся|ась)|покинул[аи]? компанию|(?:адрес|ящик) (?:больше|более) не (?:используется|обслуживается|активен)"
    r"|nicht mehr (?:für|bei|in unserem|im unternehmen|tätig)|hat das unternehmen verlassen|ne (?:travaille|fait) plus|a quitté (?:la société|l'entreprise|notre)|ya no (?:trabaja|forma parte)|non (?:lavora|fa) più|não (?:trabalha|faz) mais|werkt niet (?:meer|langer)|nie pracuje już|już nie pracuje",
    re.IGNORECASE,
)


def read_auto_reply(mail: Mail, *, now: datetime) -> AutoReply | None:
    """What kind of automatic answer this is, or None for a person's. `now` anchors dates without a year."""
    text = mail.text[:6_000]
    evidence = _evidence(mail, text)
    if not evidence:
        return None
    base = mail.date or now
    head = f"{mail.subject}\n{text}"
    own = {mail.from_address, *mail.to}
    referral = next((a for a in addresses_in(text) if a not in own), "")
    if match := _LEFT.search(head):
        return AutoReply(Kind.LEFT, (*evidence, f"text: {match[0]!r}"), None, referral)
    away = _AWAY.search(head)
    returns_on = return_date(text, base=base.date())
    if away and (returns_on or not _ACKNOWLEDGED.search(head) or _SUBJECT.match(mail.subject)):
        return AutoReply(Kind.OUT_OF_OFFICE, (*evidence, f"text: {away[0].strip()!r}"), returns_on, referral)
    if returns_on and _SUBJECT.match(mail.subject):
        return AutoReply(Kind.OUT_OF_OFFICE, (*evidence, "names a date of return"), returns_on, referral)
    return AutoReply(Kind.ACKNOWLEDGEMENT, evidence)


def _evidence(mail: Mail, text: str) -> tuple[str, ...]:
    found: list[str] = []
    submitted = mail.header("auto-submitted").lower().split(";")[0].strip()
    if submitted and submitted != "no":
        found.append(f"Auto-Submitted: {submitted}")
    found += [f"{name} is set" for name in _HEADERS if mail.header(name) and mail.header(name).lower() != "no"]
    precedence = mail.header("precedence").lower()
    if precedence in {"auto_reply", "auto-reply", "bulk", "junk", "list"} or mail.header("list-id"):
        found.append(f"Precedence: {precedence}" if precedence else "List-Id is set")
    if _SUBJECT.match(mail.subject):
        found.append("subject of an automatic answer")
    if not found:
        start = text[:500]
        away = _AWAY.search(start)
        if (
            away
            and _WILL.search(start)
            and re.search(
                r"out[\s-]of[\s-](?:the[\s-])?office|leave|отпуск|командировк|отсутств|abwesen|nicht im|absent|fuera|fuori|fora do",
                start,
                re.IGNORECASE,
            )
        ):
            found.append("text of an absence note")
        if _LEFT.search(start) and not re.search(r"\b(?:i|я)\b", start, re.IGNORECASE):
            found.append("text of a leaver's note")
    return tuple(found)


_SPAN = re.compile(
    r"(?<!\w)(?:until|till|til|thru|through|to|back|return(?:ing|s)?|back in (?:the )?office|from|bis|zurück|ab|wieder|jusqu'?|jusqu.au|retour|à partir|hasta|regreso|vuelvo|volver\w*|fino al?|rientr\w*|até|retorn\w*|tot|terug|do|wrac\w*|till och med|tilbage|по|до|вернусь|выйду|с|возвращаюсь)(?!\w)",
    re.IGNORECASE,
)
_DATES = re.compile(
    r"\d{4}-\d{2}-\d{2}|\d{1,2}[./]\d{1,2}[./]\d{2,4}|\d{1,2}[./]\d{1,2}(?![./\d])"
    r"|\d{1,2}(?:st|nd|rd|th|er|º|\.|-го|-е)?\s+(?:of\s+|de\s+|d')?[^\W\d_]{3,12}\.?(?:,?\s+(?:de\s+)?\d{4})?"
    r"|[^\W\d_]{3,12}\.?\s+\d{1,2}(?:st|nd|rd|th)?(?:,?\s+\d{4})?",
    re.IGNORECASE,
)
_LANGUAGES = ["en", "ru", "de", "fr", "es", "it", "pt", "nl", "pl", "uk", "sv", "cs"]
_LONGEST_ABSENCE = timedelta(days=400)


def return_date(text: str, *, base: date) -> date | None:
    """The latest plausible date that follows a word such as "until", "bis", «до», within 400 days after `base`."""
    candidates = (
        _parse(match[0], base=base)
        for word in list(_SPAN.finditer(text[:3_000]))[:30]
        for match in list(_DATES.finditer(text[word.end() : word.end() + 60]))[:3]
    )
    return max((day for day in candidates if day and base <= day <= base + _LONGEST_ABSENCE), default=None)


def _parse(text: str, *, base: date) -> date | None:
    import dateparser

    is_month_first = bool(re.match(r"\d{1,2}/\d{1,2}/\d{4}", text)) and int(text.split("/")[1]) > 12
    parsed = dateparser.parse(
        text.replace("-го", "").replace("-е", "").rstrip("."),
        languages=_LANGUAGES,
        settings={
            "RELATIVE_BASE": datetime(base.year, base.month, base.day),  # noqa: DTZ001  dates only
            "PREFER_DATES_FROM": "future",
            "DATE_ORDER": "MDY" if is_month_first else "DMY",
            "REQUIRE_PARTS": ["day", "month"],
            "STRICT_PARSING": False,
        },
    )
    return parsed.date() if parsed else None
