"""Criteria in words say what becomes of people about whom a field is not known."""

import pytest

from leads.segments.schema import Condition
from leads.segments.wording import sentence


@pytest.mark.parametrize(
    ("field", "operator", "value", "words"),
    [
        ("lead.country", "not_in", ["DE"], "Country is none of Germany (or not known)"),
        ("lead.country", "in", ["DE"], "Country is one of Germany"),
        ("lead.title", "not_contains", "intern", "Title does not contain the text intern (or not known)"),
        ("lead.tags", "lacks_tag", "client", "Tags does not have the tag client"),
        ("company.is_sme", "equals", False, "Small or medium company is no (not known does not count)"),
        ("company.is_sme", "equals", True, "Small or medium company is yes"),
    ],
)
def test_what_happens_to_the_unknown_is_said(field, operator, value, words):
    assert sentence(Condition(field=field, operator=operator, value=value)) == words
