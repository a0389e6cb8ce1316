"""What can go wrong on a network's site, each with a sentence for a person. Pure."""

from __future__ import annotations

from datetime import timedelta

from outreach.core.errors import OutreachError


class Trouble(OutreachError):
    """Base of everything the site can answer or do. Nothing was changed there unless `Interrupted` says otherwise."""

    code = "network_trouble"


class Challenged(Trouble):
    """The site asks for a person. Everything stops; no challenge is solved."""

    code = "challenge"


class CodeNeeded(Trouble):
    """The second factor is a code that only a person has."""

    code = "code_needed"


class CredentialsRefused(Trouble):
    """Name, password or code is wrong."""

    code = "credentials"


class Limited(Trouble):
    """The site's own limit is reached: nothing more before `after` has passed."""

    code = "network_limit"

    def __init__(self, reason: str, *, after: timedelta) -> None:
        super().__init__(reason)
        self.after = after


class Unavailable(Trouble):
    """This profile cannot be opened (any more)."""

    code = "profile_unavailable"


class NotAllowed(Trouble):
    """The site refuses one action: not a contact, already invited, too long. `code` says which."""

    code = "not_allowed"


class Unexpected(Trouble):
    """An unknown page: a different site, or one that has changed."""

    code = "layout_unknown"


class Unreachable(Trouble):
    """The site or the browser did not answer, before anything was changed there."""

    code = "unreachable"


class Busy(Trouble):
    """Another worker holds this account's browser."""

    code = "account_busy"


class Interrupted(Trouble):
    """The browser or the site died after the click: it may have been done, or not."""

    code = "lost_after_click"
