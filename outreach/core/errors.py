"""The four ways a use case can fail. Surfaces translate them in one place (`outreach.core.surfaces`).

`Invalid` is bad input, `Refused` is a rule of the product or a lost race, `Retryable` is a passing fault elsewhere,
`Permanent` is a fault that no retry will fix.
"""

from __future__ import annotations

from datetime import timedelta


class OutreachError(Exception):
    """Base of all typed errors. `code` is stable and machine-readable; `reason` is a sentence for a person."""

    code = "error"

    def __init__(self, reason: str, *, code: str | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        if code is not None:
            self.code = code


class Invalid(OutreachError):
    """The input is wrong. `field` names where, `reason` says what is wrong and what to do."""

    code = "invalid"

    def __init__(self, field: str, reason: str, *, code: str | None = None) -> None:
        super().__init__(reason, code=code)
        self.field = field

    def __str__(self) -> str:
        return f"{self.field}: {self.reason}" if self.field else self.reason


class Refused(OutreachError):
    """The request is well formed but may not be done now: wrong state, no permission, someone else was first."""

    code = "refused"


class Retryable(OutreachError):
    """A passing fault; the work may be tried again after `after`."""

    code = "retryable"

    def __init__(self, reason: str, *, after: timedelta = timedelta(minutes=1), code: str | None = None) -> None:
        super().__init__(reason, code=code)
        self.after = after


class Postponed(Retryable):
    """Nothing is wrong with the work: it waits for its moment. A job says `reason` and goes on by itself after `after`."""

    code = "postponed"


class Permanent(OutreachError):
    """A fault that retrying will not fix; `reason` says what to change."""

    code = "permanent"
