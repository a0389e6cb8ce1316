import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leads.imports.reading.detection import detect
from leads.imports.reading.records import open_text, records
from outreach.core.errors import Invalid

RUSSIAN = "ФИО;Почта;Компания\nИванов Иван;ivan@firma.example;Ромашка\nПетрова Анна;anna@firma.example;Лютик\n"
ENGLISH = "Name,E-mail,Company\nAnna Müller,anna@firm.example,Firm\nBob Größe,bob@firm.example,Firm\n"


def look(data, **options):
    return detect(io.BytesIO(data), **options)


def read(data, **options):
    found = look(data, **options)
    text = open_text(io.BytesIO(data), encoding=found.encoding)
    return [
        (r.line, r.cells, r.problem)
        for r in records(text, delimiter=found.delimiter, width=len(found.columns), first_line=found.header_line + 1)
    ]


@pytest.mark.parametrize(
    ("encoding", "text", "expected"),
    [
        ("utf-8", RUSSIAN, "utf-8"),
        ("utf-8-sig", RUSSIAN, "utf-8-sig"),
        ("utf-16", RUSSIAN, "utf-16"),
        ("utf-16-le", ENGLISH, "utf-16-le"),
        ("utf-16-be", ENGLISH, "utf-16-be"),
        ("cp1251", RUSSIAN, "cp1251"),
        ("cp1251", RUSSIAN.upper(), "cp1251"),
        ("koi8-r", RUSSIAN, "koi8-r"),
        ("cp866", RUSSIAN, "cp866"),
        ("cp1252", ENGLISH, "cp1252"),
        ("cp1252", "Name;Ort\nInês Lee;Køge\nAna Núñez;Málaga\nSøren Å;Århus\n", "cp1252"),
        ("cp1250", "Name;Ort\nŁukasz Żak;Łódź\nGrażyna Wiśniewska;Kraków\nPaweł Ćwik;Gdańsk\n", "cp1250"),
        ("ascii", "name,email\nAnna,a@x.example\n", "utf-8"),
    ],
)
def test_the_encoding_is_found(encoding, text, expected):
    found = look(text.encode(encoding))
    assert found.encoding == expected
    assert found.columns == tuple(text.splitlines()[0].split(";" if ";" in text else ","))
    assert found.samples[0][0] == text.splitlines()[1].split(found.delimiter)[0]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_delimiter_and_line_ends_are_found(delimiter, newline):
    text = newline.join(
        delimiter.join(row)
        for row in [["Name", "Email", "City"], ["Anna", "a@x.example", "Köln"], ["Bo", "b@x.example", ""]]
    )
    found = look(text.encode())
    assert (found.delimiter, found.columns) == (delimiter, ("Name", "Email", "City"))
    assert [row[1][1] for row in read(text.encode())] == ["a@x.example", "b@x.example"]


def test_lines_above_the_header_are_passed_over():
    text = "Export of contacts\nMade on 2026-01-02, by Anna\n\nName,Email,City\nAnna,a@x.example,Bonn\n"
    found = look(text.encode())
    assert (found.header_line, found.columns) == (4, ("Name", "Email", "City"))
    assert read(text.encode()) == [(5, ["Anna", "a@x.example", "Bonn"], "")]


def test_an_unknown_header_is_taken_when_it_is_no_data():
    assert look(b"Foo,Bar\nAnna,a@x.example\n").columns == ("Foo", "Bar")


def test_column_names_are_made_unique():
    assert look(b"Email,Email,,Name\na@x.example,b@x.example,1,A\n").columns == (
        "Email",
        "Email (2)",
        "Column 3",
        "Name",
    )


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "file_empty"),
        (b"\xef\xbb\xbf \r\n\n", "file_empty"),
        (b"PK\x03\x04" + bytes(200), "workbook_damaged"),
        (b"\xd0\xcf\x11\xe0" + bytes(200), "file_is_workbook"),
        (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", "file_is_binary"),
        (b"\x89PNG\r\n\x1a\n" + bytes(100), "file_is_binary"),
        (bytes(range(256)) * 20, "file_is_binary"),
        (b"<!DOCTYPE html><html><body>a,b</body></html>", "file_is_markup"),
        (b'{"name": "Anna", "email": "a@x.example"}', "file_is_markup"),
        (b"Anna,a@x.example,+4912345\nBob,b@x.example,+4912345\n", "header_missing"),
        (b"1,2\n3,4\n", "header_missing"),
        (b"just a line of text\nand another one\n", "one_column"),
        (b"name:email:city\nAnna:a@x.example:Bonn\n", "one_column"),
    ],
)
def test_what_is_no_table_is_said_plainly(data, code):
    with pytest.raises(Invalid) as caught:
        look(data)
    assert caught.value.code == code
    assert caught.value.reason


def test_one_column_hints_at_the_delimiter():
    with pytest.raises(Invalid, match="“:” 2 times"):
        look(b"name:email:city\nAnna:a@x.example:Bonn\n")
    with pytest.raises(Invalid, match="probably the semicolon"):
        look(b"foo;bar;city\nAnna;a@x.example;Bonn\n", delimiter=",")


def test_a_list_of_addresses_alone_is_a_table():
    assert look(b"Email\na@x.example\nb@x.example\n").columns == ("Email",)


def test_a_few_broken_bytes_reject_their_rows_only():
    data = (
        RUSSIAN.encode()
        + "Соколов;s@x.example;Роза\n".encode()[:5]
        + b"\xff\xfe;x@x.example;\n"
        + "Яковлев;y@x.example;Рог\n".encode()
    )
    found = look(data)
    assert (found.encoding, found.has_broken_bytes) == ("utf-8", True)
    assert [problem for _line, _cells, problem in read(data)] == ["", "", "encoding_broken", ""]


def test_nul_bytes_reject_their_row():
    data = b"name,email\nAn\0na,a@x.example\nBob,b@x.example\n"
    assert [problem for _line, _cells, problem in read(data)] == ["nul_byte", ""]


def test_a_quote_that_is_never_closed_costs_one_row():
    data = b'name,email,city\n"Anna,a@x.example,Bonn\nBob,b@x.example,Ulm\nCarl,c@x.example,Kiel\n'
    assert [(line, problem) for line, _cells, problem in read(data)] == [(2, "quote_unclosed"), (3, ""), (4, "")]


def test_two_unclosed_quotes_do_not_swallow_the_rows_between():
    data = (
        b'name,email,city\n"Anna,a@x.example,Bonn\nBob,b@x.example,Ulm\n"Carl,c@x.example,Kiel\nDora,d@x.example,Rom\n'
    )
    rows = read(data)
    assert [cells[0] for _line, cells, problem in rows if not problem] == ["Bob", "Dora"]
    assert sum(1 for row in rows if row[2]) == 2


def test_quoted_line_breaks_and_stray_quotes_are_kept():
    data = b'name,email,note\nAnna,a@x.example,"one\ntwo"\nBob,b@x.example,5" disk\n'
    assert [(line, cells[2]) for line, cells, _problem in read(data)] == [(2, "one\ntwo"), (4, '5" disk')]


def test_cells_too_many_are_a_problem_and_too_few_are_filled():
    data = b"name,email,city\nAnna,a@x.example\nBob,b@x.example,Ulm,extra\nCarl,c@x.example,Kiel,,\n"
    rows = read(data)
    assert rows[0][1] == ["Anna", "a@x.example", ""]
    assert [problem for _line, _cells, problem in rows] == ["", "too_many_cells", ""]


@pytest.mark.parametrize("quote", [b"", b'"'])
def test_a_cell_of_ten_megabytes_is_one_problem(quote):
    data = b"name,email\nA,a@x.example\n" + quote + b"x" * 10_000_000 + quote + b",b@x.example\nC,c@x.example\n"
    rows = read(data)
    assert [(line, problem) for line, _cells, problem in rows] == [(2, ""), (3, "cell_too_long"), (4, "")]


@given(st.binary(max_size=2000))
@settings(max_examples=300, deadline=None)
def test_any_bytes_are_a_table_or_a_clear_refusal(data):
    try:
        found = look(data)
    except Invalid:
        return
    assert found.columns
    read(data)


@given(
    st.lists(
        st.lists(
            st.text(
                st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\u2028\u2029\x85\ufeff"), max_size=12
            ),
            min_size=3,
            max_size=3,
        ).filter(lambda r: any(c.strip() for c in r)),
        min_size=1,
        max_size=20,
    ),
    st.sampled_from([",", ";", "\t", "|"]),
)
@settings(max_examples=150, deadline=None)
def test_what_was_written_properly_is_read_back(rows, delimiter):
    import csv

    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter=delimiter, quoting=csv.QUOTE_ALL)
    writer.writerow(["Name", "Email", "City"])
    writer.writerows(rows)
    data = buffer.getvalue().encode()
    got = read(data, delimiter=delimiter, encoding="utf-8")
    assert [cells for _line, cells, problem in got if not problem] == [r for r in rows if "\ufffd" not in "".join(r)]


def test_rows_that_stand_in_quotation_marks_as_a_whole_are_named():
    with pytest.raises(Invalid, match="quotation marks as a whole"):
        detect(io.BytesIO(b'"Email,Name"\n"a@q.example,Ann"\n'))
