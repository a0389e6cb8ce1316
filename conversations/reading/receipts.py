"""Read receipts (MDN, RFC 8098): shown, or deleted without being read. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

from conversations.reading import mime
from conversations.reading.mail import Mail, ids

_PART = "message/disposition-notification"
_SUBJECT = re.compile(
    r"^\s*(?:(?P<unread>not read|unread|nicht gelesen|ungelesen|non lu|no leído|non letto|não lid[ao]|niet gelezen|nie przeczytano|не прочитано|непрочитано|未读|未讀|未開封)"
    r"|read(?: receipt| report)?|return receipt(?: \(displayed\))?|read-receipt|gelesen|lesebestätigung|empfangsbestätigung|lu|accusé de lecture|confirmation de lecture|leído|confirmación de lectura|letto|conferma di lettura"
    r"|lid[ao]|confirmação de leitura|gelezen|leesbevestiging|przeczytano|potwierdzenie przeczytania|прочитано|прочтено|уведомление о прочтении|отчёт о прочтении|подтверждение прочтения|已读|開封済み|읽음)\s*[:：]",
    re.IGNORECASE,
)
_TEXT = re.compile(
    r"was (?:read|displayed|opened) on|was deleted without being read|has been (?:read|displayed|deleted)|this is a (?:return|read) receipt|wurde (?:am .{0,40})?(?:gelesen|angezeigt|gelöscht)|a été (?:lu|affiché|supprimé)"
    r"|(?:se|fue) (?:leyó|leído|eliminó|mostrado)|è stato (?:letto|visualizzato|eliminato)|foi (?:lid[ao]|exibid[ao]|excluíd[ao])|было (?:прочитано|прочтено|удалено)|прочитано|не прочитано|yet to be read|no guarantee that",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class ReadReceipt:
    """`is_read` is false for mail deleted unread; `original_ids` name our message."""

    is_read: bool
    original_ids: tuple[str, ...] = ()


def read_receipt(mail: Mail) -> ReadReceipt | None:
    """The receipt in a mail, or None."""
    if "rejected" in mail.header("auto-submitted").lower():
        return None  # Dovecot dresses a refusal as a receipt
    for part in mail.root.walk(is_deep=False):
        if part.kind == _PART:
            fields = mime.parse(part.payload(20_000).lstrip()).headers
            disposition = " ".join(fields.get("disposition", [])).lower()
            is_read = "displayed" in disposition or "dispatched" in disposition or "processed" in disposition
            told = ids(" ".join(fields.get("original-message-id", [])))
            return ReadReceipt(is_read, told or mail.thread_ids)
    if mail.root.kind == "multipart/report" and "disposition" in mail.root.parameters.get("report-type", ""):
        return ReadReceipt(_is_read(mail), mail.thread_ids)
    match = _SUBJECT.match(mail.subject)
    if match and len(mail.text) < 1_500 and _TEXT.search(mail.text):
        return ReadReceipt(not match["unread"] and _is_read(mail), mail.thread_ids)
    return None


def _is_read(mail: Mail) -> bool:
    return not re.search(
        r"without being read|not read|nicht gelesen|ungelesen|non lu|sin (?:ser )?leer|не прочитан|gelöscht|deleted",
        f"{mail.subject}\n{mail.text}",
        re.IGNORECASE,
    )
