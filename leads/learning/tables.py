"""A history of leads as a table that can be learned from: typed columns, one outcome, and what was left out, and why.

A file of any size is read once; of very long ones a fixed number of rows is kept, each with the same chance.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from leads.imports.reading import detection, records
from leads.learning.cells import MISSING, MOSTLY, dates, numbers
from outreach.core.errors import Invalid
from outreach.core.words import gettext as _
from outreach.core.words import ngettext

MOST_ROWS = 100_000
MOST_CELLS = 3_000_000
"""Of wide files fewer rows are kept: memory stays below half a gigabyte, whatever the file."""
MOST_TEXTS = 10_000
LONGEST_CELL, LONGEST_TEXT = 100, 10_000
"""What is longer is cut: a column of such cells is a text, and says nothing as a category."""
FEWEST_ROWS = 100
FEWEST_OF_A_CLASS = 20
MOST_COLUMNS = 500
MOST_CATEGORIES = 40
"""Rarer values of a column count as one."""
POSITIVE = frozenset(
    {"1", "1.0", "yes", "y", "true", "t", "won", "win", "converted", "positive", "success", "replied", "да", "+"}
)
NEGATIVE = frozenset(
    {"0", "0.0", "no", "n", "false", "f", "lost", "loss", "not converted", "negative", "failure", "нет"}
)
SPARSE = 0.1
"""Columns of which less is filled in are named."""

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Column:
    """One column. `values` are numbers (NaN where missing), days for dates, or codes of `categories` (-1 where missing)."""

    name: str
    kind: str
    """number, date, category, or id: a number that only numbers the rows."""
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
    ids: tuple[Column, ...] = ()
    """Columns that number the rows: not learned from."""

    def without(self, names: Iterable[str]) -> Table:
        """The same rows with fewer columns."""
        gone = set(names)
        kept = tuple(column for column in self.columns if column.name not in gone)
        return Table(**{**self.__dict__, "columns": kept})


def check(stream: BinaryIO, *, target: str, time: str = "", exclude: Sequence[str] = (), text: str = "") -> None:
    """Whether the file is a table with these columns. Raises `Invalid` that says what is wrong and what to do."""
    _columns(stream, target=target, time=time, exclude=exclude, text=text)


def read(stream: BinaryIO, *, target: str, time: str = "", exclude: Sequence[str] = ()) -> Table:
    """The history in a CSV file. Raises `Invalid` that says what is wrong and what to do."""
    found = _columns(stream, target=target, time=time, exclude=exclude)
    names = [name for name in found.columns if name not in exclude or name == time]
    most = max(FEWEST_ROWS, min(MOST_ROWS, MOST_CELLS // len(names)))
    sample = _sample(stream, found, names, target, most=most)
    if len(sample.rows) < FEWEST_ROWS:
        raise _too_few(target, len(sample.rows), sample.silent_count)
    cells = {name: [row[i] for row in sample.rows] for i, name in enumerate(names)}
    outcome, positive = _outcome(target, cells.pop(target))
    moments = _times(time, cells.pop(time)) if time else None
    columns: list[Column] = []
    ids: list[Column] = []
    left_out: list[tuple[str, str]] = [(name, _("excluded")) for name in exclude]
    for name, texts in cells.items():
        column = column_of(name, texts)
        if isinstance(column, str):
            left_out.append((name, column))
        elif column.kind == "id":
            ids.append(column)
            left_out.append((name, _("identifies each row")))
        else:
            columns.append(column)
    if not columns:
        shown = "; ".join(f"{name}: {reason}" for name, reason in left_out[:8])
        raise Invalid(
            "csv",
            _("No column is left that could predict anything. %(columns)s.") % {"columns": shown}
            if shown
            else _("The file has no column besides the outcome."),
            code="no_columns",
        )
    warnings = (*sample.warnings(), *_sparse(columns))
    return Table(
        tuple(columns), outcome, target, positive, moments, sample.count, tuple(left_out), warnings, tuple(ids)
    )


def read_texts(stream: BinaryIO, *, text: str, target: str) -> tuple[list[str], NDArray[np.bool_]]:
    """The texts and outcomes in a CSV file, of long files a sample. Raises `Invalid` as `read` does."""
    found = _columns(stream, target=target, text=text)
    sample = _sample(stream, found, [text, target], target, most=MOST_TEXTS, longest=LONGEST_TEXT)
    rows = [row for row in sample.rows if row[0]]
    if len(rows) < FEWEST_ROWS:
        raise _too_few(target, len(rows), sample.silent_count)
    outcome, _positive = _outcome(target, [row[1] for row in rows])
    return [row[0] for row in rows], outcome


def _columns(
    stream: BinaryIO, *, target: str, time: str = "", exclude: Sequence[str] = (), text: str = ""
) -> detection.Detected:
    try:
        found = detection.detect(stream)
    except Invalid as error:
        raise Invalid("csv", error.reason, code=error.code) from error
    if found.is_workbook:
        raise Invalid("csv", _("Save the workbook as CSV first."), code="file_is_workbook")
    names = list(found.columns)
    if len(names) > MOST_COLUMNS:
        raise Invalid("csv", _("The file has more than %(most)s columns.") % {"most": MOST_COLUMNS}, code="too_wide")
    for option, name in [("target", target), ("time", time), ("text", text), *(("exclude", x) for x in exclude)]:
        if name or option == "target":
            _require(option, name, names)
    for option, name in [("time", time), ("text", text), *(("exclude", x) for x in exclude)]:
        if name == target:
            raise Invalid(
                option,
                _("“%(name)s” is the column with the outcome. Choose another.") % {"name": name},
                code="column_is_target",
            )
    return found


def _require(option: str, name: str, names: list[str]) -> None:
    if not name:
        raise Invalid(option, _("Name the column with the outcome."), code="required")
    if name not in names:
        raise Invalid(
            option,
            _("There is no column “%(name)s”. The columns are: %(names)s.")
            % {"name": name, "names": ", ".join(names[:40])},
            code="column_unknown",
        )


def _too_few(target: str, count: int, silent_count: int) -> Invalid:
    values = {"name": target, "count": count, "fewest": FEWEST_ROWS}
    if not count and silent_count:
        return Invalid("target", _("“%(name)s” is empty in every row.") % values, code="empty_target")
    return Invalid(
        "csv",
        _("Only %(count)s rows can be used; at least %(fewest)s are needed to measure anything.") % values,
        code="too_few",
    )


@dataclass(frozen=True)
class _Sample:
    """Rows with an outcome, their cells stripped; how many there were, were without outcome, and couldn't be read."""

    rows: list[list[str]]
    count: int
    silent_count: int
    broken_count: int
    first_broken: int
    """Line of the file."""

    def warnings(self) -> Iterable[str]:
        if count := self.broken_count:
            yield ngettext(
                "%(count)s row could not be read: line %(line)s of the file.",
                "%(count)s rows could not be read, the first on line %(line)s of the file.",
                count,
            ) % {"count": count, "line": self.first_broken}
        if self.silent_count:
            yield _("%(count)s rows have no outcome and were left out.") % {"count": self.silent_count}
        if self.count > len(self.rows):
            values = {"kept": len(self.rows), "count": self.count}
            yield _("%(kept)s of %(count)s rows were drawn at random.") % values


def _sample(
    stream: BinaryIO,
    found: detection.Detected,
    names: list[str],
    target: str,
    *,
    most: int,
    longest: int = LONGEST_CELL,
) -> _Sample:
    """Up to `most` rows with an outcome, each with the same chance (Vitter's algorithm R), in their order."""
    draw = random.Random(1)  # noqa: S311  # the same rows each time
    places, target_place = [found.columns.index(name) for name in names], found.columns.index(target)
    kept: list[tuple[int, list[str]]] = []
    count = silent = broken = first_broken = 0
    stream.seek(0)
    text = records.open_text(stream, encoding=found.encoding)
    try:
        rows = records.records(
            text, delimiter=found.delimiter, width=len(found.columns), first_line=found.header_line + 1
        )
        for record in rows:
            if record.problem:
                broken += 1
                first_broken = first_broken or record.line
                continue
            if record.cells[target_place].strip().lower() in MISSING:
                silent += 1
                continue
            count += 1
            place = len(kept) if len(kept) < most else draw.randrange(count)
            if place < most:
                row = (count, [record.cells[i].strip()[:longest] for i in places])
                kept[place : place + 1] = [row]
    finally:
        text.detach()
    return _Sample([cells for _number, cells in sorted(kept)], count, silent, broken, first_broken)


def _sparse(columns: list[Column]) -> Iterable[str]:
    """Names the columns that hardly any row fills in."""
    names = [
        column.name
        for column in columns
        if np.mean(column.values < 0 if column.is_category else np.isnan(column.values)) > 1 - SPARSE
    ]
    if names:
        yield _("Filled in for fewer than one row in ten: %(names)s.") % {"names": ", ".join(names[:10])}


def _outcome(name: str, texts: list[str]) -> tuple[NDArray[np.bool_], str]:
    found = Counter(text.lower() for text in texts)
    if len(found) == 1:
        raise Invalid(
            "target",
            _("Every row has the same outcome, “%(value)s”. There is nothing to tell apart.") % {"value": texts[0]},
            code="one_class",
        )
    if len(found) > 0.9 * len(texts):
        raise Invalid(
            "target",
            _(
                "“%(name)s” is different in nearly every row, so it's an id or an amount. Choose a column with two values."
            )
            % {"name": name},
            code="not_two_classes",
        )
    if len(found) > 2:
        shown = ", ".join(f"“{value}”" for value, _count in found.most_common(5))
        raise Invalid(
            "target",
            _(
                "“%(name)s” has %(count)s different values (%(shown)s). Choose a column with two, such as yes and no, "
                "or empty the cells of the others: rows without an outcome are left out."
            )
            % {"name": name, "count": len(found), "shown": shown + (" …" if len(found) > 5 else "")},
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
    filled = [text for text in texts if text.lower() not in MISSING]
    if len(filled) < MOSTLY * len(texts):
        raise Invalid(
            "time",
            _("“%(name)s” is empty in %(count)s of %(rows)s rows. Fill in the dates, or choose another column.")
            % {"name": name, "count": len(texts) - len(filled), "rows": len(texts)},
            code="not_dates",
        )
    if values is None or np.isnan(values).mean() > 1 - MOSTLY:
        raise Invalid(
            "time",
            _("“%(name)s” doesn't hold dates: it has cells such as “%(cell)s”. Write dates like 2026-11-30.")
            % {"name": name, "cell": next((text for text in filled if dates([text]) is None), filled[0])},
            code="not_dates",
        )
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
            return Column(name, "id", as_numbers)
        return Column(name, "number", as_numbers)
    if (as_dates := dates(texts)) is not None:
        return Column(name, "date", as_dates)
    if is_unique and len(values) > MOST_CATEGORIES:
        return _("different in every row")
    common = [value for value, count in values.most_common(MOST_CATEGORIES - 1) if count >= 5]
    if not common:
        return _("too many different values, none of them common")
    code = {value: float(i) for i, value in enumerate(common)}
    other = float(len(common))
    coded = [code.get(text, other) if text.lower() not in MISSING else -1.0 for text in texts]
    return Column(name, "category", np.array(coded), (*common, _("other")))


def _is_counter(known: Floats) -> bool:
    """Whether whole numbers only number the rows: hardly any value twice, and close together or sorted."""
    ordered = np.sort(known)
    return bool((np.diff(known) > 0).all()) or ordered[-1] - ordered[0] < 20 * len(known)
