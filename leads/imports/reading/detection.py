"""Detects a file's encoding, delimiter and the row with its column names.

Pure: no Django, no database. The whole file is read once in blocks, so the answer holds for its last row too.
A file that is no table is `Invalid` with a code and a sentence that says what to do.
"""

from __future__ import annotations

import io
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from itertools import islice
from typing import Any, BinaryIO

from leads.imports.columns.mapping import is_known_header
from leads.imports.reading import latin, workbooks
from leads.imports.reading.encodings import SAMPLE_BYTES, Scan, encoding_of, read_through
from leads.imports.reading.records import Record, records, shown
from outreach.core.errors import Invalid
from outreach.core.words import gettext_noop

SAMPLE_RECORDS = 60
HEADER_SEARCH_RECORDS = 25
DELIMITERS = {
    ",": gettext_noop("comma"),
    ";": gettext_noop("semicolon"),
    "\t": gettext_noop("tab"),
    "|": gettext_noop("vertical bar"),
}

_MAGIC = (
    (b"%PDF", "file_is_binary", "This is a PDF document."),
    (b"\x1f\x8b", "file_is_binary", "This is a compressed file: unpack it first."),
    (b"\x89PNG", "file_is_binary", "This is a picture."),
    (b"\xff\xd8\xff", "file_is_binary", "This is a picture."),
    (b"GIF8", "file_is_binary", "This is a picture."),
    (b"\x7fELF", "file_is_binary", "This is a program."),
)
_SAVE_AS = " Save the sheet as CSV (in Excel: “CSV UTF-8”) and send that."
_VALUE_LIKE = re.compile(r"^[\s\d.,:%€$+/()-]+$|@|^https?://|^\d{4}-\d\d-\d\d")
_LATIN_WORD = re.compile(r"[^\s,;|\"\t]+")


@dataclass(frozen=True)
class Detected:
    """Detected out about a file. `header_line` counts physical lines from 1."""

    encoding: str
    has_bom: bool
    has_broken_bytes: bool
    delimiter: str
    header_line: int
    columns: tuple[str, ...]
    samples: tuple[tuple[str, ...], ...]
    line_count: int
    byte_count: int
    notes: tuple[str, ...] = ()
    sheet: str = ""
    """The sheet of a workbook; empty for text."""
    sheets: tuple[str, ...] = ()
    readings: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """Where the encoding is doubtful: (encoding, two words of the file as it reads them), the chosen one first."""

    @property
    def delimiter_name(self) -> str:
        return DELIMITERS.get(self.delimiter, self.delimiter)

    @property
    def is_workbook(self) -> bool:
        return bool(self.sheet)

    def as_json(self) -> dict[str, Any]:
        return asdict(self) | {
            "delimiter_name": self.delimiter_name,
            "columns": list(self.columns),
            "samples": [list(row) for row in self.samples],
            "notes": list(self.notes),
            "sheets": list(self.sheets),
            "readings": [[name, list(words)] for name, words in self.readings],
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Detected:
        values = {name: data[name] for name in cls.__dataclass_fields__ if name in data}
        values |= {
            "columns": tuple(data["columns"]),
            "samples": tuple(tuple(row) for row in data["samples"]),
            "notes": tuple(data["notes"]),
            "sheets": tuple(data.get("sheets", ())),
            "readings": tuple((name, tuple(words)) for name, words in data.get("readings", ())),
        }
        return cls(**values)


def detect(
    stream: BinaryIO, *, encoding: str = "", delimiter: str = "", header_line: int = 0, sheet: str = ""
) -> Detected:
    """Find out what `stream` is; `encoding`, `delimiter`, `header_line` and `sheet` overrule what would be found.

    Raises `Invalid` (field `file`, or the overruling argument) with one of the codes `file_empty`,
    `file_is_workbook`, `file_is_encrypted`, `file_is_bomb`, `workbook_damaged`, `file_is_binary`, `file_is_markup`,
    `header_missing`, `one_column`, `encoding_unknown`, `delimiter_unknown`, `sheet_unknown`.
    """
    stream.seek(0)
    if workbooks.is_workbook(stream.read(8)):
        return _detect_workbook(stream, header_line=header_line, sheet=sheet)
    scan = read_through(stream)
    _refuse_other_formats(scan.head)
    found, has_bom = encoding_of(scan, wanted=encoding)
    stream.seek(0)
    text = stream.read(SAMPLE_BYTES).decode(found, "replace" if found.startswith("utf-16") else "surrogateescape")
    if scan.byte_count > SAMPLE_BYTES:
        text = text[: text.rfind("\n") + 1] or text
    _refuse_markup(text)
    if delimiter and delimiter not in DELIMITERS:
        raise Invalid("delimiter", "The delimiter must be one of , ; | or tab.", code="delimiter_unknown")
    chosen = delimiter or _delimiter(text)
    rows = _sample(text, chosen)
    header = _header(rows, wanted=header_line)
    columns = _unique(rows[header].cells)
    samples = [row.cells for row in rows[header + 1 :] if not row.problem][:5]
    if len(columns) == 1 and not is_known_header(columns[0]):
        raise Invalid("file", _one_column(text, columns[0], delimiter), code="one_column")
    return Detected(
        encoding=found,
        has_bom=has_bom,
        has_broken_bytes=found.startswith("utf-8") and not scan.is_utf8,
        delimiter=chosen,
        header_line=rows[header].line,
        columns=columns,
        samples=tuple(tuple(shown(c) for c in (row + [""] * len(columns))[: len(columns)]) for row in samples),
        line_count=scan.line_count,
        byte_count=scan.byte_count,
        notes=tuple(_notes(scan, found, rows[header].line)),
        readings=_readings(scan.odd_lines, found),
    )


def _readings(sample: bytes, found: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """The two pages of Latin letters, each with words that they read differently; nothing where they agree."""
    if found not in {latin.WESTERN, latin.CENTRAL}:
        return ()
    rival = latin.CENTRAL if found == latin.WESTERN else latin.WESTERN
    pairs = zip(
        _LATIN_WORD.findall(sample.decode(found, "replace")),
        _LATIN_WORD.findall(sample.decode(rival, "replace")),
        strict=False,
    )
    words = list(dict.fromkeys(pair for pair in pairs if pair[0] != pair[1]))[:2]
    if not words:
        return ()
    return (found, tuple(one for one, _other in words)), (rival, tuple(other for _one, other in words))


def _detect_workbook(stream: BinaryIO, *, header_line: int, sheet: str) -> Detected:
    stream.seek(0, io.SEEK_END)
    size = stream.tell()
    with workbooks.opened(stream) as book:
        name = sheet or _likely_sheet(book)
        rows = list(islice(book.records(name), SAMPLE_RECORDS))
        if not rows:
            raise Invalid("file", f"The sheet “{name}” is empty.", code="file_empty")
        header = _header(rows, wanted=header_line)
        cells = rows[header].cells
        while cells and not cells[-1].strip():
            cells = cells[:-1]
        columns = _unique(cells)
        if len(columns) == 1 and not is_known_header(columns[0]):
            sentence = f"Only one column was found in the sheet “{name}”, named “{columns[0][:40]}”."
            raise Invalid("file", sentence, code="one_column")
        samples = [row.cells for row in rows[header + 1 :] if not row.problem][:5]
        notes = ["preamble"] if rows[header].line > 1 else []
        if book.formulas_without_results:
            notes.append("formulas_without_results")
        return Detected(
            encoding="utf-8",
            has_bom=False,
            has_broken_bytes=False,
            delimiter="",
            header_line=rows[header].line,
            columns=columns,
            samples=tuple(tuple(shown(c) for c in (row + [""] * len(columns))[: len(columns)]) for row in samples),
            line_count=max(book.row_count(name), rows[-1].line),
            byte_count=size,
            notes=tuple(notes),
            sheet=name,
            sheets=tuple(book.sheet_names),
        )


def _likely_sheet(book: workbooks.Workbook) -> str:
    """The sheet with most known column names, else the first that is not empty."""
    best, best_score = "", 0
    for name in book.sheet_names[: workbooks.MAX_SHEETS_LOOKED_AT]:
        rows = list(islice(book.records(name), HEADER_SEARCH_RECORDS))
        known = max((sum(is_known_header(cell) for cell in row.cells) for row in rows), default=0)
        score = 1 + known if rows else 0
        if score > best_score:
            best, best_score = name, score
    if not best:
        raise Invalid("file", "The workbook is empty.", code="file_empty")
    return best


def _refuse_other_formats(head: bytes) -> None:
    if not head.strip(b"\xef\xbb\xbf\xff\xfe \t\r\n\0"):
        raise Invalid("file", "The file is empty.", code="file_empty")
    for magic, code, sentence in _MAGIC:
        if head.startswith(magic):
            raise Invalid("file", sentence + (_SAVE_AS if code == "file_is_workbook" else ""), code=code)


def _refuse_markup(text: str) -> None:
    start = text.lstrip("\ufeff \t\r\n")[:200].lower()
    if start.startswith(("<!doctype", "<html", "<?xml", "<table")):
        raise Invalid("file", "This is a web page or XML, not a table of text." + _SAVE_AS, code="file_is_markup")
    if start.startswith(("{", "[{", "[\n")):
        raise Invalid("file", "This is JSON, not a table of text." + _SAVE_AS, code="file_is_markup")
    if start.startswith("{\\rtf"):
        raise Invalid("file", "This is a text document." + _SAVE_AS, code="file_is_binary")


def _sample(text: str, delimiter: str) -> list[Record]:
    rows = []
    for row in records(io.StringIO(text, newline=""), delimiter=delimiter):
        rows.append(row)
        if len(rows) == SAMPLE_RECORDS:
            break
    return rows


def _delimiter(text: str) -> str:
    """The delimiter under which most rows have the same number of cells, more than one."""
    best, best_score = ",", 0.0
    for delimiter in DELIMITERS:
        widths = Counter(len(row.cells) for row in _sample(text, delimiter))
        wide = [(count, width) for width, count in widths.items() if width > 1]
        if not wide:
            continue
        count, width = max(wide)
        score = count / sum(widths.values()) + min(width, 20) / 100
        if score > best_score:
            best, best_score = delimiter, score
    return best


def _header(rows: list[Record], *, wanted: int) -> int:
    """Index of the row with column names: the one with most known names, else the first that is not data."""
    if wanted:
        for index, row in enumerate(rows):
            if row.line == wanted:
                return index
        raise Invalid("header_line", f"Line {wanted} has no row.", code="header_missing")
    sound = [(i, row.cells) for i, row in enumerate(rows[:HEADER_SEARCH_RECORDS]) if not row.problem]
    if not sound:
        raise Invalid("file", "No row with column names was found: every row is damaged.", code="header_missing")
    known = {i: sum(is_known_header(cell) for cell in cells) for i, cells in sound}
    best = max(known, key=lambda i: (known[i], -i))
    width = Counter(len(row.cells) for row in rows).most_common(1)[0][0]
    if known[best] >= min(2, width):
        return best
    for index, cells in sound:
        filled = [cell for cell in cells if cell.strip()]
        if len(filled) >= max(1, width * 0.6) and not any(_VALUE_LIKE.search(cell) for cell in filled):
            if index + 1 < len(rows):
                return index
            break
    raise Invalid(
        "file",
        "No row with column names was found. The first row of the table must name the columns, for "
        "example: name, email, company.",
        code="header_missing",
    )


def _unique(cells: Iterable[str]) -> tuple[str, ...]:
    """Column names, cleaned, none empty, none twice."""
    seen: Counter[str] = Counter()
    names = []
    for number, cell in enumerate(cells, start=1):
        name = " ".join(shown(cell).strip("\ufeff").split())[:100] or f"Column {number}"
        seen[name] += 1
        names.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return tuple(names)


def _one_column(text: str, header: str, delimiter: str) -> str:
    first = (text.splitlines() or [""])[0].strip("\ufeff ")
    counts = Counter(c for c in first if c in ",;\t|:^~#")
    if first.count('"') == 2 and first.startswith('"') and first.endswith('"') and any(d in first for d in DELIMITERS):
        return (
            "Each row stands in quotation marks as a whole, so that it is one cell. Take away the quotation marks at the"
            " beginning and end of the lines, or export the list again."
        )
    if delimiter and any(counts[d] for d in DELIMITERS):
        likely = max(DELIMITERS, key=lambda d: counts[d])
        return f"With {DELIMITERS[delimiter]} there is only one column. The delimiter is probably the {DELIMITERS[likely]}."
    if counts:
        sign, count = counts.most_common(1)[0]
        return (
            f"Only one column was found. The first line holds “{sign}” {count} times: if that separates the cells,"
            " replace it by comma, semicolon, tab or |."
        )
    return f"Only one column was found, named “{header[:40]}”. Cells must be separated by comma, semicolon, tab or |."


def _notes(scan: Scan, encoding: str, header_line: int) -> Iterable[str]:
    if encoding.startswith("utf-8") and not scan.is_utf8:
        yield "broken_bytes"
    if scan.nul_count and not encoding.startswith("utf-16"):
        yield "nul_bytes"
    if header_line > 1:
        yield "preamble"
