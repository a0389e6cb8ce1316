"""The one place that asks what time it is. Pure code is given `now` and never imports this.

The demo world lives its past in one process by setting this clock back (`shifted`); nothing else ever does.
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
    """Whether this process's clock is set to another time than everybody else's."""
    return bool(_shift)


@contextmanager
def shifted(by: timedelta) -> Iterator[None]:
    """Let the clock of this process, all its threads included, run `by` apart from the true time."""
    global _shift
    before, _shift = _shift, by
    try:
        yield
    finally:
        _shift = before
