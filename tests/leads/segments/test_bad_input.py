"""Criteria that are too much, contradict themselves, or would explode elsewhere: said clearly, and at once."""

from __future__ import annotations

import pytest

from leads.segments import schema, selectors
from outreach.core.errors import Invalid
from tests.leads.factories import make_lead


def words(value, operator="any_of", field="lead.title"):
    return {"all": [{"field": field, "operator": operator, "value": value}]}


@pytest.mark.timeout(10, func_only=True)
def test_a_lexicon_of_ten_thousand_words_is_refused_with_both_numbers():
    with pytest.raises(Invalid) as refused:
        schema.parse(words([f"word{n}" for n in range(10_000)]))
    assert refused.value.code == "too_many_values"
    assert "10000" in refused.value.reason and str(schema.MAX_VALUES) in refused.value.reason


@pytest.mark.django_db
@pytest.mark.timeout(10, func_only=True)
@pytest.mark.parametrize(
    "text", ["(a+)+$", "(x+x+)+y", "([a-z]+)*@", ".{1,200}" * 20, "%_%_%_%", "\\", "[[:alpha:]", "(((("]
)
def test_an_expression_is_taken_for_the_words_that_it_is(text):
    make_lead(title="a" * 200)
    for operator, value in (("contains", text), ("any_of", [f"w {text} w"])):
        try:
            criteria = schema.parse(words(value, operator))
        except Invalid:
            continue
        assert selectors.count(criteria) == 0
