"""Delivery notices in words: whether a mail is one, which addresses it names and what it says of them. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from conversations.reading.addresses import addresses_in
from conversations.reading.automatic import is_automatic_subject
from conversations.reading.mail import Mail
from conversations.reading.phrases import pattern
from conversations.reading.reasons import EXTENDED, Reason, classify
from conversations.reading.returned import Returned, text_of
from conversations.reading.text import squeezed

MAX_NOTICE = 30_000


@dataclass(frozen=True)
class Told:
    """What a notice says of one address."""

    address: str
    reason: Reason
    status: str = ""
    action: str = "failed"
    diagnostic: str = ""


_SYSTEM = re.compile(
    r"^(?:mailer-?daemon|mailer_daemon|post-?master|mail-?daemon|mail(?:er)?-?delivery|bounces?|bounce-?\w*|ndr|noreply-?bounce|mdaemon|mmdf|uucp|daemon|mailer|maildelivery|sender_?daemon|mailsystem|mail-?system|microsoftexchange\w*"
    r"|mail-?admin\w*|mailerdaemon|smtp|return(?:ed)?-?mail|autoresponder|mail|mta|server|system|admin(?:istrator)?|postoffice|no-?reply|scanmail|antivirus|symantec\w*)(?:[+\-_.=].*)?(?:@|$)",
    re.IGNORECASE,
)
_STRICT_SYSTEM = re.compile(
    r"^(?:mailer-?daemon|mailer_daemon|post-?master|mail-?daemon|mail(?:er)?-?delivery|mdaemon|mmdf|uucp|sender_?daemon|mailsystem|mail-?system|maildelivery|microsoftexchange\w*|mailerdaemon|ndr|bounces?|bounce-?handler)(?:[+\-_.=\\].*)?(?:@|$)",
    re.IGNORECASE,
)
_SYSTEM_NAME = re.compile(
    r"mail delivery (?:sub)?system|delivery subsystem|mailer[- ]?daemon|microsoft outlook|microsoft exchange|mail administrator|postmaster|mail system|mail server|system administrator|systemadministrator|mail transfer|internet mail|message (?:transfer|delivery)|delivery (?:status|service|system)"
    r"|система доставки|почтовая система|administrateur système|administrador del sistema|maildaemon",
    re.IGNORECASE,
)
_NAMED = [
    re.compile(r"^\s*<([^<>\s]+@[^<>\s]+)>\s*:", re.MULTILINE),  # qmail, Postfix, Yandex
    re.compile(
        r"^[ \t]{1,12}<?([^<>\s:;,]+@[^<>\s:;,]+?)>?[ \t]*(?:\n|$|:|\.\.\.|,|\(|-)", re.MULTILINE
    ),  # Exim, Sendmail
    re.compile(
        r"(?<!\w)(?:delivered to|deliver(?:y)? (?:your (?:message|mail|e-?mail) )?to|delivering (?:your message )?to|recipients?(?:'s)?(?: address)?:?|rcpt to:?|to address:?|user:?|mailbox:?|addressed to|sent to|address(?:es)?:?|account:?"
        r"|failed (?:for|to)|адресат(?:у|ам)?|получател\w+|empfänger:?|destinatari[oa]s?:?|destinataires?:?|收件人:?|original-recipient: rfc822;|final-recipient: rfc822;)(?:\s*[:;]\s*|\s+|(?=[<\"'(\[]))[<\"'(\[]?(?:mailto:|smtp:)?([^<>\s\"'()\[\]]+@[^<>\s\"'()\[\],;:]+)",
        re.IGNORECASE,
    ),  # Gmail, Mail.ru
    re.compile(
        r"^\s*<?\"?'?([^<>\s:;,()\"']+@[^<>\s:;,()\"']+?)'?\"?>?(?:\s*\([^)]{0,200}\)|\s*<mailto:[^>]{0,200}>| on \d.{0,60})?\s*$",
        re.MULTILINE,
    ),  # Exchange
    re.compile(r"<([^<>\s@]+@[^<>\s@]+)>"),
]
_PROGRAM = re.compile(
    r"smtp|mail|daemon|imss|scan|gateway|filter|relay|server|service|system|postmaster|admin|virus|mta|exchange|notif|bounce|esva|proxy",
    re.IGNORECASE,
)
"""In the local part of an address: a program's rather than a person's."""
_EVIDENCE = re.compile(
    r"\b[45]\d\d[ -][45]\.\d\.\d|\b5[05]\d\b.{0,80}(?:unknown|unavailable|reject|denied|not|no )|RCPT TO|<[^<>\s]+@[^<>\s]+>\s*:|smtp error|--.{0,20}(?:returned|original|undelivered|transcript)|final-recipient",
    re.IGNORECASE,
)
"""What a person's mail hardly holds in its first lines."""
_LISTED = re.compile(
    r"(?:following|these) (?:\w+ ){0,2}(?:recipient|address|addressee|user|person|mailbox|people)\w*(?:\(e?s\))?|did not reach|could not be (?:delivered|sent) to|failed addresses|undeliverable (?:address|to)|(?:an|folgende|folgenden) empfänger|(?:destinatarios?|destinataires?|адресат\w*|получател\w+)[^\n]{0,40}:",
    re.IGNORECASE,
)
"""What stands behind these words comes before other addresses."""
_EXPANDED = re.compile(r"\(expanded from:? *<?([^<>\s()]+@[^<>\s()]+?)>?\)", re.IGNORECASE)
_BARE_NAME = re.compile(r"^[ \t]*([A-Za-z][\w.-]{2,30})[ \t]*$", re.MULTILINE)
_NOT_RECIPIENTS = re.compile(
    r"@(?:[\w-]+\.)*(?:mx|smtp|mta|mail|relay)\d*\.[\w.-]+\.(?:local|internal)$|^\d{6,}\.|\.(?:png|gif|jpg)$",
    re.IGNORECASE,
)


def is_from_mail_system(mail: Mail) -> bool:
    """Whether the mail comes from a mail server's own address and is no person's."""
    from_name, address = mail.from_name.lower(), mail.from_address
    is_report = mail.root.kind == "multipart/report" and "delivery" in (
        mail.root.parameters.get("report-type", "delivery").lower()
    )
    if is_report:
        return True
    local = address or from_name
    if is_challenge(mail):
        return False
    if _STRICT_SYSTEM.match(local) or _SYSTEM_NAME.search(mail.from_name):
        return bool(_says_failure(mail))
    if mail.header("x-failed-recipients"):
        return True
    null_path = mail.header("return-path").strip() == "<>"
    is_automatic = mail.header("auto-submitted").lower().startswith(("auto-replied", "auto-generated", "auto-notified"))
    if null_path or is_automatic or _SYSTEM.match(local) or not address:
        return bool(notice_subject().match(mail.subject) and _says_failure(mail))
    if (
        mail.thread_ids
        or not notice_subject().match(mail.subject)
        or re.match(r"\s*(?:re|fwd?|wg|tr)\s*:", mail.subject, re.IGNORECASE)
    ):
        return False
    text = text_of(mail.root)[:3_000]
    is_program = bool(_PROGRAM.search(local.partition("@")[0]))
    return failure_in(text[: 3_000 if is_program else 600]) and (is_program or bool(_EVIDENCE.search(text)))


def is_challenge(mail: Mail) -> bool:
    """Whether a person's filter or absence speaks, not a mail server."""
    if mail.root.kind == "multipart/report" or mail.header("x-failed-recipients"):
        return False
    return is_automatic_subject(mail.subject) or bool(
        pattern("automatic", "challenge").search(text_of(mail.root)[:3_000])
    )


def failure_in(text: str) -> bool:
    """Whether a text says that something was not delivered."""
    return bool(pattern("bounces", "failure", before="", after="").search(text))


@cache
def notice_subject() -> re.Pattern[str]:
    """How the subject of a notice begins."""
    return pattern(
        "bounces",
        "notice_subject",
        before=r"^\W*(?:(?:re|fwd?)\s*:\s*)?(?:\[[^\]]{0,60}\]\s*)?(?:e-?mail |message |your |the |automatic |\*+ ?)*",
        after="",
    )


def _says_failure(mail: Mail) -> bool:
    if notice_subject().match(mail.subject):
        return True
    return failure_in(text_of(mail.root)[:MAX_NOTICE])


def text_recipients(mail: Mail, returned: Returned, *, is_report: bool) -> list[Told] | None:
    """What the notice says of each address that it names, or None when it is no notice after all."""
    text = text_of(mail.root)[:MAX_NOTICE]
    explanation = _explanation(text)
    if not (
        failure_in(explanation)
        or is_report
        or notice_subject().match(mail.subject)
        or mail.header("x-failed-recipients")
    ):
        return None
    named = _named(mail, explanation, returned)
    is_delay = bool(
        pattern("bounces", "delay", before="", after="").search(explanation)
        or re.match(
            r"^\W*(?:warning: (?:message|could)|delivery delayed|delayed)|delay(?:ed)?\)?\W*$",
            mail.subject,
            re.IGNORECASE,
        )
    ) and not re.search(
        r"permanent|giving up|given up|could not be delivered for|failed permanently",
        explanation[:3_000],
        re.IGNORECASE,
    )
    return [_told(address, named, explanation, is_delay=is_delay) for address in named]


def _told(address: str, named: list[str], explanation: str, *, is_delay: bool) -> Told:
    words = _about(explanation, address, others=[a for a in named if a != address])
    action = "delayed" if is_delay else "failed"
    # the address itself may hold words such as "sales" or "block"
    plain = re.sub(re.escape(address), " ", words, flags=re.IGNORECASE)
    status = (EXTENDED.search(plain) or [""])[0]
    reason = classify(status, plain, action)
    if reason in {Reason.OTHER, Reason.TEMPORARY} and len(named) == 1:
        whole = re.sub(re.escape(address), " ", explanation, flags=re.IGNORECASE)
        told = classify("", whole, action)
        reason = told if reason is Reason.OTHER or told is Reason.MAILBOX_FULL else reason
    return Told(address, reason, status, action, squeezed(words)[:1_000])


def _explanation(text: str) -> str:
    """The notice's own words, without the returned copy."""
    for found in pattern("bounces", "copy", before=r"(?m)^[ \t>]{0,10}", after="").finditer(text):
        if len(text[: found.start()].strip()) > 60:
            return text[: found.start()]
    return text


def _named(mail: Mail, explanation: str, returned: Returned) -> list[str]:
    """Addresses that the notice complains about."""
    ours = {mail.from_address, mail.reply_to, *addresses_in(mail.header("to")), *addresses_in(mail.header("cc"))}
    if failed := addresses_in(mail.header("x-failed-recipients")):
        return failed[:50]
    expanded = [a for match in _EXPANDED.findall(explanation) for a in addresses_in(match)]
    listed = _LISTED.search(explanation)
    for text in ([explanation[listed.end() :]] if listed else []) + [explanation]:
        for expression in _NAMED:
            found = [a for match in expression.findall(text) for a in addresses_in(match)]
            if kept := _wanted([*expanded, *found], ours):
                # a line for each that failed names those whom the returned copy does not show, too
                return kept if expression is _NAMED[0] else [a for a in kept if a in returned.to] or kept
        if kept := _wanted(addresses_in(text), ours):
            return ([a for a in kept if a in returned.to] or kept)[:1]
    if listed and (bare := _BARE_NAME.search(explanation, listed.end())) and "@" in mail.from_address:
        return [
            f"{bare[1].lower()}@{mail.from_address.rpartition('@')[2]}"
        ]  # AOL names its own people without a domain
    return list(returned.to[:1])


def _wanted(found: list[str], ours: set[str]) -> list[str]:
    """Addresses that may be recipients: neither ours nor a mail system's."""
    kept = (a for a in dict.fromkeys(found) if a not in ours and not _STRICT_SYSTEM.match(a))
    return [a for a in kept if not _NOT_RECIPIENTS.search(a)][:50]


def _about(text: str, address: str, *, others: list[str]) -> str:
    """What stands after each mention of `address`, up to the next other address."""
    lower = text.lower()
    told: list[str] = []
    at = lower.find(address)
    while at >= 0 and len(told) < 3:
        line = text.rfind("\n", 0, at) + 1
        ends = [e for other in others if (e := lower.find(other, at + len(address))) > 0]
        told.append(text[line : min([*ends, line + 1_500])])
        at = lower.find(address, max(at + len(address), line + 1_500))
    return "\n".join(told) if told else text[:2_000]
