"""A number of the dashboard with its unit, its definition and where it leads. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Literal

from outreach.core import numbers
from outreach.core.intervals import Rate, wilson
from outreach.core.words import gettext as _
from outreach.core.words import ngettext

Unit = Literal["count", "percent", "hours", "usd", "value"]


@dataclass(frozen=True)
class Figure:
    """`value` is in the unit's own size (0.25 is 25%); None where nothing can be said, with `note` telling why."""

    name: str
    label: str
    definition: str
    value: float | None
    unit: Unit = "count"
    low: float | None = None
    high: float | None = None
    note: str = ""
    url: str = ""
    """What is behind it."""

    @property
    def text(self) -> str:
        """The value with its unit, as people write it."""
        return written(self.value, self.unit)

    @property
    def interval(self) -> str:
        """From where to where it lies, if that is known."""
        if self.low is None or self.high is None:
            return ""
        return f"{written(self.low, self.unit)} – {written(self.high, self.unit)}"

    def as_dict(self) -> dict[str, Any]:
        """For API and CSV."""
        names = ("name", "label", "value", "unit", "low", "high", "note", "definition")
        return {name: getattr(self, name) for name in names}


@dataclass(frozen=True)
class Chart:
    """Columns over an axis: chartkick series, and what they show in words."""

    label: str
    series: list[dict[str, Any]]


@dataclass(frozen=True)
class Table:
    """Lines of a small table; the first cell of each is (text, address)."""

    headings: list[str]
    rows: list[tuple[tuple[str, str], list[str]]]


@dataclass(frozen=True)
class Section:
    """Numbers that belong together. `empty` is said instead of them where there is nothing yet."""

    name: str
    title: str
    figures: list[Figure] = field(default_factory=list)
    chart: Chart | None = None
    table: Table | None = None
    empty: str = ""


def written(value: float | None, unit: Unit) -> str:
    """A value with its unit; a dash where there is none."""
    if value is None:
        return "—"
    if unit == "percent":
        return numbers.percent(value)
    if unit == "hours":
        return duration(timedelta(hours=value))
    if unit == "usd":
        return "$" + numbers.decimal(value, 2 if value >= 0.01 or value == 0 else 4)
    return numbers.count(value)


def duration(length: timedelta) -> str:
    """In its two largest units: “3 days 4 h”, “12 min”."""
    minutes = round(length.total_seconds() / 60)
    if minutes < 60:
        return _("%(number)s min") % {"number": minutes}
    hours, minutes = divmod(minutes, 60)
    if hours < 48:
        return (
            _("%(hours)s h %(minutes)s min") % {"hours": hours, "minutes": minutes}
            if minutes
            else _("%(hours)s h") % {"hours": hours}
        )
    days, hours = divmod(hours, 24)
    said = ngettext("%(number)s day", "%(number)s days", days) % {"number": days}
    return f"{said} " + _("%(hours)s h") % {"hours": hours} if hours else said


def share(name: str, label: str, definition: str, count: int, base: int, *, url: str = "", least: int = 1) -> Figure:
    """A part of a whole with its 95% interval; nothing where the whole has fewer than `least`."""
    if base < least:
        note = _("Not enough data") if base else ""
        return Figure(name, label, definition, None, "percent", note=note, url=url)
    rate: Rate = wilson(min(count, base), base)
    note = _("%(count)s of %(base)s") % {"count": count, "base": base}
    return Figure(name, label, definition, rate.value, "percent", rate.low, rate.high, note, url)


def hours(length: timedelta | None) -> float | None:
    """A length of time as a number of hours."""
    return None if length is None else length.total_seconds() / 3600
