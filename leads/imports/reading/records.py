"""Records out of a delimited text file, one at a time, however badly the file was written.

Pure: no Django, no database. Every physical line ends up in exactly one record or in one problem; nothing is
swallowed by a quote that was never closed, and no line longer than `MAX_CELL_CHARACTERS` is ever held in memory.
"""

from __future__ import annotations

import csv
import io
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, NamedTuple, TextIO

MAX_CELL_CHARACTERS = 1_000_000
"""A longer cell, and a longer line, is a rejected row. A cell of a contact list has no business being a novel."""
MAX_RECORD_LINES = 1_000
"""A quoted cell that runs over more lines than this was never closed."""
SHOWN_CHARACTERS = 200

csv.field_size_limit(MAX_CELL_CHARACTERS + 1)


class Record(NamedTuple):
    """One row: the line it starts on, its cells, and the code of what is wrong with it (empty: nothing)."""

    line: int
    cells: list[str]
    problem: str = ""


@dataclass(frozen=True)
class _LongLine:
    start: str


class _LineTooLongError(Exception):
    pass


class _QuoteOpenError(Exception):
    pass


class _Lines:
    """The physical lines of `text`, remembering those of the record in hand so that they can be read again."""

    def __init__(self, text: TextIO, number: int) -> None:
        self.text = text
        self.number = number
        self.record: list[str] = []
        self.size = 0
        self.is_cut = False
        self.pending: deque[str | _LongLine] = deque()

    def begin(self) -> None:
        self.record = []
        self.size = 0
        self.is_cut = False

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        line: str | _LongLine = self.pending.popleft() if self.pending else self._read()
        if isinstance(line, _LongLine):
            if self.record:
                self.pending.appendleft(line)
                raise _QuoteOpenError
            self.number += 1
            self.record.append(line.start)
            raise _LineTooLongError
        if not line:
            self.is_cut = bool(self.record)
            raise StopIteration
        self.number += 1
        self.record.append(line)
        self.size += len(line)
        if self.size > MAX_CELL_CHARACTERS + 1 or len(self.record) > MAX_RECORD_LINES:
            raise _QuoteOpenError
        return line

    def _read(self) -> str | _LongLine:
        line = self.text.readline(MAX_CELL_CHARACTERS)
        if len(line) < MAX_CELL_CHARACTERS or line.endswith(("\n", "\r")):
            return line
        rest = line
        while rest and not rest.endswith(("\n", "\r")):
            rest = self.text.readline(MAX_CELL_CHARACTERS)
        return _LongLine(line[:SHOWN_CHARACTERS])

    def back_to_second_line(self) -> str:
        """Put all but the first line of the record back; returns the first."""
        first, *rest = self.record
        self.pending.extendleft(reversed(rest))
        self.number -= len(rest)
        return first


def open_text(stream: BinaryIO, *, encoding: str) -> io.TextIOWrapper:
    """`stream` as text. Bytes that do not fit the encoding become lone surrogates (UTF-16: U+FFFD), see `is_broken`.

    Detach it before `stream` is used again, else closing one closes the other.
    """
    errors = "replace" if encoding.startswith("utf-16") else "surrogateescape"
    return io.TextIOWrapper(stream, encoding=encoding, errors=errors, newline="")


def is_broken(text: str) -> bool:
    """Whether `text` holds a byte that could not be decoded."""
    if text.isascii():
        return False
    return any("\udc80" <= character <= "\udcff" or character == "\ufffd" for character in text)


def shown(text: str) -> str:
    """`text` fit to be stored and shown: broken bytes and NUL replaced, cut to a length that a table can show."""
    cut = text if len(text) <= SHOWN_CHARACTERS * 10 else text[: SHOWN_CHARACTERS * 10] + "…"
    fit = "".join("\ufffd" if c == "\0" or "\ud800" <= c <= "\udfff" else c for c in cut)
    return text if fit == text else fit  # a sentence that fits stays one


def records(
    text: TextIO, *, delimiter: str, width: int = 0, first_line: int = 1, is_suspect: bool = True
) -> Iterator[Record]:
    """The records of `text` from `first_line` on; blank lines are skipped.

    `width` is the number of columns: shorter records are filled up, longer ones are a problem, 0 leaves them alone.
    `is_suspect` looks at each record for broken bytes; switch it off when the whole file is known to be sound.
    Problems: `cell_too_long`, `quote_unclosed`, `row_malformed`, `nul_byte`, `encoding_broken`, `too_many_cells`.
    """
    number = 0
    while number < first_line - 1:
        line = text.readline(MAX_CELL_CHARACTERS)
        if not line:
            return
        number += line.endswith(("\n", "\r"))
    lines = _Lines(text, number)
    reader = csv.reader(lines, delimiter=delimiter)
    while True:
        lines.begin()
        start = lines.number + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except _LineTooLongError:
            yield Record(start, [lines.record[0]], "cell_too_long")
        except _QuoteOpenError:
            yield Record(start, _split(lines.back_to_second_line(), delimiter), "quote_unclosed")
        except csv.Error:
            yield Record(start, [shown(line) for line in lines.record[:5]], "row_malformed")
        else:
            if len(lines.record) > 1 and _has_swallowed_rows(lines, cells, delimiter, width):
                yield Record(start, _split(lines.back_to_second_line(), delimiter), "quote_unclosed")
            else:
                if any(cells) and any(cell.strip() for cell in cells):
                    yield _checked(start, cells, lines.record, width, is_suspect)
                continue
        reader = csv.reader(lines, delimiter=delimiter)


def _split(line: str, delimiter: str) -> list[str]:
    return [part.strip('"') for part in line.rstrip("\r\n").split(delimiter)]


def _has_swallowed_rows(lines: _Lines, cells: list[str], delimiter: str, width: int) -> bool:
    """Whether a record over several lines is a quote that was never closed and ate the rows below it."""
    if lines.is_cut:
        return True
    if not width or (len(cells) == width and _is_well_quoted(lines.record, delimiter)):
        return False
    return any(line.count(delimiter) >= width - 1 for line in lines.record[1:])


def _is_well_quoted(lines: list[str], delimiter: str) -> bool:
    """Whether every closing quote is followed by a delimiter or the end of the line."""
    try:
        next(csv.reader(lines, delimiter=delimiter, strict=True))
    except csv.Error:
        return False
    return True


def _checked(start: int, cells: list[str], lines: list[str], width: int, is_suspect: bool) -> Record:
    problem = ""
    if any("\0" in line for line in lines):
        problem = "nul_byte"
    elif is_suspect and any(is_broken(line) for line in lines):
        problem = "encoding_broken"
    elif width and len(cells) != width:
        if len(cells) < width:
            cells += [""] * (width - len(cells))
        elif any(cell.strip() for cell in cells[width:]):
            problem = "too_many_cells"
        else:
            del cells[width:]
    return Record(start, cells, problem)
