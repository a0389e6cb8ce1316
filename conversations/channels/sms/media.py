"""Which files a text message may carry (MMS), after Twilio's limits. Pure; raises `Invalid`.

Source: https://www.twilio.com/docs/messaging/guides/accepted-mime-types and the limits of MMS in the US and Canada.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from outreach.core.errors import Invalid
from outreach.core.words import gettext as _

MEGABYTE = 1024 * 1024
MAX_BYTES = 5 * MEGABYTE
"""Of all files together, with the text."""
MAX_FILES = 10
TYPES = frozenset(
    {
        "image/jpeg", "image/png", "image/gif", "application/pdf", "text/vcard", "text/x-vcard", "text/calendar", "text/csv",
        "audio/mpeg", "audio/mp4", "audio/ogg", "audio/amr", "audio/3gpp", "video/mp4", "video/mpeg", "video/quicktime", "video/3gpp",
        "video/webm",
    }
)  # fmt: skip
_LONG_CODE = re.compile(r"\+1\d{10}")
_SHORT_CODE = re.compile(r"\d{3,8}")


def check_files(files: Iterable[tuple[str, str, int]]) -> None:
    """`files` are (name, media type, bytes)."""
    total = 0
    for count, (name, media_type, size) in enumerate(files, start=1):
        total += size
        if media_type not in TYPES:
            raise Invalid(
                "files",
                _(
                    "“%(name)s” (%(type)s) cannot be sent in a text message. Use JPEG, PNG, GIF, PDF, contacts, "
                    "sound or video."
                )
                % {"name": name, "type": media_type},
                code="mms_type",
            )
        if count > MAX_FILES:
            raise Invalid(
                "files", _("A text message can include at most %(n)s files.") % {"n": MAX_FILES}, code="too_many_files"
            )
        if total > MAX_BYTES:
            raise Invalid(
                "files",
                _("A text message can include at most %(n)s MB of files.") % {"n": MAX_BYTES // MEGABYTE},
                code="file_too_large",
            )


def check_origin(*, address: str, has_service: bool) -> None:
    """Whether a message from `address` can include files: US and Canadian numbers and short codes can, names cannot.

    A messaging service chooses its number itself.
    """
    if has_service or _LONG_CODE.fullmatch(address) or _SHORT_CODE.fullmatch(address):
        return
    raise Invalid(
        "files",
        _(
            "Messages from “%(address)s” cannot include files. Use a US or Canadian number, a short code or "
            "a messaging service."
        )
        % {"address": address},
        code="mms_origin",
    )


def check_place(url: str, *, is_public: bool) -> None:
    """Whether Twilio can fetch files from our public address `url`."""
    if not (is_public and url.startswith("https://")):
        raise Invalid(
            "files",
            _("Twilio fetches files from this product. Set PUBLIC_BASE_URL to its public https address."),
            code="mms_not_reachable",
        )
