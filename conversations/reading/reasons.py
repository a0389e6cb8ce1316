"""Why a mail was not delivered, from status codes and what servers say, and whether the address is dead. Pure.

"Hard" needs evidence about the address itself: an unknown mailbox or a domain that takes no mail. A status of 4.x, a
delay, a full mailbox, or trouble with **our** domain, rate or reputation (5.7.x, block lists, DMARC) is never hard.
Sources: RFC 3463, RFC 3464, RFC 7372, RFC 7505, and the texts in `data/bounces.toml`.
"""

from __future__ import annotations

import re
from enum import StrEnum

from conversations.reading.phrases import pattern


class Reason(StrEnum):
    """What a notice says about a recipient."""

    UNKNOWN_MAILBOX = "unknown_mailbox"
    DOMAIN = "domain"
    """The domain does not exist or takes no mail."""
    MAILBOX_FULL = "mailbox_full"
    POLICY = "policy"
    """Spam filter, block list, authentication, rate: about us, not about the address."""
    CONTENT = "content"
    """Too large, a virus, refused for what it contains."""
    DELAYED = "delayed"
    """Still being tried, or tried in vain until it expired."""
    TEMPORARY = "temporary"
    OTHER = "other"
    DELIVERED = "delivered"
    COMPLAINT = "complaint"


HARD = frozenset({Reason.UNKNOWN_MAILBOX, Reason.DOMAIN})
_SOFT = frozenset({Reason.MAILBOX_FULL, Reason.POLICY, Reason.DELAYED})
"""What a passing fault may be, beside temporary."""

EXTENDED = re.compile(r"(?<![\d.])([245])\.(\d{1,3})\.(\d{1,3})(?![\d.])")
_REPLY_CODE = re.compile(r"(?<![\d.\w-])([245][0-5]\d)(?=[\s\-#:;,<.]|$)")
_ADDRESSES = re.compile(r"<?[^\s<>\"'()@]{1,100}@[^\s<>\"'(),;:]{1,200}>?")
_ORDER = [
    (Reason.MAILBOX_FULL, "mailbox_full"),
    (Reason.CONTENT, "content"),
    (Reason.POLICY, "ours"),
    (Reason.DOMAIN, "domain"),
    (Reason.UNKNOWN_MAILBOX, "unknown_mailbox"),
    (Reason.DELAYED, "delayed"),
]
_BY_STATUS: dict[str, Reason] = {
    "1.0": Reason.UNKNOWN_MAILBOX,
    "1.1": Reason.UNKNOWN_MAILBOX,
    "1.2": Reason.DOMAIN,
    "1.3": Reason.UNKNOWN_MAILBOX,
    "1.4": Reason.OTHER,
    "1.6": Reason.UNKNOWN_MAILBOX,
    "1.7": Reason.POLICY,
    "1.8": Reason.POLICY,
    "1.10": Reason.DOMAIN,
    "2.0": Reason.OTHER,
    "2.1": Reason.UNKNOWN_MAILBOX,
    "2.2": Reason.MAILBOX_FULL,
    "2.3": Reason.CONTENT,
    "2.4": Reason.POLICY,
    "3.1": Reason.MAILBOX_FULL,
    "3.2": Reason.TEMPORARY,
    "3.4": Reason.CONTENT,
    "4.1": Reason.TEMPORARY,
    "4.4": Reason.DOMAIN,
    "4.6": Reason.TEMPORARY,
    "4.7": Reason.DELAYED,
    "5.2": Reason.OTHER,
    "5.3": Reason.POLICY,
}
_NEVER_DEAD = frozenset({"1.7", "1.8", "2.2", "2.3", "3.1", "3.4", "4.1", "4.5", "4.6", "4.7"})
_DIRECTORY = re.compile(r"recipient address rejected: access denied|recipientnotfound|recipnotfound", re.IGNORECASE)
_NO_SUCH_USER = re.compile(
    r"no such (?:user|recipient|mailbox|account|person)|user (?:is )?unknown|unknown (?:user|recipient|mailbox)|does ?n[o'’]t exist|(?:user|recipient|mailbox|account) (?:was )?not found|invalid (?:recipient|mailbox)",
    re.IGNORECASE,
)
_PLAIN_NO_SUCH_USER = re.compile(
    r"no such (?:user|recipient|mailbox|account|person)|does ?n[o'’]t exist|no mailbox (?:found|here)|mail[ -]?box not found",
    re.IGNORECASE,
)
_EXPIRED = re.compile(r"expired|queue|retry time|too old|not yet been|delayed|for \d+ (?:hours|days)", re.IGNORECASE)
_VAGUE = re.compile(r"mailbox unavailable(?!.{0,40}(?:not found|unknown|exist))", re.IGNORECASE)
_ABOUT_US = re.compile(
    r"\b(?:spf|dkim|dmarc|rbl|dnsbl|blacklist\w*|block ?list\w*|spam\w*|reputation|relay\w*|sender\w*|authenticat\w+|policy|polic\w+|your (?:ip|domain|server)|rate|sending)\b",
    re.IGNORECASE,
)

_TEMPORARILY = re.compile(
    r"\btemporar(?:y|ily) (?:inactive|disabled|suspended|locked|blocked|closed|unavailable|not )", re.IGNORECASE
)
_PASSING = re.compile(
    r"temporar|quota|\bfull\b|space|exceed|too many|attachment|content|message|accepting", re.IGNORECASE
)
_MAILBOX = r"(?:users?|user ?(?:name|id)s?|recipients?|rcpt ?to|(?:validrcptto|badrcptto|recipient) list|mail[ -]?box(?:es)?|inbox|accounts?|addresses|address|addressees?|alias(?:es)?|persons?|one|names?|home directory)"
_MISSING = r"(?:unknown|not (?:\w+ ){0,2}(?:known|found|exist|valid|local|active|listed|present|recogni[sz]ed|available|here|in)|no (?:valid |such |\w+ )?|non[- ]?existent|isn[’']?t|invalid|wrong|missing|inactive|disabled|bad|no longer)"
_SAYS_MISSING = re.compile(
    rf"\b{_MAILBOX}\b.{{0,40}}?\b{_MISSING}\b|\b{_MISSING}\s?.{{0,25}}?\b{_MAILBOX}\b", re.IGNORECASE
)
"""Any word for a mailbox beside any word for what is not there: asked last, where nothing in the text is about us."""


def classify(status: str, diagnostic: str, action: str) -> Reason:
    """The reason behind (RFC 3463 status, diagnostic text, RFC 3464 action)."""
    # an address may hold words such as "sales" or "abuse"
    text = _ADDRESSES.sub("<>", " ".join(diagnostic.split())[:4_000])
    if action in {"delivered", "relayed", "expanded"}:
        return Reason.DELIVERED
    if action == "delayed":
        return Reason.DELAYED
    detail, is_soft = detail_of(status, text)
    spoken = [reason for reason, section in _ORDER if pattern("bounces", section, before="", after="").search(text)]
    by_text = next(iter(spoken), None)
    if detail.startswith("7."):
        # Gmail says "550 5.7.1 No such user": words about the user outweigh the code, unless others speak of us
        is_user = bool(_PLAIN_NO_SUCH_USER.search(text)) and not _ABOUT_US.search(text)
        return Reason.UNKNOWN_MAILBOX if is_user and not is_soft else Reason.POLICY
    if is_soft:
        if by_text is Reason.DELAYED and not _EXPIRED.search(text):
            by_text = None
        told = by_text if by_text in _SOFT else _BY_STATUS.get(detail)
        return told if told in _SOFT else Reason.TEMPORARY
    if _DIRECTORY.search(text) and detail in {"4.1", "1.10", "1.1", ""}:
        return Reason.UNKNOWN_MAILBOX  # Exchange Online's edge: the directory does not know the address
    if detail in {"1.1", "1.6", "2.1"} and (by_text is None or _is_weak(by_text, text)):
        return Reason.UNKNOWN_MAILBOX
    if detail == "5.0" and by_text in HARD and _VAGUE.search(text):
        return Reason.OTHER  # "mailbox unavailable" also says that a command was refused
    if detail in _NEVER_DEAD and by_text in HARD:
        return _BY_STATUS.get(detail, Reason.OTHER)
    if by_text is Reason.UNKNOWN_MAILBOX and _TEMPORARILY.search(text):
        return Reason.TEMPORARY
    return by_text or _without_words(detail, text)


def _without_words(detail: str, text: str) -> Reason:
    """What the status says where no list knows the words; then any word for a mailbox that is not there."""
    if detail.startswith("6."):
        return Reason.CONTENT
    told = _BY_STATUS.get(detail, Reason.OTHER)
    if told is Reason.OTHER and _SAYS_MISSING.search(text) and not (_ABOUT_US.search(text) or _PASSING.search(text)):
        return Reason.UNKNOWN_MAILBOX
    return told


def _is_weak(reason: Reason, text: str) -> bool:
    """Whether words about us or a delay say less than a status that names the mailbox, or a statement that it is unknown."""
    if reason is Reason.POLICY:
        return bool(_NO_SUCH_USER.search(text)) or not _ABOUT_US.search(text)
    return reason is Reason.DELAYED


def detail_of(status: str, text: str) -> tuple[str, bool]:
    """Subject and detail of the most telling status, for example `1.1`, and whether it is a passing fault."""
    told = EXTENDED.search(status)
    in_text = EXTENDED.search(text)
    code = _REPLY_CODE.search(text)
    is_general = told is not None and told[2] == "0"
    best = (in_text or told) if is_general else (told or in_text)
    detail = f"{best[2]}.{best[3]}" if best else ""
    if told and told[0] == "4.4.7":
        return "4.7", True
    if told and not (in_text and told[0].endswith(".0.0")):
        is_soft = told[1] == "4"
        if is_soft and in_text and in_text[1] == "5" and told[0].endswith("0.0"):
            is_soft = False
    elif in_text:
        is_soft = in_text[1] == "4"
    else:
        is_soft = bool(code and code[1].startswith("4"))
    return detail, is_soft
