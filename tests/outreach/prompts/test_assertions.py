"""Each kind of expectation, in promptfoo's words, holds where it should and fails where it should."""

from decimal import Decimal

import pytest
from pydantic import ValidationError

from outreach.prompts.assertions import check, field_text
from outreach.prompts.pack import ASSERTIONS, Assertion

TEXT = "Hi Joe, 3 seats for $40."


@pytest.mark.parametrize(
    ("fields", "good", "bad"),
    [
        ({"type": "equals", "value": TEXT}, TEXT, "Hi"),
        ({"type": "equals", "value": True}, "true", "false"),
        ({"type": "contains", "value": "Joe"}, TEXT, "Hi joe"),
        ({"type": "icontains", "value": "JOE"}, TEXT, "Hi Ann"),
        ({"type": "contains-any", "value": ["Ann", "Joe"]}, TEXT, "Hi Bob"),
        ({"type": "contains-all", "value": ["Hi", "Joe"]}, TEXT, "Hi Bob"),
        ({"type": "icontains-any", "value": ["ANN", "JOE"]}, TEXT, "Hi Bob"),
        ({"type": "icontains-all", "value": ["HI", "JOE"]}, TEXT, "Hi Bob"),
        ({"type": "starts-with", "value": "Hi"}, TEXT, "Oh, Hi"),
        ({"type": "regex", "value": r"\$\d+"}, TEXT, "free"),
        ({"type": "is-json"}, '{"a": 1}', TEXT),
        ({"type": "contains-json"}, 'Sure: {"a": [1]} done', TEXT),
        ({"type": "levenshtein", "value": "Hi Jo", "threshold": 2}, "Hi Joe", "Good morning"),
        ({"type": "word-count", "value": 3}, "one two three", "one two three four"),
        ({"type": "max-length", "value": 5}, "12345", "123456"),
    ],
)
def test_it_holds_and_fails_and_can_be_turned_round(fields, good, bad):
    assert check(Assertion(**fields), good).is_passed is True
    failed = check(Assertion(**fields), bad)
    assert failed.is_passed is False and fields["type"] in failed.reason
    negated = Assertion(**{**fields, "type": f"not-{fields['type']}"})
    assert check(negated, good).is_passed is False and check(negated, bad).is_passed is True


def test_every_kind_is_tried_here_or_needs_a_call():
    tried = {test_it_holds_and_fails_and_can_be_turned_round.pytestmark[0].args[1][i][0]["type"] for i in range(15)}
    assert set(ASSERTIONS) - tried == {"similar", "llm-rubric", "cost", "latency"}


def test_cost_and_latency_are_of_the_call_and_unknown_without_one():
    dear = Assertion(type="cost", threshold=0.01)
    assert check(dear, "", cost_usd=Decimal("0.02")).is_passed is False
    assert check(dear, "", cost_usd=Decimal("0.01")).is_passed is True
    assert check(Assertion(type="latency", threshold=500), "").is_passed is None


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"type": "javascript", "value": "output.length"}, "runs code"),
        ({"type": "sounds-nice"}, "Use one of"),
        ({"type": "contains"}, "needs a value"),
        ({"type": "contains-all", "value": "one"}, "needs a list"),
        ({"type": "word-count", "value": "many"}, "needs a number"),
        ({"type": "cost"}, "needs a threshold"),
        ({"type": "regex", "value": "("}, "not a regular expression"),
    ],
)
def test_what_cannot_be_checked_is_refused_in_words(fields, words):
    with pytest.raises(ValidationError, match=words):
        Assertion(**fields)


def test_a_field_is_read_as_text():
    fields = {"flags": ["a", "b"], "fits": False, "name": "Joe"}
    assert [field_text(fields, name) for name in fields] == ["a\nb", "false", "Joe"]
