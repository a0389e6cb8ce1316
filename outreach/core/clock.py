"""The only place that reads the clock. Pure code is given `now` and never imports this.

Only the demo world sets this clock back (`shifted`), in one process, to play through its past.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from django.utils import timezone

_shift = timedelta()


def now() -> datetime:
    """The current time, aware, in UTC."""
    return timezone.now() + _shift


def is_shifted() -> bool:
    """Whether this process's clock is shifted from the true time."""
    return bool(_shift)


@contextmanager
def shifted(by: timedelta) -> Iterator[None]:
    """Shift the clock of this process, all its threads included, by `by` from the true time."""
    global _shift
    before, _shift = _shift, by
    try:
        yield
    finally:
        _shift = before
