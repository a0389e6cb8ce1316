"""The lists that the manual imports: fictional to the last address, dirty enough to be of use."""

import subprocess
import sys
from pathlib import Path

import pytest

from leads.imports.models import Batch
from leads.models import Company, Identity, Lead
from outreach.core.addresses import is_reserved
from tests.leads.factories import run_import

EXAMPLES = Path(__file__).resolve().parents[3] / "docs" / "examples"


def imported(name: str, kind: str = "people") -> Batch:
    return run_import((EXAMPLES / name).read_bytes(), kind=kind)


@pytest.mark.django_db
def test_the_examples_come_in_with_their_dirt_reported_and_reach_nobody():
    companies = imported("companies.csv", "companies")
    people = imported("people.csv")
    russians = imported("people-ru.csv")
    assert companies.counts["rejected_by_code"] == {"tax_id_mangled": companies.counts["rejected"]}
    assert {"email_invalid", "tax_id_mangled", "no_address"} <= people.counts["rejected_by_code"].keys()
    assert {"phone_invalid", "formula_cell", "country_unknown"} <= people.counts["warnings_by_code"].keys()
    assert people.counts["created"] > 440 and people.counts["duplicates"] >= 20
    assert russians.detected["encoding"] == "cp1251" and russians.counts["created"] > 70
    assert all(is_reserved(i.channel, i.address) for i in Identity.objects.all())
    assert 130 < Company.objects.count() < 175
    found = Lead.objects.filter(
        company__industry__iexact="fintech",
        country__in=["DE", "RU", "US"],
        title_key__regex="cto|head of it",
        last_contacted_at=None,
    )
    assert 40 <= found.count() <= 80
    for name, kind in (("companies.csv", "companies"), ("people.csv", "people"), ("people-ru.csv", "people")):
        again = imported(name, kind)
        assert (again.counts["created"], again.counts["updated"], again.counts["companies_updated"]) == (0, 0, 0), name


def test_the_examples_are_what_their_script_makes(tmp_path):
    script = tmp_path / "make_examples.py"
    script.write_text((EXAMPLES / "make_examples.py").read_text(encoding="utf-8"), encoding="utf-8")
    subprocess.run([sys.executable, str(script)], check=True)
    for path in EXAMPLES.glob("*.csv"):
        assert path.read_bytes() == (tmp_path / path.name).read_bytes()
