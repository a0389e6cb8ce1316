"""The index over criteria says of every lead exactly what the SQL says."""

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from leads.models import Lead
from leads.segments import compiler, criteria_index, fields, schema
from leads.segments.canonical import canonical
from tests.leads.segments.factories import LeadFactory
from tests.leads.segments.test_compiler_meaning import NOW, criteria, leads, parsed, stored

pytestmark = pytest.mark.django_db
FROM = "FROM leads_lead l LEFT JOIN leads_company c ON c.id = l.company_id WHERE l.id = ANY(%s) ORDER BY l.id"


def by_index(nodes, ids):
    index = criteria_index.CriteriaIndex(nodes)
    given = [p for column in index.columns for p in column.parameters]
    parameters = [list(p) if isinstance(p, tuple) else p for p in given]
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT l.id, {', '.join(c.sql for c in index.columns)} {FROM}", [*parameters, ids])
        rows = cursor.fetchall()
    values = {
        column: [tuple(row[i]) if isinstance(row[i], list) else row[i] for row in rows]
        for i, column in enumerate(index.columns, 1)
    }
    met = index.evaluate(values, len(rows), NOW)
    return [{row[0] for row, flag in zip(rows, flags, strict=True) if flag} for flags in met]


def by_sql(node, ids):
    predicate = compiler.compile_criteria(node, now=NOW)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT l.id FROM leads_lead l LEFT JOIN leads_company c ON c.id = l.company_id"
            f" WHERE l.id = ANY(%(ids)s) AND ({predicate.sql})",
            {**predicate.parameters, "ids": ids},
        )
        return {row[0] for row in cursor.fetchall()}


@settings(
    max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(rows=st.lists(leads, min_size=1, max_size=9), asked=st.lists(criteria, min_size=1, max_size=12))
def test_the_index_finds_what_the_sql_finds(rows, asked, db):
    Lead.objects.all().delete()
    ids = sorted(stored(row, i)[0] for i, row in enumerate(rows))
    nodes = [canonical(checked) for written in asked if (checked := parsed(written)) is not None]
    if not nodes:
        return
    for node, found in zip(nodes, by_index(nodes, ids), strict=True):
        assert found == by_sql(node, ids), (schema.dump(node), rows)


def test_conditions_on_long_texts_are_answered_by_the_database():
    node = canonical(schema.parse({"field": "lead.description", "operator": "contains", "value": "remote"}))
    remote, office = LeadFactory(description="Fully REMOTE"), LeadFactory(description="In the office")
    (column,) = criteria_index.CriteriaIndex([node]).columns
    assert column.kind == "boolean"
    assert by_index([node], [remote.pk, office.pk]) == [{remote.pk}]


def test_every_field_of_dates_has_an_index_by_which_windows_are_swept():
    with connection.cursor() as cursor:
        cursor.execute("SELECT indexdef FROM pg_indexes WHERE tablename = 'leads_lead'")
        definitions = [row[0] for row in cursor.fetchall()]
    for field in fields.FIELDS.values():
        if field.type is fields.Type.DATE:
            column = field.column.partition(".")[2]
            assert any(f"({column})" in text or f"({column}," in text for text in definitions), field.name
