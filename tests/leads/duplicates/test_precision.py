"""How many of the proposed pairs are right, and how many of the right ones are proposed: on the shipped and a made-up list.

`pytest tests/leads/duplicates/test_precision.py -s` prints the figures of docs/figures.md.
"""

from itertools import combinations
from pathlib import Path

import pytest

from leads.duplicates import services
from leads.duplicates.models import Duplicate
from leads.models import Lead
from tests.leads.duplicates.generated import make
from tests.leads.factories import run_import

pytestmark = pytest.mark.django_db
EXAMPLE = Path(__file__).resolve().parents[3] / "docs" / "examples" / "people.csv"
LEAST_PRECISION = 0.9
LEAST_RECALL = 0.8


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_nine_of_ten_pairs_of_a_made_up_list_are_right(seed):
    mapping = {
        "Name": "full_name", "E-mail": "email", "Phone": "phone", "Title": "title", "Company": "company.name",
        "Company domain": "company.domain", "Who": "attributes",
    }  # fmt: skip
    batch = run_import(make(seed), mapping=mapping)
    services.look_at_batch(batch_id=batch.pk)
    who = {lead.pk: lead.attributes["Who"] for lead in Lead.objects.all()}
    assert len(who) >= 2_000
    same: dict[str, list[int]] = {}
    for pk, person in who.items():
        same.setdefault(person, []).append(pk)
    true = {pair for pks in same.values() for pair in combinations(sorted(pks), 2)}
    found = set(Duplicate.objects.filter(kind="lead").values_list("low_lead", "high_lead"))
    precision, recall = len(found & true) / len(found), len(found & true) / len(true)
    by_reason = {
        reason: [sum(p in true for p in pairs), len(pairs)]
        for reason in set(Duplicate.objects.filter(kind="lead").values_list("reason", flat=True))
        if (pairs := list(Duplicate.objects.filter(kind="lead", reason=reason).values_list("low_lead", "high_lead")))
    }
    print(
        f"seed {seed}: {len(who)} people, {len(found)} pairs, precision {precision:.3f}, recall {recall:.3f}, {by_reason}"
    )
    assert precision >= LEAST_PRECISION and recall >= LEAST_RECALL


def test_the_shipped_list_proposes_no_two_people_who_merely_share_a_phone():
    batch = run_import(EXAMPLE.read_bytes())
    services.look_at_batch(batch_id=batch.pk)
    pairs = Duplicate.objects.filter(kind="lead").select_related("low_lead", "high_lead")
    names = [(pair.reason, pair.low_lead.full_name, pair.high_lead.full_name) for pair in pairs]
    print(names)
    assert [row for row in names if set(row[1].lower().split()).isdisjoint(row[2].lower().split())] == []
