"""Reads delivery notices and abuse reports: whom they are about, why, and whether the address is dead. Pure.

Order of trust: machine-readable reports (RFC 3464, RFC 5965), then the texts of the common mail servers, then
`flufl.bounce` for what is neither. "Hard" needs evidence about the address itself: an unknown mailbox or a domain that
takes no mail. A status of 4.x, a delay, a full mailbox or a policy (5.7.x is about our reputation) is never hard.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from email.message import Message
from enum import StrEnum

from conversations.inbound.mail import Mail, addresses_in, decode, ids, part_text, walk


class Reason(StrEnum):
    """What a notice says about a recipient."""

    UNKNOWN_MAILBOX = "unknown_mailbox"
    DOMAIN = "domain"
    """The domain does not exist or takes no mail."""
    MAILBOX_FULL = "mailbox_full"
    POLICY = "policy"
    """Spam filter, block list, authentication: about our reputation, not about the address."""
    CONTENT = "content"
    """Too large, a virus, refused for what it contains."""
    DELAYED = "delayed"
    """Still being tried, or tried in vain until it expired."""
    TEMPORARY = "temporary"
    OTHER = "other"
    DELIVERED = "delivered"
    COMPLAINT = "complaint"


HARD = frozenset({Reason.UNKNOWN_MAILBOX, Reason.DOMAIN})


@dataclass(frozen=True)
class Recipient:
    """One recipient of a notice. `address` is the one that we wrote to, as far as the notice tells."""

    address: str
    reason: Reason
    status: str = ""
    """RFC 3463, for example 5.1.1; empty when not told."""
    action: str = ""
    diagnostic: str = ""
    final_address: str = ""

    @property
    def is_hard(self) -> bool:
        return self.reason in HARD


@dataclass(frozen=True)
class Notice:
    """A bounce, receipt or complaint. `returned_ids` are the Message-IDs of what it is about, likeliest first."""

    kind: str
    """bounce, receipt or complaint"""
    recipients: tuple[Recipient, ...]
    returned_ids: tuple[str, ...]
    source: str
    """dsn, text, flufl or arf"""

    @property
    def is_hard(self) -> bool:
        return any(r.is_hard for r in self.recipients)


def read_complaint(mail: Mail) -> Notice | None:
    """An abuse report in ARF (RFC 5965), or None."""
    for part in walk(mail.root):
        if part.get_content_type() != "message/feedback-report":
            continue
        report = _first_block(part)
        kind = decode(report.get("Feedback-Type", "abuse")).lower()
        if kind == "not-spam":
            return None
        returned = _returned(mail)
        told = addresses_in(
            " ".join(
                decode(v) for v in report.get_all("Original-Rcpt-To", []) + report.get_all("Removal-Recipient", [])
            )
        )
        recipients = told or ([returned.to] if returned.to else [])
        return Notice(
            "complaint",
            tuple(Recipient(address, Reason.COMPLAINT, diagnostic=kind) for address in recipients),
            _ids(mail, returned),
            "arf",
        )
    return None


def read_bounce(mail: Mail) -> Notice | None:
    """A delivery notice of any style, or None when the mail is none."""
    returned = _returned(mail)
    recipients = tuple(_dsn_recipients(mail, returned))
    if recipients:
        kind = "receipt" if all(r.reason is Reason.DELIVERED for r in recipients) else "bounce"
        return Notice(kind, recipients, _ids(mail, returned), "dsn")
    if not _is_from_a_mail_system(mail):
        return None
    if recipients := tuple(_text_recipients(mail, returned)):
        return Notice("bounce", recipients, _ids(mail, returned), "text")
    if recipients := tuple(_flufl_recipients(mail)):
        return Notice("bounce", recipients, _ids(mail, returned), "flufl")
    if _FAILURE.search(mail.text) or _SUBJECT.match(mail.subject):
        about = [returned.to] if returned.to else []
        reasons = [classify("", mail.text, "failed")]
        return Notice(
            "bounce", tuple(Recipient(a, r) for a, r in zip(about, reasons, strict=False)), _ids(mail, returned), "text"
        )
    return None


# --- why ---------------------------------------------------------------------------------------------------------

_EXTENDED = re.compile(r"(?<![\d.])([245])\.(\d{1,3})\.(\d{1,3})(?![\d.])")
_REPLY_CODE = re.compile(r"(?<![\d.])([245]\d\d)(?=[\s\-#:;,<]|$)")

_TEXTS: list[tuple[Reason, re.Pattern[str]]] = [
    (
        Reason.DELAYED,
        re.compile(
            r"message expired|delivery (?:time )?expired|queue too long|retry time(?:out)? (?:not reached|exceeded)|retry timeout exceeded|could not be delivered for \d|not yet been delivered"
            r"|delivery (?:has been |is )?delayed|still being retried|too old|hop count exceeded.{0,20}expired",
            re.IGNORECASE,
        ),
    ),
    (
        Reason.CONTENT,
        re.compile(
            r"virus|malware|size (?:exceeds|limit)|too (?:large|big)|exceeds? (?:the )?(?:maximum|size|fixed)|content rejected|message content|attachment",
            re.IGNORECASE,
        ),
    ),
    (
        Reason.POLICY,
        re.compile(
            r"\bspam\b|spamhaus|spamcop|barracuda|\b(?:dns|r)bl\b|block(?:ed|list)|black ?list|reputation|\bdmarc\b|\bspf\b|\bdkim\b|unauthenticated|authenticat|not authori[sz]ed|poor|banned"
            r"|relay(?:ing)? (?:access )?(?:denied|not)|not permitted to relay|rate limit|too many|grey ?list|unsolicited|bulk mail|message refused|rejected (?:for|due to) policy|policy (?:reason|violation|rejection)|local policy|спам",
            re.IGNORECASE,
        ),
    ),
    (
        Reason.MAILBOX_FULL,
        re.compile(
            r"quota|mailbox (?:is |was )?(?:full|exceeded)|(?:mail)?box full|insufficient (?:system )?storage|out of storage|mailbox size|(?:переполнен|quotas?)",
            re.IGNORECASE,
        ),
    ),
    (
        Reason.DOMAIN,
        re.compile(
            r"(?:host|domain)(?: or domain)? (?:name )?(?:not found|does ?n[o']t exist|unknown)|name or service not known|unknown host|no such (?:host|domain)|nxdomain|null ?mx|does not accept (?:e-?)?mail"
            r"|no mx|domain .{0,60}(?:has no|does not exist|n'existe pas)|couldn't find any host|unrout(?:e)?able mail domain|bad destination (?:system|host)|domain .{0,80}couldn't be found|домен .{0,40}не (?:найден|существует)",
            re.IGNORECASE,
        ),
    ),
    (
        Reason.UNKNOWN_MAILBOX,
        re.compile(
            r"(?:user|recipient|mailbox|address|account|alias|addressee) (?:is )?(?:unknown|(?:was )?not found|not known|invalid|inactive|disabled|does ?n[o']t exist|is disabled|suspended|not recogni[sz]ed|no longer)"
            r"|unknown (?:user|recipient|address|mailbox|account|local)|(?:no|not) (?:a )?(?:such|valid|known) (?:user|mailbox|recipient|person|address|account|local)"
            r"|no mailbox (?:here|by)|invalid (?:mailbox|recipient|user|address|rcpt)|does ?n[o']t exist|recip(?:ient)?notfound|(?:address|recipient|mailbox|user|e-?mail account) .{0,60}(?:couldn't be found|could not be found|not found|does not exist|is disabled|no longer)"
            r"|unrout(?:e)?able address|account (?:that you tried to reach )?(?:is |has been )(?:disabled|closed|suspended|deactivated)|addressee unknown|not listed in|user doesn't have|no longer (?:active|available|valid|in use|on server|accepts)"
            r"|wurde nicht gefunden|unbekannte(?:r)? (?:empf|benutzer|adress)|existiert nicht|n'existe pas|introuvable|no (?:existe|se (?:ha )?encontr)|non esiste|não existe|не существует|не найден|неизвестный (?:получатель|пользователь)|нет такого|недоступен.{0,20}навсегда",
            re.IGNORECASE,
        ),
    ),
]
_BY_STATUS: dict[str, Reason] = {
    "1.1": Reason.UNKNOWN_MAILBOX,
    "1.2": Reason.DOMAIN,
    "1.3": Reason.UNKNOWN_MAILBOX,
    "1.6": Reason.UNKNOWN_MAILBOX,
    "1.10": Reason.UNKNOWN_MAILBOX,
    "2.1": Reason.UNKNOWN_MAILBOX,
    "2.2": Reason.MAILBOX_FULL,
    "2.3": Reason.CONTENT,
    "3.1": Reason.MAILBOX_FULL,
    "3.4": Reason.CONTENT,
    "4.4": Reason.DOMAIN,
    "4.7": Reason.DELAYED,
}
_DIRECTORY = re.compile(r"recipient address rejected: access denied", re.IGNORECASE)


def classify(status: str, diagnostic: str, action: str) -> Reason:
    """The reason behind (RFC 3463 status, diagnostic text, RFC 3464 action). Sources: both RFCs and the texts that
    Postfix, Exim, qmail, Sendmail, Exchange, Gmail, Yandex and Mail.ru write.
    """
    text = " ".join(diagnostic.split())[:4_000]
    if action in {"delivered", "relayed", "expanded"}:
        return Reason.DELIVERED
    if action == "delayed":
        return Reason.DELAYED
    detail, is_soft = _detail(status, text)
    by_text = next((reason for reason, pattern in _TEXTS if pattern.search(text)), None)
    if detail.startswith("7."):
        return Reason.POLICY
    if is_soft:
        soft = by_text if by_text in {Reason.MAILBOX_FULL, Reason.POLICY, Reason.DELAYED} else _BY_STATUS.get(detail)
        return soft if soft in {Reason.MAILBOX_FULL, Reason.POLICY, Reason.DELAYED} else Reason.TEMPORARY
    if _DIRECTORY.search(text) and detail == "4.1":
        return Reason.UNKNOWN_MAILBOX  # Exchange Online's edge: the directory does not know the address
    if by_text is not None:
        return by_text
    if detail.startswith("6."):
        return Reason.CONTENT
    return _BY_STATUS.get(detail, Reason.OTHER)


def _detail(status: str, text: str) -> tuple[str, bool]:
    """Subject and detail of the most telling status, for example `1.1`, and whether it is a passing fault."""
    told = _EXTENDED.search(status)
    in_text = _EXTENDED.search(text)
    code = _REPLY_CODE.search(text)
    best = in_text if in_text and (told is None or told[0].endswith(".0.0") or told[2] == "0") else told
    detail = f"{best[2]}.{best[3]}" if best else ""
    if told and told[1] == "4" and told[0] == "4.4.7":
        return "4.7", True
    if told:
        is_soft = told[1] == "4"
    elif in_text:
        is_soft = in_text[1] == "4"
    else:
        is_soft = bool(code and code[1].startswith("4"))
    return detail, is_soft


# --- machine-readable --------------------------------------------------------------------------------------------------


def _blocks(part: Message) -> list[Message]:
    """The field blocks of a delivery-status part, also when the mail system mislabelled or encoded it."""
    payload = part.get_payload()
    if isinstance(payload, list) and any(block.keys() for block in payload if isinstance(block, Message)):
        blocks = [block for block in payload if isinstance(block, Message)]
        if len(blocks) > 1 or blocks[0].get("Final-Recipient") or not isinstance(blocks[0].get_payload(), str):
            return blocks
        text = "\n".join(f"{k}: {v}" for k, v in blocks[0].items()) + "\n\n" + str(blocks[0].get_payload())
    else:
        inner = payload[0] if isinstance(payload, list) and payload else part
        text = part_text(inner) if isinstance(inner, Message) else str(payload)
    return [_fields(block) for block in re.split(r"\n\s*\n", text)]


def _fields(block: str) -> Message:
    message, name = Message(), ""
    for line in block.splitlines()[:200]:
        if line[:1] in " \t" and name:
            value = f"{message[name]} {line.strip()}"
            del message[name]
            message[name] = value
        elif ":" in line:
            name, _, value = line.partition(":")
            name = name.strip()
            if name:
                message[name] = value.strip()
    return message


def _first_block(part: Message) -> Message:
    payload = part.get_payload()
    if isinstance(payload, list) and payload and isinstance(payload[0], Message) and payload[0].keys():
        return payload[0]
    inner = payload[0] if isinstance(payload, list) and payload and isinstance(payload[0], Message) else part
    text = part_text(inner) or (inner.get_payload() if isinstance(inner.get_payload(), str) else "")
    return _fields(str(text))


def _dsn_recipients(mail: Mail, returned: _Returned) -> Iterator[Recipient]:
    for part in walk(mail.root):
        if part.get_content_type() not in {"message/delivery-status", "message/global-delivery-status"}:
            continue
        for block in _blocks(part):
            if recipient := _dsn_recipient(block, mail, returned):
                yield recipient
        return


def _dsn_recipient(block: Message, mail: Mail, returned: _Returned) -> Recipient | None:
    final, original = _typed(block.get("Final-Recipient")), _typed(block.get("Original-Recipient"))
    if not (final or original or block.get("Status")) or not (block.get("Action") or block.get("Status")):
        return None
    address = original or final or returned.to
    if not address:
        return None
    action = decode(block.get("Action", "")).lower().split(" ")[0].strip(";")
    status = (_EXTENDED.search(decode(block.get("Status", ""))) or [""])[0]
    diagnostic = re.sub(r"^\s*[\w-]+\s*;\s*", "", decode(block.get("Diagnostic-Code", "")))
    reason = classify(status, diagnostic or status, action)
    if reason is Reason.OTHER and action == "failed":
        # some systems put the reason into the human part only
        told = classify(status, _about(mail.text, address), action)
        reason = told if told in {*HARD, Reason.MAILBOX_FULL, Reason.POLICY} else reason
    return Recipient(address, reason, status, action, diagnostic[:1_000], final)


def _typed(value: object) -> str:
    """`rfc822; sam@acme.example` → the address."""
    text = decode(value or "").partition(";")[2] or decode(value or "")
    found = addresses_in(text)
    return found[0] if found else ""


# --- texts of mail servers ---------------------------------------------------------------------------------------

_SYSTEM = re.compile(
    r"^(?:mailer-?daemon|post-?master|mail-?daemon|mail(?:er)?-?delivery|bounces?|ndr|noreply-?bounce|mdaemon|mmdf|uucp|daemon|mailer|maildelivery|sender_?daemon|mailsystem|mail-?system)"
    r"(?:[+\-_.].*)?@",
    re.IGNORECASE,
)
_SYSTEM_NAME = re.compile(
    r"mail delivery (?:sub)?system|mailer-daemon|microsoft outlook|mail administrator|postmaster|система доставки",
    re.IGNORECASE,
)
_SUBJECT = re.compile(
    r"^\W*(?:(?:un)?deliver(?:ed|able|y)|returned mail|failure notice|mail (?:delivery )?(?:failed|failure|error)|delivery (?:status|failure|has failed|notification|problem|report|delayed)"
    r"|warning: (?:message|could not)|mail system error|message (?:not delivered|delayed|status)|non-?deliver|nondeliverable|rejected|could not send|unzustellbar|non remis|no se puede entregar|mancato recapito"
    r"|не(?:доставленн?о|\s*доставлено)|не удалось доставить|сообщение не доставлено|ошибка доставки|mail returned|undelivrable|adresse introuvable)",
    re.IGNORECASE,
)
_FAILURE = re.compile(
    r"could ?n[o']t be delivered|was ?n[o']t delivered|not been delivered|wasn't able to deliver|unable to deliver|delivery (?:has |to .{0,200} )?failed|permanent (?:error|failure|fatal)|undeliverable|not yet been delivered"
    r"|delivery status notification|failed to deliver|returned to sender|fehler bei der nachrichtenzustellung|не (?:может|могло) быть (?:отправлено|доставлено)|не (?:было )?доставлено|n'a pas pu être remis|no se pudo entregar",
    re.IGNORECASE,
)
_COPY = re.compile(
    r"^.{0,10}(?:-{2,}\s*(?:below this line is a copy|this is a copy|original message|returned message|the (?:header|body) of|unsent message|transcript|undelivered message|исходное)|original message headers:|reporting-mta:|----- ?message header)",
    re.IGNORECASE | re.MULTILINE,
)
_DELAY_TEXT = re.compile(
    r"not yet been delivered|no action is required|delivery attempts will continue|will (?:be retried|keep trying|continue to try)|is delayed|delivery incomplete|has been delayed|message .{0,80} delayed",
    re.IGNORECASE,
)


def _is_from_a_mail_system(mail: Mail) -> bool:
    if _SYSTEM.match(mail.from_address) or mail.header("x-failed-recipients"):
        return True
    if mail.root.get_content_type() == "multipart/report":
        return True
    if _SYSTEM_NAME.search(mail.from_name) and _SUBJECT.match(mail.subject):
        return True
    is_empty_path = mail.header("return-path").strip() == "<>"
    is_automatic = mail.header("auto-submitted").lower() not in {"", "no"}
    return bool((is_empty_path or is_automatic) and _SUBJECT.match(mail.subject) and _FAILURE.search(mail.text))


def _text_recipients(mail: Mail, returned: _Returned) -> Iterator[Recipient]:
    explanation = _explanation(mail.text)
    named = addresses_in(mail.header("x-failed-recipients")) or _failed_addresses(explanation, mail)
    if not named and returned.to:
        named = [returned.to]
    if not (_FAILURE.search(explanation) or _SUBJECT.match(mail.subject) or mail.header("x-failed-recipients")):
        return
    for address in named[:50]:
        about = _about(explanation, address)
        is_delay = bool(
            _DELAY_TEXT.search(explanation)
            or re.match(r"^\W*(?:warning|delivery delayed)", mail.subject, re.IGNORECASE)
        )
        status = (_EXTENDED.search(about) or [""])[0]
        reason = classify(status, about, "delayed" if is_delay else "failed")
        if reason is Reason.OTHER:
            reason = classify("", explanation, "failed")
        yield Recipient(address, reason, status, "delayed" if is_delay else "failed", " ".join(about.split())[:1_000])


def _explanation(text: str) -> str:
    """The notice's own words, without the returned copy."""
    found = _COPY.search(text)
    return text[: found.start()] if found and found.start() > 40 else text[:20_000]


_NAMED = [
    re.compile(r"^\s*<([^<>\s]+@[^<>\s]+)>\s*:", re.MULTILINE),  # qmail, Postfix, Yandex
    re.compile(r"^[ \t]{1,8}<?([^<>\s:;,]+@[^<>\s:;,]+?)>?\s*(?:\n|$|:|\.\.\.)", re.MULTILINE),  # Exim, Sendmail
    re.compile(
        r"(?:delivered to|deliver to|delivering to|recipient:?|rcpt to:?|адресат(?:у|ам)?)\s*<?([^<>\s]+@[^<>\s]+?)>?[\s.,:;]",
        re.IGNORECASE,
    ),  # Gmail, Mail.ru
    re.compile(
        r"^\s*<?([^<>\s:;,()]+@[^<>\s:;,()]+?)>?(?:\s*\([^)]{0,200}\)|\s*<mailto:[^>]{0,200}>)?\s*$", re.MULTILINE
    ),  # Exchange
]


def _failed_addresses(explanation: str, mail: Mail) -> list[str]:
    ours = {mail.from_address, *mail.to}
    for pattern in _NAMED:
        found = [a for match in pattern.findall(explanation) for a in addresses_in(match)]
        if found := [a for a in dict.fromkeys(found) if a not in ours and not _SYSTEM.match(a)]:
            return found
    return [a for a in addresses_in(explanation) if a not in ours and not _SYSTEM.match(a)][:1]


def _about(text: str, address: str) -> str:
    """What the notice says after its first mention of `address`, up to the next address line or 1,500 characters."""
    at = text.lower().find(address)
    if at < 0:
        return text[:2_000]
    line = text.rfind("\n", 0, at) + 1
    told = text[line : line + 1_500]
    rest = text[at + len(address) : line + 4_000]
    return told if len(rest.strip()) < 1_500 else told + rest[:500]


def _flufl_recipients(mail: Mail) -> Iterator[Recipient]:
    from flufl.bounce import all_failures

    try:
        temporary, permanent = all_failures(mail.root)
    except Exception:  # noqa: BLE001  its detectors raise anything on broken structures
        return
    for found, action in ((permanent, "failed"), (temporary, "delayed")):
        for raw in sorted(found):
            for address in addresses_in(raw.decode("utf-8", "replace")):
                # "permanent" there is right for suppression in a third of cases: the text decides
                reason = classify("", mail.text, action)
                yield Recipient(address, reason, action=action, diagnostic=" ".join(mail.text.split())[:1_000])


# --- what was returned -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Returned:
    ids: tuple[str, ...] = ()
    to: str = ""


def _returned(mail: Mail) -> _Returned:
    """Message-ID and recipient of the returned message, from its part or from the text that holds a copy."""
    found = _Returned()
    for part in walk(mail.root):
        kind = part.get_content_type()
        if kind in {"message/rfc822", "message/global"}:
            payload = part.get_payload()
            if isinstance(payload, list) and payload and isinstance(payload[0], Message):
                found = _headers_of(payload[0])
        elif kind in {"text/rfc822-headers", "message/global-headers", "message/rfc822-headers"}:
            payload = part.get_payload()
            inner = payload[0] if isinstance(payload, list) and payload else part
            text = part_text(inner) if isinstance(inner, Message) else str(inner)
            if isinstance(inner, Message) and inner is not part:
                text = inner.as_string()
            found = _headers_of(_fields(text.strip()))
        if found.ids:
            return found
    match = re.search(r"^[ \t>]*Message-ID:\s*(<[^<>\s]+>)", mail.text, re.IGNORECASE | re.MULTILINE)
    to = re.search(
        r"^[ \t>]*To:\s*(.{1,300})$",
        mail.text[match.start() - 2_000 if match and match.start() > 2_000 else 0 :],
        re.IGNORECASE | re.MULTILINE,
    )
    to_addresses = addresses_in(to[1]) if to and match else []
    if match:
        return replace(found, ids=ids(match[1]), to=found.to or (to_addresses[0] if to_addresses else ""))
    return found


def _headers_of(message: Message) -> _Returned:
    to = addresses_in(decode(message.get("To", "")))
    return _Returned(ids(decode(message.get("Message-ID", ""))), to[0] if to else "")


def _ids(mail: Mail, returned: _Returned) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*returned.ids, *mail.thread_ids)))
