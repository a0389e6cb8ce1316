import io
import tracemalloc
import zipfile
from datetime import date, datetime

import pytest
from openpyxl import Workbook

from leads.imports.models import RejectedRow
from leads.imports.reading import workbooks
from leads.imports.reading.cell_formats import text_of
from leads.imports.reading.detection import detect
from leads.models import Company, Lead
from outreach.core.errors import Invalid
from tests.leads.factories import run_import, upload
from tests.leads.imports.reading.workbook_files import repacked, workbook

HEADER = ["Name", "E-mail", "Company"]


def look(data, **options):
    return detect(io.BytesIO(data), **options)


def rows_of(data, **options):
    found = look(data, **options)
    with workbooks.opened(io.BytesIO(data)) as book:
        return list(book.records(found.sheet, width=len(found.columns), first_line=found.header_line + 1))


def test_a_workbook_is_recognised_whatever_its_name_says():
    found = look(workbook(HEADER, ["Anna", "anna@firm.example", "Firm"]))
    assert (found.sheet, found.columns, found.header_line) == ("List", ("Name", "E-mail", "Company"), 1)
    assert found.samples == (("Anna", "anna@firm.example", "Firm"),)


def test_lines_above_the_header_are_passed_over():
    found = look(workbook(["Export of 5 March"], [], HEADER, ["Anna", "anna@firm.example", "Firm"]))
    assert (found.header_line, found.notes) == (3, ("preamble",))


def test_the_sheet_with_known_columns_is_chosen_and_another_can_be():
    def more(book: Workbook) -> None:
        sheet = book.create_sheet("People")
        sheet.append(HEADER)
        sheet.append(["Anna", "anna@firm.example", "Firm"])
        book.create_sheet("Secret").sheet_state = "hidden"

    data = workbook(["Read me", "please"], ["first", "second"], change=more)
    found = look(data)
    assert (found.sheet, found.sheets) == ("People", ("List", "People"))
    assert look(data, sheet="List").sheet == "List"
    with pytest.raises(Invalid) as caught:
        look(data, sheet="Nothing")
    assert caught.value.code == "sheet_unknown"


@pytest.mark.parametrize(
    ("value", "number_format", "text"),
    [
        (7707083893, "General", "7707083893"),
        (7707083893.0, "0.00E+00", "7707083893"),
        (42, "0000000000", "0000000042"),
        (1067, "00000", "01067"),
        (12125550101, '"+"0" ("000") "000"-"0000', "+1 (212) 555-0101"),
        (0.125, "0.0%", "12.5%"),
        (1200, "#,##0", "1200"),
        (1234.5, "0", "1234.5"),
        (1e-7, "General", "0.0000001"),
        (1.5e20, "General", "1.5E+20"),
        (True, "General", "TRUE"),
        (datetime(2024, 3, 5), "dd.mm.yyyy", "2024-03-05"),
        (datetime(2024, 3, 5, 14, 30), "m/d/yy h:mm", "2024-03-05 14:30:00"),
        (date(2024, 3, 5), "General", "2024-03-05"),
        (float("nan"), "General", ""),
        (None, "General", ""),
    ],
)
def test_a_cell_reads_as_the_sheet_shows_it_with_all_its_digits(value, number_format, text):
    assert text_of(value, number_format) == text


def test_number_formats_and_dates_of_real_cells_are_honoured():
    def form(book: Workbook) -> None:
        book.active["D2"].number_format = "0000000000"
        book.active["E2"].number_format = "dd.mm.yyyy"

    data = workbook(
        [*HEADER, "INN", "Since"], ["Anna", "a@x.example", "Firm", 77012345, datetime(2020, 1, 2)], change=form
    )
    assert rows_of(data)[0].cells == ["Anna", "a@x.example", "Firm", "0077012345", "2020-01-02"]


def test_cells_merged_downwards_count_for_each_row():
    def merge(book: Workbook) -> None:
        book.active.merge_cells("C2:C3")

    data = workbook(
        HEADER,
        ["Anna", "a@x.example", "Firm"],
        ["Bob", "b@x.example", None],
        ["Eve", "e@x.example", None],
        change=merge,
    )
    assert [row.cells[2] for row in rows_of(data)] == ["Firm", "Firm", ""]


def test_a_formula_counts_by_its_result_and_is_never_read_as_text():
    data = workbook(HEADER, ["=A1&B1", "a@x.example", "Firm"])
    assert rows_of(data)[0].cells[0] == ""
    assert look(data).notes == ("formulas_without_results",)

    def give_result(name: str, content: bytes) -> bytes:
        return content.replace(b"<f>A1&amp;B1</f><v></v>", b"<f>A1&amp;B1</f><v>5</v>").replace(
            b"<f>A1&amp;B1</f><v />", b"<f>A1&amp;B1</f><v>5</v>"
        )

    assert rows_of(repacked(data, change=give_result))[0].cells[0] == "5"


def test_ragged_rows_are_filled_up_or_reported():
    rows = rows_of(workbook(HEADER, ["Anna"], ["Bob", "b@x.example", "Firm", None, "too much"], [None, None, None]))
    assert [(row.line, row.problem) for row in rows] == [(2, ""), (3, "too_many_cells")]
    assert rows[0].cells == ["Anna", "", ""]


def test_the_same_column_name_twice_is_told_apart():
    assert look(workbook(["Name", "Email", "Email"], ["Anna", "a@x.example", "b@x.example"])).columns == (
        "Name",
        "Email",
        "Email (2)",
    )


def ole(*streams: str) -> bytes:
    return (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
        + bytes(500)
        + b"".join(name.encode("utf-16-le") for name in streams)
        + bytes(500)
    )


def zip_of(**parts: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()


def bomb() -> bytes:
    def swell(name: str, content: bytes) -> bytes:
        return b" " * (200 << 20) if name == "xl/worksheets/sheet1.xml" else content

    return repacked(workbook(HEADER), change=swell)


def entities(name: str, content: bytes) -> bytes:
    if name != "xl/worksheets/sheet1.xml":
        return content
    return b'<!DOCTYPE a [<!ENTITY b "' + b"x" * 1000 + b'">]>' + content


GOOD = workbook(HEADER, ["Anna", "a@x.example", "Firm"])


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (ole("EncryptedPackage"), "file_is_encrypted"),
        (ole("Workbook"), "file_is_workbook"),
        (zip_of(**{"word/document.xml": b"<x/>"}), "file_is_binary"),
        (zip_of(**{"mimetype": b"application/vnd.oasis", "content.xml": b"<x/>"}), "file_is_workbook"),
        (zip_of(**{"[Content_Types].xml": b"<x/>", "xl/workbook.bin": b"x"}), "file_is_workbook"),
        (zip_of(**{"[Content_Types].xml": b"<x/>", "xl/workbook.xml": b"not xml"}), "workbook_damaged"),
        (GOOD[: len(GOOD) // 2], "workbook_damaged"),
        (repacked(GOOD, change=lambda name, content: content[: len(content) // 2]), "workbook_damaged"),
        (repacked(GOOD, change=entities), "file_is_bomb"),
        (bomb(), "file_is_bomb"),
        (workbook(), "file_empty"),
        (workbook(["just a sentence"], ["and another"]), "one_column"),
    ],
    ids=[
        "encrypted",
        "xls",
        "docx",
        "ods",
        "xlsb",
        "no-xml",
        "cut",
        "parts-cut",
        "entities",
        "bomb",
        "empty",
        "no-table",
    ],
)
def test_what_is_no_good_workbook_is_said_plainly(data, code):
    with pytest.raises(Invalid) as caught:
        look(data)
    assert (caught.value.code, len(caught.value.reason) > 10) == (code, True)


def test_memory_stays_flat_with_the_rows():
    def peak(count: int) -> float:
        book = Workbook(write_only=True)
        sheet = book.create_sheet("L")
        sheet.append(HEADER)
        for number in range(count):
            sheet.append([f"Person {number}", f"p{number}@firm.example", f"A rather long name of firm {number}" * 8])
        file = io.BytesIO()
        book.save(file)
        tracemalloc.start()
        with workbooks.opened(file) as opened:
            rows = sum(1 for _row in opened.records("L", width=3, first_line=2))
        used = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert rows == count
        return used / 2**20

    small, large = peak(1_000), peak(8_000)
    assert large < small + 8


@pytest.mark.django_db
def test_people_and_companies_come_in_from_a_workbook_named_csv():
    batch = run_import(workbook([*HEADER, "INN"], ["Anna Schmidt", "anna@firm.example", "ООО «Вега»", 7707083893]))
    assert (batch.counts["created"], batch.counts["companies_created"]) == (1, 1)
    assert (Lead.objects.get().full_name, Company.objects.get().tax_id) == ("Anna Schmidt", "7707083893")
    again = run_import(workbook([*HEADER, "INN"], ["Anna Schmidt", "anna@firm.example", "ООО «Вега»", 7707083893]))
    assert (again.counts["unchanged"], again.counts["updated"], again.counts["companies_updated"]) == (1, 0, 0)


@pytest.mark.django_db
def test_the_sheet_can_be_changed_before_the_import():
    from leads.imports import services

    def more(book: Workbook) -> None:
        book.create_sheet("Other").append(["Email", "Phone"])
        book["Other"].append(["b@x.example", "+12125550101"])

    batch = upload(workbook(HEADER, ["Anna", "a@x.example", "Firm"], change=more))
    services.set_mapping(batch=batch, options={"sheet": "Other"})
    assert batch.mapping == {"Email": "email", "Phone": "phone"}


@pytest.mark.django_db
def test_a_damaged_row_is_listed_and_the_others_come_in():
    batch = run_import(workbook(HEADER, ["Anna", "a@x.example", "Firm"], ["Bob", "b@x.example", "Firm", "extra"]))
    assert (batch.counts["created"], batch.counts["rejected_by_code"]) == (1, {"too_many_cells": 1})
    assert RejectedRow.objects.get(is_warning=False).row_number == 3
