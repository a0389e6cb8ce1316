"""Detects a file's encoding, delimiter and the row with its column names.

Pure: no Django, no database. The whole file is read once in blocks, so the answer holds for its last row too.
A file that is no table is `Invalid` with a code and a sentence that says what to do.
"""

from __future__ import annotations

import codecs
import io
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from itertools import islice
from typing import Any, BinaryIO

from charset_normalizer import from_bytes

from leads.imports.columns.mapping import is_known_header
from leads.imports.reading import latin, workbooks
from leads.imports.reading.records import Record, records, shown
from outreach.core.errors import Invalid

BLOCK_BYTES = 1 << 20
SAMPLE_BYTES = 1 << 18
SAMPLE_RECORDS = 60
HEADER_SEARCH_RECORDS = 25
DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "vertical bar"}
CYRILLIC_ENCODINGS = ("cp1251", "koi8-r", "cp866", "mac-cyrillic")
LATIN_ENCODINGS = [latin.WESTERN, latin.CENTRAL, "cp1254", "cp1257"]
COMMON_LETTERS = frozenset("оеаинтсрвл")

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
_WORD = re.compile(r"[А-яЁё]{2,}")
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


@dataclass
class _Scan:
    """What one pass over the bytes reveals."""

    head: bytes = b""
    odd_lines: bytes = b""
    byte_count: int = 0
    line_count: int = 0
    nul_count: int = 0
    is_utf8: bool = True


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
    scan = _scan(stream)
    _refuse_other_formats(scan.head)
    found, has_bom = _encoding(scan, wanted=encoding)
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


def _scan(stream: BinaryIO) -> _Scan:
    scan = _Scan()
    decoder = codecs.getincrementaldecoder("utf-8")()
    stream.seek(0)
    last = b"\n"
    while block := stream.read(BLOCK_BYTES):
        if not scan.byte_count:
            scan.head = block[:4096]
        scan.byte_count += len(block)
        scan.line_count += block.count(b"\n") or block.count(b"\r")
        scan.nul_count += block.count(b"\0")
        last = block[-1:]
        if scan.is_utf8:
            try:
                decoder.decode(block)
            except UnicodeDecodeError:
                scan.is_utf8 = False
        if not block.isascii() and len(scan.odd_lines) < SAMPLE_BYTES:
            lines = (line for line in block.splitlines() if not line.isascii())
            scan.odd_lines += b"\n".join(line[:2000] for _i, line in zip(range(500), lines, strict=False)) + b"\n"
    if scan.is_utf8:
        try:
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            scan.is_utf8 = False
    scan.line_count += last not in b"\r\n"
    return scan


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


def _encoding(scan: _Scan, *, wanted: str) -> tuple[str, bool]:
    """The encoding of the file and whether it starts with a byte order mark."""
    head = scan.head
    if wanted:
        try:
            name = codecs.lookup(wanted).name
        except LookupError as error:
            raise Invalid("encoding", f"Unknown encoding “{wanted}”.", code="encoding_unknown") from error
        has_bom = head.startswith((codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
        return ("utf-8-sig" if name == "utf-8" and has_bom else name), has_bom
    if head.startswith(codecs.BOM_UTF8):
        return "utf-8-sig", True
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16", True
    if scan.nul_count:
        even, odd = head[0::2].count(0), head[1::2].count(0)
        half = max(1, len(head) // 2)
        if odd > 0.4 * half and even < 0.05 * half:
            return "utf-16-le", False
        if even > 0.4 * half and odd < 0.05 * half:
            return "utf-16-be", False
        if head.count(0) > max(3, 0.02 * len(head)) or _control_share(head) > 0.05:
            raise Invalid("file", "This is a binary file, not a table of text.", code="file_is_binary")
    if scan.is_utf8:
        if _control_share(head) > 0.1:
            raise Invalid("file", "This is a binary file, not a table of text.", code="file_is_binary")
        return "utf-8", False
    return _single_byte(scan.odd_lines, head), False


def _control_share(head: bytes) -> float:
    return sum(1 for byte in head if byte < 32 and byte not in b"\t\r\n\f") / max(1, len(head))


def _single_byte(sample: bytes, head: bytes) -> str:
    """The encoding of text that is not UTF-8, or UTF-8 when only a few bytes of it are broken."""
    if _control_share(head) > 0.02:
        raise Invalid("file", "This is a binary file, not a table of text.", code="file_is_binary")
    text = sample.decode("utf-8", "surrogateescape")
    sound = sum(1 for c in text if c > "\x7f" and not "\udc80" <= c <= "\udcff")
    broken = sum(1 for c in text if "\udc80" <= c <= "\udcff")
    if sound > 2 * broken:
        return "utf-8"
    scores = {name: _cyrillic_score(sample, name) for name in CYRILLIC_ENCODINGS}
    best = max(scores, key=lambda name: scores[name])
    if scores[best] > 0.25:
        return best
    match = from_bytes(sample, cp_isolation=LATIN_ENCODINGS).best()
    if match is None or str(match) == sample.decode(latin.WESTERN, "replace"):
        return latin.WESTERN
    return latin.WESTERN if match.encoding == latin.CENTRAL and latin.is_western(sample) else match.encoding


def _cyrillic_score(sample: bytes, name: str) -> float:
    """How much `sample` reads like Russian in the encoding `name`: natural case, and the letters that are common."""
    text = sample.decode(name, "replace")
    high = sum(1 for c in text if c > "\x7f")
    words = _WORD.findall(text)
    letters = "".join(words)
    if not letters or len(letters) < 0.6 * high:
        return 0
    natural = sum(1 for w in words if w[1:].islower() or w.isupper()) / len(words)
    common = sum(1 for c in letters.lower() if c in COMMON_LETTERS) / len(letters)
    return natural * common * min(1, len(letters) / high)


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


def _notes(scan: _Scan, encoding: str, header_line: int) -> Iterable[str]:
    if encoding.startswith("utf-8") and not scan.is_utf8:
        yield "broken_bytes"
    if scan.nul_count and not encoding.startswith("utf-16"):
        yield "nul_bytes"
    if header_line > 1:
        yield "preamble"
