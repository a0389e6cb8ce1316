"""Whatever criteria are written, the SQL finds exactly the leads that a plain reading of the criteria finds."""

import string
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from leads import changes
from leads.models import Company, Identity, Lead
from leads.segments import canonical, compiler, fields, schema, selectors
from leads.segments.fields import OPERATORS, Type, ValueKind
from outreach.core.errors import Invalid
from tests.leads.segments import reference

NOW = datetime.now(UTC)
WORDS = ["CTO", "Director", "Head of IT", "head  of it", "100%", "a_b", "back\\slash", "Финансовый директор", "ИТ", "аудит",
         "c++", ".net", "O'Brien", '"quoted"', "%(p0)s", "fintech", "ФИНТЕХ", "RU", "DE", "en", "ru", "person", "5", "5.0", "-3", "x;--"]  # fmt: skip
texts = st.one_of(
    st.sampled_from(WORDS),
    st.lists(st.sampled_from(WORDS), min_size=1, max_size=3).map(" ".join),
    st.text(string.ascii_letters + "абвЯЁ %_\\'\"-.*", min_size=1, max_size=6),
)
usable = texts.map(str.strip).filter(lambda t: bool(t.replace("*", "").strip()))
numbers = st.one_of(st.integers(-5, 300), st.sampled_from([2.5, 50, 100.25]))
days = st.dates(datetime(2025, 1, 1).date(), datetime(2027, 12, 31).date())
moments = st.one_of(
    st.none(), st.integers(1, 400).map(lambda n: NOW - timedelta(days=n, hours=5)), days.map(lambda d: datetime(d.year, d.month, d.day, tzinfo=UTC))
)  # fmt: skip
attribute = st.one_of(texts, numbers, st.booleans(), st.none())

leads = st.fixed_dictionaries(
    {
        "lead.title": st.one_of(st.just(""), texts),
        "lead.full_name": st.one_of(st.just(""), texts),
        "lead.country": st.sampled_from(["", "RU", "DE", "KZ"]),
        "lead.city": st.one_of(st.just(""), texts),
        "lead.language": st.sampled_from(["", "ru", "en"]),
        "lead.kind": st.sampled_from(["person", "listing"]),
        "lead.tags": st.lists(st.sampled_from(["vip", "O'Brien", "a,b", "VIP"]), max_size=3, unique=True),
        "lead.last_contacted_at": moments,
        "lead.has_email": st.booleans(),
        "lead.attributes.plan": attribute,
        "lead.attributes.it's": attribute,
        "company": st.booleans(),
        "company.country": st.sampled_from(["", "RU", "DE"]),
        "company.industry": st.one_of(st.just(""), texts),
        "company.is_sme": st.sampled_from([None, True, False]),
        "company.employee_count": st.one_of(st.none(), st.integers(0, 300)),
        "company.tags": st.lists(st.sampled_from(["vip", "VIP"]), max_size=2, unique=True),
    }
)
NAMES = ["lead.title", "lead.full_name", "lead.country", "lead.city", "lead.language", "lead.kind", "lead.tags",
         "lead.last_contacted_at", "lead.has_email", "lead.attributes.plan", "lead.attributes.it's", "company.country",
         "company.industry", "company.is_sme", "company.employee_count", "company.tags"]  # fmt: skip
CODES = {
    "lead.country": ["RU", "DE", "KZ", "us"],
    "company.country": ["RU", "ru", "DE"],
    "lead.language": ["ru", "EN"],
    "lead.kind": ["person", "listing"],
}


@st.composite
def conditions(draw):
    field = fields.find(draw(st.sampled_from(NAMES)))
    operator = draw(st.sampled_from(field.operators))
    if field.name in CODES:
        one = st.sampled_from(CODES[field.name])
    elif field.type is Type.TAGS:
        one = st.sampled_from(["vip", "VIP", "O'Brien", "a,b", "none"])
    elif field.type is Type.BOOLEAN:
        one = st.booleans()
    elif field.type is Type.NUMBER:
        one = numbers
    elif field.type is Type.JSON and operator in {"equals", "not_equals", "in", "not_in"}:
        one = st.one_of(usable, numbers, st.booleans())
    else:
        one = usable
    value = {
        ValueKind.ONE: one,
        ValueKind.LIST: st.lists(one, min_size=1, max_size=3),
        ValueKind.WORDS: st.lists(usable, min_size=1, max_size=3),
        ValueKind.NUMBER: numbers,
        ValueKind.NUMBER_RANGE: st.tuples(numbers, numbers).map(sorted),
        ValueKind.DATE: days.map(str),
        ValueKind.DATE_RANGE: st.tuples(days, days).map(lambda p: [str(d) for d in sorted(p)]),
        ValueKind.DAYS: st.integers(1, 400),
        ValueKind.NONE: st.none(),
    }[OPERATORS[operator].value]
    condition = {"field": field.name, "operator": operator}
    return condition if OPERATORS[operator].value is ValueKind.NONE else condition | {"value": draw(value)}


criteria = st.recursive(
    conditions(),
    lambda inner: st.builds(
        lambda m, e: {m: e}, st.sampled_from(schema.MATCHES), st.lists(inner, min_size=1, max_size=3)
    ),
    max_leaves=6,
)


def stored(row, index):
    """A lead in the database for `row`, and `row` as the reference sees it."""
    company = None
    if row["company"]:
        company = Company.objects.create(
            name="Firm", country=row["company.country"], industry=row["company.industry"], is_sme=row["company.is_sme"],
            employee_count=row["company.employee_count"], tags=row["company.tags"],
        )  # fmt: skip
    lead = Lead.objects.create(
        kind=row["lead.kind"], title=row["lead.title"], title_key=row["lead.title"].lower(), full_name=row["lead.full_name"],
        country=row["lead.country"], city=row["lead.city"], language=row["lead.language"], tags=row["lead.tags"],
        last_contacted_at=row["lead.last_contacted_at"], company=company,
        attributes={"plan": row["lead.attributes.plan"], "it's": row["lead.attributes.it's"]},
    )  # fmt: skip
    if row["lead.has_email"]:
        Identity.objects.create(lead=lead, channel="email", address=f"a{index}-{lead.pk}@example.com")
    changes.record([lead.pk])
    seen = {k: v for k, v in row.items() if company is not None or not k.startswith("company")}
    return lead.pk, seen


def parsed(written):
    """The checked form; None for bounds that exclude each other, which the schema rightly refuses."""
    try:
        return schema.parse(written)
    except Invalid as error:
        if error.code != "contradiction":
            raise
        return None


@pytest.mark.django_db
@settings(
    max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(rows=st.lists(leads, min_size=1, max_size=4), asked=st.lists(criteria, min_size=1, max_size=5))
def test_sql_finds_what_the_criteria_say(rows, asked, db):
    Lead.objects.all().delete()
    known = dict(stored(row, i) for i, row in enumerate(rows))
    for written in asked:
        checked = parsed(written)
        if checked is None:
            continue
        expected = {pk for pk, row in known.items() if reference.holds(written, row, NOW)}
        assert selectors.matching(written, list(known)) == expected, (written, rows, compiler.compile_criteria(written))
        assert selectors.count(written) == len(expected)
        again = canonical.canonical(checked)
        assert selectors.matching(again, list(known)) == expected
        assert canonical.criteria_hash(schema.parse(schema.dump(again))) == canonical.criteria_hash(checked)
