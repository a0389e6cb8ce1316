"""Records out of an Excel workbook (.xlsx), one row at a time, however large or hostile the file is.

Pure: no Django, no database. openpyxl reads the structure; rows are read one by one and forgotten, and the table of
shared texts stands on disk, so that memory does not grow with the file. Sizes are checked before anything is
unpacked; what is no workbook, encrypted or damaged is `Invalid` with a sentence.

python-calamine 0.9 gives no number formats (4 of the 16 cells of our table lose zeros or signs: "01067"), does not tell a
formula without a result from an empty cell, and holds a sheet in memory, so the reader stays ours.
"""

from __future__ import annotations

import re
import tempfile
import zipfile
import zlib
from array import array
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import IO, Any, BinaryIO
from xml.etree.ElementTree import iterparse

from leads.imports.reading.cell_formats import text_of
from leads.imports.reading.records import MAX_CELL_CHARACTERS, Record
from outreach.core.errors import Invalid

ZIP_MAGIC = b"PK\x03\x04"
OLE_MAGIC = b"\xd0\xcf\x11\xe0"
MAX_UNPACKED_BYTES = 4 << 30
MAX_RATIO = 300
"""Sheets of a million equal rows pack to a hundredth; a bomb packs to a thousandth."""
RATIO_MATTERS_BYTES = 64 << 20
MAX_PART_BYTES = 32 << 20
"""Of the parts that are read whole: styles, theme, lists of sheets."""
MAX_ROW_BYTES = 32 << 20
MEMORY_STRINGS_BYTES = 8 << 20
MAX_MERGES = 100_000
MAX_SHEETS_LOOKED_AT = 30
_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_STRICT = b"http://purl.oclc.org/ooxml/spreadsheetml/main"
_MERGE = re.compile(rb'<(?:\w+:)?mergeCell\s+ref="([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})"')
_SAVE_AS = " Save it as an Excel workbook (.xlsx) or as CSV and send that."


def _invalid(code: str, reason: str) -> Invalid:
    return Invalid("file", reason, code=code)


def is_workbook(head: bytes) -> bool:
    """Whether a file that starts so is a ZIP or OLE container: a workbook, or something to be refused as one."""
    return head.startswith((ZIP_MAGIC, OLE_MAGIC))


class _Strings(Sequence[str]):
    """The shared texts of a workbook by number; beyond a few MiB they are kept in a temporary file."""

    def __init__(self, source: IO[bytes]) -> None:
        self._file = tempfile.SpooledTemporaryFile(max_size=MEMORY_STRINGS_BYTES)  # noqa: SIM115
        self._ends = array("Q", [0])
        guarded = _Guarded(source)
        root = None
        for event, element in iterparse(guarded, events=("start", "end")):  # noqa: S314  (no entities, see _Guarded)
            if event == "start":
                root = element if root is None else root
            elif element.tag == f"{_MAIN}si":
                text = "".join(t.text or "" for t in _texts(element))[: MAX_CELL_CHARACTERS + 1]
                self._ends.append(self._ends[-1] + self._file.write(text.encode("utf-8", "surrogatepass")))
                guarded.size = 0
                if root is not None:
                    root.clear()
        self._get = lru_cache(maxsize=5_000)(self._read)

    def _read(self, number: int) -> str:
        self._file.seek(self._ends[number])
        return self._file.read(self._ends[number + 1] - self._ends[number]).decode("utf-8", "surrogatepass")

    def __getitem__(self, number: Any) -> Any:
        return self._get(number)

    def __len__(self) -> int:
        return len(self._ends) - 1

    def close(self) -> None:
        self._file.close()


def _texts(item: Any) -> Iterator[Any]:
    """The text elements of a shared or inline text, without the phonetic ones."""
    for child in item:
        if child.tag == f"{_MAIN}t":
            yield child
        elif child.tag == f"{_MAIN}r":
            yield from (t for t in child if t.tag == f"{_MAIN}t")


class _Guarded:
    """A stream that refuses to give more than `MAX_ROW_BYTES` before `size` is set back."""

    def __init__(self, source: IO[bytes]) -> None:
        self.source = source
        self.size = 0

    def read(self, count: int = -1) -> bytes:
        block = self.source.read(count if 0 < count < 1 << 16 else 1 << 16)
        if b"<!DOCTYPE" in block[:4096]:
            raise _invalid("file_is_bomb", "The workbook defines entities: no spreadsheet program writes such files.")
        self.size += len(block)
        if self.size > MAX_ROW_BYTES:
            raise _invalid("file_is_bomb", "A single row of the workbook is larger than any sheet could be.")
        return block


class Workbook:
    """An open workbook: its sheets, and the records of one. Use `opened`."""

    def __init__(self, stream: BinaryIO) -> None:
        from openpyxl.reader.excel import ExcelReader
        from openpyxl.xml.constants import SHARED_STRINGS

        self.strings: Any = []
        self.formulas_without_results = 0
        """Counted in the rows that were read; such cells are empty."""
        self.merged: dict[str, list[tuple[int, int, int]]] = {}

        class Reader(ExcelReader):
            def read_strings(reader: Any) -> None:  # noqa: N805
                part = reader.package.find(SHARED_STRINGS)
                if part is not None:
                    with reader.archive.open(part.PartName[1:]) as source:
                        self.strings = reader.shared_strings = _Strings(source)

            def read_properties(reader) -> None:  # noqa: N805
                """They need no request."""

            read_custom = read_theme = read_properties

        reader = Reader(stream, read_only=True, data_only=True, keep_links=False)
        reader.read()
        self.book = reader.wb
        self.sheets = [sheet for sheet in self.book.worksheets if sheet.sheet_state == "visible"] or list(
            self.book.worksheets
        )

    @property
    def sheet_names(self) -> list[str]:
        return [sheet.title for sheet in self.sheets]

    def row_count(self, sheet: str) -> int:
        """How many rows the sheet says that it has; 0 when it does not say."""
        return int(self._sheet(sheet).max_row or 0)

    def _note_formula(self) -> None:
        self.formulas_without_results += 1

    def close(self) -> None:
        self.book.close()
        if isinstance(self.strings, _Strings):
            self.strings.close()

    def _sheet(self, name: str) -> Any:
        for sheet in self.sheets:
            if sheet.title == name:
                return sheet
        names = ", ".join(self.sheet_names)
        raise Invalid("sheet", f"The workbook has no sheet “{name}”. Its sheets are: {names}.", code="sheet_unknown")

    def records(self, sheet: str, *, width: int = 0, first_line: int = 1) -> Iterator[Record]:
        """The rows of `sheet` from line `first_line` on, as `reading.records` gives them. Rows merged downwards
        hold the text of the first one in each of them."""
        source = self._sheet(sheet)
        if sheet not in self.merged:
            self.merged[sheet] = _merges(source)
        merges = self.merged[sheet]
        active: dict[int, tuple[int, str]] = {}
        starting = 0
        for line, cells in self._rows(source, width):
            for column, (last, text) in list(active.items()):
                if line > last:
                    del active[column]
                elif column < len(cells) and not cells[column]:
                    cells[column] = text
            while starting < len(merges) and merges[starting][0] <= line:
                first, last, column = merges[starting]
                starting += 1
                if first == line and column < len(cells):
                    active[column] = (last, cells[column])
            if line >= first_line and any(cell.strip() for cell in cells):
                yield _checked(line, cells, width)

    def _rows(self, sheet: Any, width: int) -> Iterator[tuple[int, list[str]]]:
        from openpyxl.styles.numbers import BUILTIN_FORMATS, BUILTIN_FORMATS_MAX_SIZE

        book: Any = self.book

        @lru_cache(maxsize=2_000)
        def format_of(style: int) -> str:
            number = book._cell_styles[style].numFmtId
            if number < BUILTIN_FORMATS_MAX_SIZE:
                return str(BUILTIN_FORMATS.get(number, "General"))
            return str(book._number_formats[number - BUILTIN_FORMATS_MAX_SIZE])

        with sheet._get_source() as source:
            guarded = _Guarded(source)
            parser = _parser(guarded, sheet._shared_strings, book, self._note_formula)
            data: Any = None
            for event, element in iterparse(guarded, events=("start", "end")):  # noqa: S314  (no entities, see _Guarded)
                if event == "start":
                    if data is None and element.tag == f"{_MAIN}sheetData":
                        data = element
                    continue
                if element.tag != f"{_MAIN}row" or data is None:
                    continue
                line, found = parser.parse_row(element)
                data.clear()
                guarded.size = 0
                cells = [""] * max(width, found[-1]["column"] if found else 0)
                for cell in found:
                    value = cell["value"]
                    if value is not None:
                        text = value if type(value) is str else text_of(value, format_of(cell["style_id"]))
                        cells[cell["column"] - 1] = text
                yield line, cells


def _parser(source: Any, strings: Any, book: Any, note_formula: Callable[[], None]) -> Any:
    from openpyxl.worksheet._reader import WorkSheetParser

    class Parser(WorkSheetParser):
        def parse_cell(self, element: Any) -> dict[str, Any]:
            """Formulas by the result that the file holds; one without a result is empty, and counted."""
            cell: dict[str, Any] = super().parse_cell(element)
            if cell["column"] > 16_384:
                raise _invalid("workbook_damaged", "The workbook holds more columns than a sheet can have.")
            if cell["value"] is None:
                formula = element.find(f"{_MAIN}f")
                if formula is not None and element.get("t") != "str":
                    note_formula()
            return cell

    return Parser(
        source,
        strings,
        data_only=True,
        epoch=book.epoch,
        date_formats=book._date_formats,
        timedelta_formats=book._timedelta_formats,
    )


def _checked(line: int, cells: list[str], width: int) -> Record:
    problem = ""
    if any(len(cell) > MAX_CELL_CHARACTERS for cell in cells):
        return Record(line, [cell[:200] for cell in cells], "cell_too_long")
    if any("\0" in cell or "_x0000_" in cell for cell in cells):
        problem = "nul_byte"
    elif width and len(cells) > width:
        if any(cell.strip() for cell in cells[width:]):
            problem = "too_many_cells"
        else:
            del cells[width:]
    return Record(line, cells, problem)


def _merges(sheet: Any) -> list[tuple[int, int, int]]:
    """(first row, last row, column index) of the ranges that are merged over several rows, in order."""
    found: list[tuple[int, int, int]] = []
    with sheet._get_source() as source:
        rest = b""
        while block := source.read(1 << 20):
            text = rest + block
            end = 0
            for match in _MERGE.finditer(text):
                end = match.end()
                first, last = int(match[2]), int(match[4])
                if last > first and len(found) < MAX_MERGES:
                    column = 0
                    for letter in match[1]:
                        column = column * 26 + letter - 64
                    found.append((first, last, column - 1))
            rest = text[max(end, len(text) - 200) :]
    return sorted(found)


@contextmanager
def opened(stream: BinaryIO) -> Iterator[Workbook]:
    """The workbook in `stream`. Raises `Invalid`: `file_is_encrypted`, `file_is_workbook` (an old .xls),
    `file_is_binary`, `file_is_bomb`, `workbook_damaged`."""
    stream.seek(0)
    _refuse_ole(stream)
    _check_archive(stream)
    stream.seek(0)
    with _damage_explained():
        book = Workbook(stream)
    try:
        with _damage_explained():
            yield book
    finally:
        book.close()


@contextmanager
def _damage_explained() -> Iterator[None]:
    try:
        yield
    except Invalid:
        raise
    except (
        zipfile.BadZipFile, SyntaxError, ValueError, KeyError, IndexError, TypeError, AttributeError, OSError, EOFError,
        NotImplementedError, RuntimeError, zlib.error,
    ) as error:  # fmt: skip
        if isinstance(error, RuntimeError) and "encrypted" in str(error):
            raise _encrypted() from error
        if type(error) is OSError and error.errno is not None:
            raise
        raise _invalid(
            "workbook_damaged", f"The workbook is damaged and cannot be read ({type(error).__name__})."
        ) from error


def _encrypted() -> Invalid:
    return _invalid("file_is_encrypted", "The workbook is protected by a password: save it without one and send that.")


def _refuse_ole(stream: BinaryIO) -> None:
    head = stream.read(1 << 20)
    if not head.startswith(OLE_MAGIC):
        return
    stream.seek(0, 2)
    stream.seek(max(0, stream.tell() - (1 << 20)))
    if "EncryptedPackage".encode("utf-16-le") in head + stream.read():
        raise _encrypted()
    raise _invalid("file_is_workbook", "This is an old Excel workbook (.xls), whatever its name says." + _SAVE_AS)


def _check_archive(stream: BinaryIO) -> None:
    stream.seek(0)
    try:
        archive = zipfile.ZipFile(stream)
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as error:
        raise _invalid("workbook_damaged", "The workbook is damaged: it was not copied or downloaded whole.") from error
    parts = archive.infolist()
    names = {part.filename for part in parts}
    if "mimetype" in names and "content.xml" in names:
        raise _invalid("file_is_workbook", "This is an OpenDocument file." + _SAVE_AS)
    if not any(name.startswith("xl/") for name in names) or "[Content_Types].xml" not in names:
        raise _invalid("file_is_binary", "This is a ZIP file, not a workbook: unpack it first.")
    if any(name.endswith("workbook.bin") for name in names):
        raise _invalid("file_is_workbook", "This is a binary workbook (.xlsb)." + _SAVE_AS)
    if any(part.flag_bits & 1 for part in parts):
        raise _encrypted()
    total = sum(part.file_size for part in parts)
    packed = max(1, sum(part.compress_size for part in parts))
    if (
        total > MAX_UNPACKED_BYTES
        or (total > RATIO_MATTERS_BYTES and total / packed > MAX_RATIO)
        or len(parts) > 20_000
    ):
        raise _invalid(
            "file_is_bomb", f"The workbook would unpack to {total >> 20:,} MiB: that is no list of contacts."
        )
    for part in parts:
        is_streamed = part.filename.startswith("xl/worksheets/") or part.filename.endswith("sharedStrings.xml")
        is_read = part.filename.endswith((".xml", ".rels")) and not is_streamed
        if is_read and part.file_size > MAX_PART_BYTES and not part.filename.startswith(("xl/pivot", "customXml")):
            raise _invalid("file_is_bomb", f"The workbook's part {part.filename} is too large.")
    try:
        if _STRICT in archive.read("xl/workbook.xml"):
            raise _invalid("file_is_workbook", "This is a “Strict Open XML” workbook." + _SAVE_AS)
    except KeyError:
        return
    except (zipfile.BadZipFile, OSError, EOFError, NotImplementedError, zlib.error) as error:
        raise _invalid("workbook_damaged", "The workbook is damaged: it was not copied or downloaded whole.") from error
