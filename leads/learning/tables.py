"""A history of leads as a table that can be learned from: typed columns, one outcome, and what was left out, and why.

A file of any size is read once; of very long ones a fixed number of rows is kept, each with the same chance.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from leads.imports.reading import detection, records
from outreach.core.errors import Invalid
from outreach.core.words import gettext as _

MOST_ROWS = 100_000
FEWEST_ROWS = 100
FEWEST_OF_A_CLASS = 20
MOST_COLUMNS = 500
MOST_CATEGORIES = 40
"""Rarer values of a column count as one."""
MISSING = frozenset({"", "na", "n/a", "nan", "null", "none", "-", "—", "?", "#n/a"})
POSITIVE = frozenset(
    {"1", "1.0", "yes", "y", "true", "t", "won", "win", "converted", "positive", "success", "replied", "да", "+"}
)
NEGATIVE = frozenset(
    {"0", "0.0", "no", "n", "false", "f", "lost", "loss", "not converted", "negative", "failure", "нет"}
)
_NUMBER = re.compile(r"[+-]?\d{1,3}(?:[ ,\u00a0]\d{3})+(?:\.\d+)?|[+-]?\d*\.?\d+(?:[eE][+-]?\d+)?")
_DECORATION = "€$£₽% \u00a0"
_DATES = ("%d.%m.%Y", "%d.%m.%Y %H:%M", "%m/%d/%Y", "%m/%d/%Y %H:%M", "%d/%m/%Y", "%Y/%m/%d")
FARTHEST = 1e12
"""Amounts beyond count as this: squares of larger ones would overflow."""
MOSTLY = 0.95
"""This share of a column's filled cells makes it a number or a date."""

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Column:
    """One column. `values` are numbers (NaN where missing), days for dates, or codes of `categories` (-1 where missing)."""

    name: str
    kind: str
    """number, date or category."""
    values: Floats
    categories: tuple[str, ...] = ()

    @property
    def is_category(self) -> bool:
        return self.kind == "category"


@dataclass(frozen=True)
class Table:
    """Rows with a known outcome. `time` orders them where a column of times was named."""

    columns: tuple[Column, ...]
    outcome: NDArray[np.bool_]
    target: str
    positive: str
    """The value of the target that counts as success."""
    time: Floats | None
    row_count: int
    """Rows in the file with an outcome; `len(outcome)` of them were kept."""
    left_out: tuple[tuple[str, str], ...]
    """Columns that say nothing, with the reason."""
    warnings: tuple[str, ...] = ()

    def without(self, names: Iterable[str]) -> Table:
        """The same rows with fewer columns."""
        gone = set(names)
        kept = tuple(column for column in self.columns if column.name not in gone)
        return Table(**{**self.__dict__, "columns": kept})


def read(stream: BinaryIO, *, target: str, time: str = "", exclude: Sequence[str] = ()) -> Table:
    """The history in a CSV file. Raises `Invalid` that says what is wrong and what to do."""
    found = detection.detect(stream)
    names = list(found.columns)
    if len(names) > MOST_COLUMNS:
        raise Invalid("csv", _("The file has more than %(most)s columns.") % {"most": MOST_COLUMNS}, code="too_wide")
    for option, name in [("target", target), *([("time", time)] if time else []), *(("exclude", x) for x in exclude)]:
        _require(option, name, names)
    if time == target:
        raise Invalid("time", _("The column of times can't be the outcome too."), code="time_is_target")
    rows, row_count, warnings = _sample(stream, found, names.index(target))
    if len(rows) < FEWEST_ROWS:
        raise _too_few(len(rows))
    cells = {name: [row[i].strip() for row in rows] for i, name in enumerate(names)}
    outcome, positive = _outcome(target, cells.pop(target))
    moments = _times(time, cells.pop(time)) if time else None
    for name in exclude:
        cells.pop(name, None)
    columns: list[Column] = []
    left_out: list[tuple[str, str]] = [(name, _("excluded")) for name in exclude]
    for name, texts in cells.items():
        column = column_of(name, texts)
        if isinstance(column, Column):
            columns.append(column)
        else:
            left_out.append((name, column))
    if not columns:
        raise Invalid("csv", _("No column is left that could predict anything."), code="no_columns")
    return Table(tuple(columns), outcome, target, positive, moments, row_count, tuple(left_out), tuple(warnings))


def read_texts(stream: BinaryIO, *, text: str, target: str) -> tuple[list[str], NDArray[np.bool_]]:
    """The texts and outcomes in a CSV file. Raises `Invalid` as `read` does."""
    found = detection.detect(stream)
    names = list(found.columns)
    for option, name in (("text", text), ("target", target)):
        _require(option, name, names)
    rows, _count, _warnings = _sample(stream, found, names.index(target))
    texts = [row[names.index(text)].strip() for row in rows]
    labels = [row[names.index(target)].strip() for row in rows]
    filled = [i for i, cell in enumerate(texts) if cell]
    if len(filled) < FEWEST_ROWS:
        raise _too_few(len(filled))
    outcome, _positive = _outcome(target, [labels[i] for i in filled])
    return [texts[i] for i in filled], outcome


def _require(option: str, name: str, names: list[str]) -> None:
    if name not in names:
        raise Invalid(
            option,
            _("There is no column “%(name)s”. The columns are: %(names)s.")
            % {"name": name, "names": ", ".join(names[:40])},
            code="column_unknown",
        )


def _too_few(count: int) -> Invalid:
    return Invalid(
        "csv",
        _("%(count)s rows have an outcome; at least %(fewest)s are needed to measure anything.")
        % {"count": count, "fewest": FEWEST_ROWS},
        code="too_few",
    )


def _sample(stream: BinaryIO, found: detection.Detected, target: int) -> tuple[list[list[str]], int, list[str]]:
    """Up to `MOST_ROWS` rows with an outcome, each with the same chance (Vitter's algorithm R), in their order."""
    if found.is_workbook:
        raise Invalid("csv", _("Save the workbook as CSV first."), code="file_is_workbook")
    draw = random.Random(1)  # noqa: S311  # the same rows each time
    kept: list[tuple[int, list[str]]] = []
    count = broken = silent = 0
    stream.seek(0)
    text = records.open_text(stream, encoding=found.encoding)
    try:
        rows = records.records(
            text, delimiter=found.delimiter, width=len(found.columns), first_line=found.header_line + 1
        )
        for record in rows:
            if record.problem:
                broken += 1
                continue
            if record.cells[target].strip().lower() in MISSING:
                silent += 1
                continue
            count += 1
            if len(kept) < MOST_ROWS:
                kept.append((count, record.cells))
            elif (place := draw.randrange(count)) < MOST_ROWS:
                kept[place] = (count, record.cells)
    finally:
        text.detach()
    warnings = []
    if broken:
        warnings.append(_("%(count)s rows could not be read.") % {"count": broken})
    if silent:
        warnings.append(_("%(count)s rows have no outcome and were left out.") % {"count": silent})
    if count > MOST_ROWS:
        warnings.append(_("%(kept)s of %(count)s rows were drawn at random.") % {"kept": MOST_ROWS, "count": count})
    return [cells for _number, cells in sorted(kept)], count, warnings


def _outcome(name: str, texts: list[str]) -> tuple[NDArray[np.bool_], str]:
    found = Counter(text.lower() for text in texts)
    if len(found) == 1:
        raise Invalid(
            "target",
            _("Every row has the same outcome, “%(value)s”. There is nothing to tell apart.") % {"value": texts[0]},
            code="one_class",
        )
    if len(found) > 2:
        shown = ", ".join(f"“{value}”" for value, _count in found.most_common(5))
        raise Invalid(
            "target",
            _("“%(name)s” has %(count)s different values (%(shown)s …). Choose a column with two, such as yes and no.")
            % {"name": name, "count": len(found), "shown": shown},
            code="not_two_classes",
        )
    positive = next((value for value in found if value in POSITIVE), "")
    if not positive:
        others = [value for value in found if value not in NEGATIVE]
        positive = min(others or found, key=lambda value: found[value])
    outcome = np.array([text.lower() == positive for text in texts])
    rarer = int(min(outcome.sum(), (~outcome).sum()))
    if rarer < FEWEST_OF_A_CLASS:
        raise Invalid(
            "target",
            _("Only %(count)s rows have the rarer outcome; at least %(fewest)s are needed.")
            % {"count": rarer, "fewest": FEWEST_OF_A_CLASS},
            code="too_few",
        )
    return outcome, next(text for text in texts if text.lower() == positive)


def _times(name: str, texts: list[str]) -> Floats:
    values = numbers(texts) if (values_of := dates(texts)) is None else values_of
    if values is None or np.isnan(values).mean() > 1 - MOSTLY:
        raise Invalid("time", _("“%(name)s” does not hold dates.") % {"name": name}, code="not_dates")
    return np.where(np.isnan(values), np.nanmin(values), values)


def column_of(name: str, texts: list[str]) -> Column | str:
    """The column, or why it cannot help."""
    filled = [text for text in texts if text.lower() not in MISSING]
    if not filled:
        return _("empty")
    values = Counter(filled)
    if len(values) == 1 and len(filled) == len(texts):
        return _("the same in every row")
    is_unique = len(values) > 0.98 * len(filled) and len(filled) > 0.5 * len(texts)
    if (as_numbers := numbers(texts)) is not None:
        known = as_numbers[~np.isnan(as_numbers)]
        if is_unique and bool((known == np.round(known)).all()) and _is_counter(known):
            return _("identifies each row")
        return Column(name, "number", as_numbers)
    if (as_dates := dates(texts)) is not None:
        return Column(name, "date", as_dates)
    if is_unique and len(values) > MOST_CATEGORIES:
        return _("different in every row")
    common = [value for value, count in values.most_common(MOST_CATEGORIES - 1) if count >= 5]
    code = {value: float(i) for i, value in enumerate(common)}
    other = float(len(common))
    coded = [code.get(text, other) if text.lower() not in MISSING else -1.0 for text in texts]
    return Column(name, "category", np.array(coded), (*common, _("other")))


def _is_counter(known: Floats) -> bool:
    """Whether whole numbers only number the rows: hardly any value twice, and close together or sorted."""
    ordered = np.sort(known)
    return bool((np.diff(known) > 0).all()) or ordered[-1] - ordered[0] < 20 * len(known)


def numbers(texts: Sequence[str]) -> Floats | None:
    """The cells as numbers, NaN where missing or odd; None when they mostly are none."""
    values = np.full(len(texts), np.nan)
    odd = filled = 0
    for i, text in enumerate(texts):
        if text.lower() in MISSING:
            continue
        filled += 1
        plain = text.strip(_DECORATION)
        if _NUMBER.fullmatch(plain):
            values[i] = float(re.sub(r"[ ,\u00a0]", "", plain))
        else:
            odd += 1
    values[~np.isfinite(values)] = np.nan
    values = np.clip(values, -FARTHEST, FARTHEST)
    return values if filled and odd <= (1 - MOSTLY) * filled else None


def dates(texts: Sequence[str]) -> Floats | None:
    """The cells as days since 1970, NaN where missing; None when they mostly are no dates."""
    filled = [text for text in texts if text.lower() not in MISSING]
    if not filled or not any(c.isdigit() for c in filled[0]):
        return None
    for form in ("", *_DATES):
        values = np.array([_day(text, form) for text in texts])
        if np.isnan(values).sum() - (len(texts) - len(filled)) <= (1 - MOSTLY) * len(filled):
            return values
    return None


def _day(text: str, form: str) -> float:
    if text.lower() in MISSING or len(text) < 6:
        return np.nan
    try:
        moment = datetime.strptime(text, form).replace(tzinfo=UTC) if form else datetime.fromisoformat(text)
    except ValueError:
        return np.nan
    return moment.replace(tzinfo=moment.tzinfo or UTC).timestamp() / 86_400
