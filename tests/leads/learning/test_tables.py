"""A history as a table: typed columns, one outcome, and clear words about what cannot be used."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest

from leads.learning import tables
from outreach.core.errors import Invalid
from tests.leads.learning import histories

ROWS = 200


def read(data: bytes, **options: Any) -> tables.Table:
    return tables.read(io.BytesIO(data), **{"target": "won", **options})


def table(**columns: Any) -> bytes:
    outcome = columns.pop("won", ["yes", "no"] * (ROWS // 2))
    count = len(outcome)
    filled = {"size": [str(i % 37) for i in range(count)], **columns, "won": outcome}
    return histories.written({name: [c[i % len(c)] for i in range(count)] for name, c in filled.items()})


def kinds(data: bytes, **options: Any) -> dict[str, str]:
    return {column.name: column.kind for column in read(data, **options).columns}


@pytest.mark.parametrize(
    ("cells", "kind"),
    [
        (["1", "2.5", "", "n/a"], "number"),
        (["1,200", "€ 15 000", "12 %", "-3"], "number"),
        (["2026-01-05", "2026-02-07 10:00", ""], "date"),
        (["05.01.2026", "31.12.2025"], "date"),
        (["01/31/2026", "12/02/2025"], "date"),
        (["2026-01-31", "12/02/2025"], "date"),
        (["red", "blue", ""], "category"),
        (["x", ""], "category"),
    ],
)
def test_a_columns_kind_is_read_from_its_cells(cells, kind):
    assert kinds(table(column=cells))["column"] == kind


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        ([""], "empty"),
        (["same"], "the same in every row"),
        ([f"id-{i}" for i in range(ROWS)], "different in every row"),
        ([str(1000 + i) for i in range(ROWS)], "identifies each row"),
    ],
)
def test_a_column_that_says_nothing_is_left_out_with_its_reason(cells, reason):
    assert ("column", reason) in read(table(column=cells)).left_out


def test_amounts_that_never_repeat_stay():
    amounts = [f"{i * 137.31:.2f}" for i in range(ROWS)]
    assert kinds(table(column=amounts))["column"] == "number"


def test_a_million_categories_become_the_common_ones_and_others():
    cells = [f"city {i % 3}" if i % 2 else f"village {i}" for i in range(ROWS)]
    column = next(c for c in read(table(column=cells)).columns if c.name == "column")
    assert column.categories == ("city 1", "city 0", "city 2", "other") or set(column.categories) == {
        "city 0", "city 1", "city 2", "other",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("values", "positive"), [(("1", "0"), "1"), (("Yes", "No"), "Yes"), (("won", "lost"), "won"), (("да", "нет"), "да")]
)
def test_success_is_recognised_in_either_order(values, positive):
    for cells in (values, values[::-1]):
        assert read(table(won=list(cells) * 100)).positive == positive


def test_of_two_unknown_words_the_rarer_is_success():
    assert read(table(won=["kept", "kept", "kept", "left"] * 50)).positive == "left"


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (table(won=["yes"] * ROWS), "one_class"),
        (table(won=["yes", "no", "maybe"] * 80), "not_two_classes"),
        (table(won=[str(i) for i in range(ROWS)]), "not_two_classes"),
        (table(won=["yes", "no"] * 20), "too_few"),
        (table(won=["yes"] * 5 + ["no"] * 195), "too_few"),
    ],
)
def test_an_outcome_that_cannot_be_told_apart_is_explained(data, code):
    with pytest.raises(Invalid) as refused:
        read(data)
    assert refused.value.code == code


@pytest.mark.parametrize("options", [{"target": "sold"}, {"time": "when"}, {"exclude": ["colour"]}])
def test_an_unknown_column_is_named_with_those_that_exist(options):
    with pytest.raises(Invalid, match="The columns are: size, won"):
        read(table(), **options)


def test_a_column_of_times_must_hold_dates():
    with pytest.raises(Invalid) as refused:
        read(table(when=["soon", "later"]), time="when")
    assert refused.value.code == "not_dates"


def test_rows_without_an_outcome_are_counted_and_left_out():
    found = read(table(won=(["yes", "no", ""] * 70)))
    assert len(found.outcome) == 140
    assert "70 rows have no outcome" in found.warnings[0]


def test_of_a_very_long_file_rows_are_drawn(monkeypatch):
    monkeypatch.setattr(tables, "MOST_ROWS", 150)
    found = read(table(won=["yes", "no"] * 300))
    assert (len(found.outcome), found.row_count) == (150, 600)
    assert "150 of 600 rows" in found.warnings[0]


def test_a_workbook_is_refused():
    from tests.leads.imports.reading.workbook_files import workbook

    with pytest.raises(Invalid) as refused:
        read(workbook(["size", "won"], ["1", "yes"]))
    assert refused.value.code == "file_is_workbook"


def test_missing_cells_stay_missing():
    column = next(c for c in read(table(column=["1", "", "null", "4"])).columns if c.name == "column")
    assert np.isnan(column.values[:4]).tolist() == [False, True, True, False]


def test_decimal_commas_make_a_number():
    column = read(table(price=["1 234,5", "3,75", "12"])).columns[-1]
    assert column.kind == "number" and sorted(set(column.values)) == [3.75, 12.0, 1234.5]


@pytest.mark.parametrize("written", ["Jan 05, 2026", "5 January 2026", "05-Jan-2026", "01/05/2026 09:30 AM"])
def test_dates_as_text_are_dates(written):
    assert kinds(table(day=[written, ""]))["day"] == "date"


@pytest.mark.parametrize(
    ("data", "options", "code", "said"),
    [
        (table(won=[f"id-{i}" for i in range(ROWS)]), {}, "not_two_classes", "different in nearly every row"),
        (table(won=[""] * ROWS), {}, "empty_target", "empty in every row"),
        (table(), {"time": "size", "exclude": ["won"]}, "column_is_target", "Choose another"),
        (table(place=["Rome", "Oslo"]), {"time": "place"}, "not_dates", "such as “Rome”"),
        (table(day=["2026-01-05", "soon"]), {"time": "day"}, "not_dates", "such as “soon”"),
        (table(day=["2026-01-05", ""]), {"time": "day"}, "not_dates", "empty in 100 of 200 rows"),
        (table(), {"target": ""}, "required", "Name the column"),
    ],
)
def test_a_wrong_choice_is_explained(data, options, code, said):
    with pytest.raises(Invalid) as caught:
        read(data, **options)
    assert caught.value.code == code and said in caught.value.reason


def test_columns_that_are_mostly_empty_are_named():
    (warning,) = read(table(rare=["3", *[""] * 19])).warnings
    assert "rare" in warning


def test_categories_of_which_none_is_common_are_left_out():
    assert dict(read(table(code=[f"c{i // 3}" for i in range(ROWS)])).left_out)["code"].startswith("too many")


def test_a_wide_file_keeps_fewer_rows(monkeypatch):
    monkeypatch.setattr(tables, "MOST_CELLS", 300)
    found = read(table())
    assert len(found.outcome) == 150 and found.row_count == ROWS and "150 of 200" in found.warnings[0]


def test_rows_that_are_broken_are_counted_and_the_first_one_is_named():
    lines = table().decode().splitlines()
    lines[3] += ",too,many"
    (warning,) = read("\n".join(lines).encode()).warnings
    assert warning == "1 row could not be read: line 4 of the file."
