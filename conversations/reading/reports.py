"""Mail that a machine writes unasked: DMARC and TLS reports, quarantines, digests, calendars, tickets, news. Pure.

Nobody waits for an answer to these. A person who writes through a list or a group is not one of them.
"""

from __future__ import annotations

import re
from functools import cache

from conversations.reading.automatic import is_machine_address
from conversations.reading.mail import Mail
from conversations.reading.phrases import lists, pattern

_REPORT_FILE = re.compile(
    r"^[\w.-]+![\w.-]+!\d{6,12}!\d{6,12}(?:![\w.-]+)?\.(?:zip|gz|xml|json)(?:\.gz)?$", re.IGNORECASE
)
_TLS_PARTS = frozenset({"application/tlsrpt+gzip", "application/tlsrpt+json"})
_GROUP_HEADERS = (
    "x-google-group-id",
    "x-mailman-version",
    "x-beenthere",
    "x-sympa-to",
    "x-groupsio-msgnum",
    "list-post",
)


def read_report(mail: Mail) -> str | None:
    """What kind of machine's mail this is (`dmarc`, `tls`, `quarantine`, `calendar`, `ticket`, `bulk`, …), or None."""
    if kind := _by_structure(mail):
        return kind
    if mail.thread_ids or re.match(r"\s*(?:re|aw|sv|antw|odp|ответ)\s*:", mail.subject, re.IGNORECASE):
        return None
    is_machine = _is_machines(mail)
    is_bulk = _is_bulk(mail)
    if not (is_machine or is_bulk):
        return None
    for section in ("dmarc", "tls", "quarantine", "delivery", "calendar", "ticket"):
        if _subject(section).search(mail.subject):
            return section
    return "bulk" if is_bulk else "notification"


def _by_structure(mail: Mail) -> str:
    report_type = mail.root.parameters.get("report-type", "").lower() if mail.root.kind == "multipart/report" else ""
    if report_type == "tlsrpt" or mail.header("tls-report-domain"):
        return "tls"
    for part in mail.root.walk(is_deep=False):
        if part.kind in _TLS_PARTS:
            return "tls"
        if part.file_name and _REPORT_FILE.match(part.file_name):
            return "tls" if ".json" in part.file_name.lower() else "dmarc"
    if re.match(r"\s*report domain:.*submitter:", mail.subject, re.IGNORECASE):
        return "tls" if "tls" in mail.from_address else "dmarc"
    return ""


@cache
def _subject(section: str) -> re.Pattern[str]:
    told = "|".join(phrase.replace(" ", r"\s+") for phrase in lists("reports")["subject"][section])
    return re.compile(f"(?:{told})", re.IGNORECASE)


def _is_machines(mail: Mail) -> bool:
    submitted = mail.header("auto-submitted").lower()
    return is_machine_address(mail.from_address) or submitted.startswith(("auto-generated", "auto-notified"))


def _is_bulk(mail: Mail) -> bool:
    """A newsletter or campaign, as its sender says. Lists and groups carry people's mail, with the same headers."""
    if any(mail.header(name) for name in _GROUP_HEADERS):
        return False
    unsubscribe = mail.header("list-unsubscribe").lower()
    if mail.header("list-unsubscribe-post") or mail.header("feedback-id") or mail.header("x-campaign-id"):
        return bool(unsubscribe)
    is_announced = "http" in unsubscribe or mail.header("precedence").strip().lower() in {"bulk", "junk"}
    # lists carry people's mail under the same headers; news come from a company's role
    return is_announced and bool(pattern("reports", "role", before="^", after=r"@").match(mail.from_address))
