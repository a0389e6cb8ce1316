"""What the mapping, the names and the tax ids make of data that they were not made for.

The tables of exports, names and numbers were written before anything was run on them; what they found was mended
since, and they stay as they were written.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from leads.cleaning import tax_ids
from leads.cleaning.cells import key
from leads.cleaning.names import company_key
from leads.imports.columns import mapping

TABLES = Path(__file__).parent / "held_out"
HEADS = yaml.safe_load((TABLES / "heads.yaml").read_text(encoding="utf-8"))


def lines(name: str) -> list[list[str]]:
    return [line.split("\t") for line in (TABLES / name).read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize("export", HEADS, ids=lambda export: export["source"])
def test_the_columns_of_usual_exports_find_their_fields(export: dict[str, Any]) -> None:
    delimiter = ";" if ";" in export["head"] else ","
    sample = [export["sample"].split(delimiter)] if "sample" in export else []
    proposed = mapping.propose(kind=export["kind"], columns=export["head"].split(delimiter), samples=sample)
    found = {proposal.column: proposal.field for proposal in proposed}
    assert {column: found[column] for column in export["want"]} == export["want"]


def test_names_of_companies_of_many_countries_are_compared_without_their_legal_forms():
    rows = lines("company_names_public.tsv")
    assert sum(company_key(name) == key(core) for name, core in rows) / len(rows) >= 0.95


def test_tax_ids_of_many_countries_are_known_and_checked():
    for value, country, scheme, is_valid in lines("tax_ids.tsv"):
        checked = tax_ids.check(value, country)
        assert (checked.scheme, str(checked.is_valid)) == (scheme, is_valid), value
