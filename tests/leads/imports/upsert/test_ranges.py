"""A range of employees comes in as a range, is found as one and leaves as one."""

import pytest

from leads.imports.exports import services as exports
from leads.models import Company
from leads.segments.selectors import count
from tests.leads.factories import ACTOR, run_import

pytestmark = pytest.mark.django_db
LIST = "name,email,company,employees\nAnna,a@x.example,Firm,{}\n"


def import_size(text, rule="fill_empty"):
    run_import(LIST.format(text), options={"update_rule": rule})
    return Company.objects.get()


@pytest.mark.parametrize(("cell", "shown"), [("11-50", "11–50"), ("1001+", "1,001+"), ("37", "37"), ("", "")])
def test_a_size_is_kept_as_it_was_written(cell, shown):
    assert import_size(cell).employees == shown


def test_an_exact_number_is_not_widened_and_an_overwrite_narrows():
    assert import_size("37").employees == "37"
    assert import_size("11-50").employees == "37"
    assert import_size("11-50", "overwrite").employees == "11–50"
    assert import_size("40", "overwrite").employees == "40"
    assert import_size("", "overwrite").employees == "40"


def test_segments_ask_for_either_end():
    import_size("11-50")

    def matches(field, operator, value):
        return count({"all": [{"field": f"company.{field}", "operator": operator, "value": value}]})

    assert matches("employee_count", "between", [11, 50]) == 1
    assert matches("employee_count", "gte", 12) == 0
    assert matches("employee_count_max", "lte", 50) == 1
    assert matches("employee_count_max", "lt", 50) == 0


@pytest.mark.parametrize(("cell", "written"), [("11-50", "11-50"), ("1001+", "1001+"), ("37", "37")])
def test_an_export_prints_it_as_it_is_read(cell, written):
    import_size(cell)
    export = exports.start(scope="companies", actor=ACTOR)
    text = b"".join(exports.stream(export)).decode("utf-8-sig")
    header, row = (line.split(",") for line in text.splitlines()[:2])
    assert row[header.index("employee_count")] == written
