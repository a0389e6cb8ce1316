"""Criteria say exactly what is wrong with them, and equal meaning has one hash."""

import pytest

from leads.segments import builder, canonical, compiler, fields, lexicon, schema
from outreach.core.errors import Invalid


def condition(field="lead.title", operator="any_of", value=("CTO",)):
    return {"field": field, "operator": operator, "value": list(value) if isinstance(value, tuple) else value}


OK = condition()


@pytest.mark.parametrize(
    ("criteria", "field", "says"),
    [
        ([], "criteria", "Write an object"),
        ({}, "criteria", "A group needs"),
        ({"all": []}, "all", "empty"),
        ({"all": [OK, {"any": []}]}, "all[1].any", "empty"),
        ({"all": [OK], "any": [OK]}, "criteria", "one key"),
        ({"all": OK}, "all", "Write a list"),
        ({"all": [OK, OK, condition("lead.titel")]}, "all[2].field", "Did you mean “lead.title”"),
        ({"all": [condition("country")]}, "all[0].field", "Did you mean “lead.country”"),
        ({"all": [condition("industry")]}, "all[0].field", "Did you mean “company.industry”"),
        ({"all": [condition("lead.attributes.")]}, "all[0].field", "no field"),
        ({"all": [condition("company.employee_count", "contains", "5")]}, "all[0].operator", "Use one of"),
        ({"all": [condition("company.employee_count", "gte", "5")]}, "all[0].value", "Write a number, not a text"),
        ({"all": [condition("company.employee_count", "gte", True)]}, "all[0].value", "Write a number"),
        ({"all": [condition("company.employee_count", "between", [9, 2])]}, "all[0].value", "is empty"),
        ({"all": [condition("company.is_sme", "equals", "yes")]}, "all[0].value", "must be true or false"),
        ({"all": [condition("lead.country", "in", ["RU", "Atlantis"])]}, "all[0].value[1]", "not a country"),
        ({"all": [condition("lead.created_at", "after", "yesterday")]}, "all[0].value", "year-month-day"),
        ({"all": [condition("lead.created_at", "after", "2026-02-30")]}, "all[0].value", "year-month-day"),
        ({"all": [condition("lead.activity_at", "within_days", 0)]}, "all[0].value", "whole number of days"),
        ({"all": [condition(value="")]}, "all[0].value[0]", "Enter a value"),
        ({"all": [condition(value=[])]}, "all[0].value", "at least one"),
        ({"all": [condition(value=["*"])]}, "all[0].value[0]", "word or a phrase"),
        ({"all": [condition(value=["x" * 201])]}, "all[0].value[0]", "200"),
        ({"all": [condition(value=["a\x00b"])]}, "all[0].value[0]", "cannot be stored"),
        ({"all": [condition(value=[f"w{n}" for n in range(501)])]}, "all[0].value", "501"),
        ({"all": [{"field": "lead.title", "operator": "any_of"}]}, "all[0].value", "Enter a value"),
        ({"all": [{"field": "lead.title", "operator": "exists", "value": 1}]}, "all[0].value", "takes no value"),
        ({"all": [OK | {"sql": "1=1"}]}, "all[0].sql", "only"),
        ({"all": [OK] * 201}, "all[200]", "200"),
        ({"all": [condition("company.employee_count", "gte", 50), condition("company.employee_count", "lt", 50)]}, "all[1].value", "exclude each other"),
        ({"all": [condition("lead.last_contacted_at", "within_days", 30), condition("lead.last_contacted_at", "not_within_days", 60)]}, "all[1].value", "exclude"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_by_place_and_remedy(criteria, field, says):
    with pytest.raises(Invalid, match=None) as raised:
        schema.parse(criteria)
    assert raised.value.field == field and says in raised.value.reason


def test_nesting_has_a_limit():
    criteria = OK
    for _ in range(schema.MAX_DEPTH):
        criteria = {"all": [criteria]}
    schema.parse(criteria)
    with pytest.raises(Invalid, match="levels deep"):
        schema.parse({"all": [criteria]})


def test_hostile_depth_does_not_exhaust_the_stack():
    text = '{"not":[' * 900 + "]}" * 900
    with pytest.raises(Invalid):
        schema.parse_json(text)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (condition("lead.country", "equals", "ru"), {"all": [condition("lead.country", "in", ["RU", "RU"])]}),
        (condition(value=["CTO", "cio"]), condition(value=["CIO", " cto "])),
        ({"any": [condition(value=["CTO"]), condition(value=["CIO"])]}, condition(value=["CTO", "CIO"])),
        (condition("lead.city", "missing", None), {"not": [condition("lead.city", "exists", None)]}),
        ({"not": [{"not": [OK]}]}, OK),
        ({"all": [OK, {"all": [condition("lead.city", "equals", "X")]}]}, {"all": [condition("lead.city", "equals", "x"), OK, OK]}),
        (condition("company.employee_count", "between", [5, 9.0]), {"all": [condition("company.employee_count", "lte", 9), condition("company.employee_count", "gte", 5)]}),
        (condition("lead.tags", "has_all_tags", ["a", "b"]), {"all": [condition("lead.tags", "has_tag", "b"), condition("lead.tags", "has_tag", "a")]}),
        (condition("lead.created_at", "during", ["2026-01-01", "2026-01-31"]), {"all": [condition("lead.created_at", "after", "2026-01-01"), condition("lead.created_at", "before", "2026-02-01")]}),
    ],
)  # fmt: skip
def test_equal_meaning_has_an_equal_hash(one, other):
    strip = lambda c: c if c.get("value", 0) is not None else {k: v for k, v in c.items() if k != "value"}  # noqa: E731
    one = strip(one) if "field" in one else {m: [strip(c) for c in e] for m, e in one.items()}
    other = strip(other) if "field" in other else {m: [strip(c) for c in e] for m, e in other.items()}
    assert canonical.criteria_hash(schema.parse(one)) == canonical.criteria_hash(schema.parse(other))


def test_other_meaning_has_another_hash():
    assert canonical.criteria_hash(schema.parse(OK)) != canonical.criteria_hash(schema.parse({"not": [OK]}))
    tags = [condition("lead.tags", "has_tag", tag) for tag in ("vip", "VIP")]
    assert canonical.criteria_hash(schema.parse(tags[0])) != canonical.criteria_hash(schema.parse(tags[1]))


HOSTILE = ["'; DROP TABLE leads_lead; --", "' OR 1=1 --", "%(p0)s", "{0}", "\\", "$1", "%", "_", '"', "a') OR ('1'='1"]


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("operator", ["equals", "contains", "starts_with", "any_of", "in"])
@pytest.mark.parametrize("field", ["lead.city", "lead.attributes.plan"])
def test_no_value_becomes_sql(text, operator, field):
    value = [text] if operator in {"any_of", "in"} else text
    written = compiler.compile_criteria(condition(field, operator, value))
    harmless = compiler.compile_criteria(condition(field, operator, ["x"] if isinstance(value, list) else "x"))
    assert written.sql == harmless.sql


@pytest.mark.parametrize("key", ["it's", "a'b", "x') OR 1=1 --", "%(p0)s", "ключ", "a.b"])
def test_no_attribute_key_becomes_sql(key):
    sql = compiler.compile_criteria(condition(f"lead.attributes.{key}", "equals", "x")).sql
    assert sql == compiler.compile_criteria(condition("lead.attributes.plan", "equals", "x")).sql


def test_every_field_and_operator_compiles():
    values = {"one": "RU", "list": ["RU"], "words": ["a"], "number": 1, "number_range": [1, 2], "date": "2026-01-01",
              "date_range": ["2026-01-01", "2026-01-02"], "days": 3, "none": None}  # fmt: skip
    special = {"lead.kind": "person", "lead.language": "ru", "lead.batch": "7"}
    for field in [*fields.FIELDS.values(), fields.find("company.attributes.x")]:
        for operator in field.operators:
            kind = str(fields.OPERATORS[operator].value)
            value = values[kind]
            if field.name in special and kind in {"one", "list"}:
                value = special[field.name] if kind == "one" else [special[field.name]]
            if field.type is fields.Type.BOOLEAN and kind == "one":
                value = True
            if field.type is fields.Type.NUMBER and kind == "one":
                value = 5
            written = {"field": field.name, "operator": operator} | ({} if value is None else {"value": value})
            assert compiler.compile_criteria(written).sql


@pytest.mark.parametrize(
    ("term", "text", "is_found"),
    [
        ("CTO", "cto & founder", True),
        ("CTO", "Director", False),
        ("head of it", "Head  of\u00a0IT", True),
        ("head of it", "Head of Item", False),
        ("финтех*", "для финтеха", True),
        ("ит", "аудит", False),
        ("ит", "директор по ИТ", True),
        ("c++", "C++ developer", True),
        (".net", "asp.net", True),
        ("a.b", "axb", False),
    ],
)
def test_words_are_found_whole(term, text, is_found):
    assert lexicon.find([term], text) is is_found


@pytest.mark.parametrize("values", [["CTO", "Head of IT"], ["a, b", "c"], ['say "x"', "y"], ["a;b", "c"], [" x "]])
def test_lists_survive_the_form(values):
    assert builder.split(builder.join(values)) == [v.strip() for v in values]


@pytest.mark.parametrize("written", ["DE", "de", "Germany", "Deutschland", "Германия"])
def test_a_country_is_written_by_name_or_code_and_kept_as_code(written):
    by_name, by_code = (
        schema.parse({"all": [condition("company.country", "in", [value])]}) for value in (written, "DE")
    )
    assert canonical.criteria_hash(by_name) == canonical.criteria_hash(by_code)


def test_a_language_is_written_by_name_too():
    by_name, by_code = (
        schema.parse({"all": [condition("lead.language", "in", [value])]}) for value in ("German", "de")
    )
    assert canonical.criteria_hash(by_name) == canonical.criteria_hash(by_code)
