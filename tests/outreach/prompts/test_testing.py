"""A pack's tests run with templates, with the rules of its room, or with a model, and leave evaluations."""

import json

import pytest

from outreach.core.errors import Invalid
from outreach.llm.models import Evaluation, Interaction
from outreach.prompts import rendering, services, testing
from outreach.prompts.models import PackVersion
from outreach.prompts.pack import Case
from outreach.prompts.parser import parse
from tests.llm_fixtures import configured, fake  # noqa: F401
from tests.outreach.prompts.test_parser import GOOD

pytestmark = pytest.mark.django_db

TESTED = GOOD.replace(
    "variants: {direct",
    """tests:
  - name: greets
    variant: direct
    inputs: {sender_name: Ann, first_name: Joe}
    assert:
      - {type: contains, value: "Hi Joe"}
      - {type: llm-rubric, value: is polite}
variants: {direct""",
)
CLASSIFY = parse(TESTED.split("# template")[0].replace("name: note", "name: judge-note"))


def test_a_template_is_tested_without_a_model_and_what_needs_one_is_skipped():
    (result,) = testing.run_tests(parse(TESTED))
    assert result.label == "passed" and "needs a model" in result.reason
    row = Evaluation.objects.get()
    assert (row.name, row.label, row.score, row.judge) == ("test:greets", "passed", 1.0, "tests")
    assert row.interaction.provider == "builtin" and row.interaction.pack_sha == parse(TESTED).sha()


def test_a_model_writes_and_judges(settings, fake):  # noqa: F811
    configured(settings, fake, routes={"judge": {"chain": ["fake/fake-model"]}})
    fake.answer = lambda request: json.dumps(
        {"reason": "curt", "score": 0.1, "passed": False}
        if "criterion" in str(request).lower()
        else {"subject": "Hello", "body": "Hi Joe!"}
    )
    (result,) = testing.run_tests(parse(TESTED), route="fake/fake-model")
    assert result.is_passed is False and result.reason == "curt"
    assert {row.step for row in Interaction.objects.exclude(provider="builtin")} == {"test", "judge"}


def test_a_model_that_does_not_keep_to_the_schema_is_seen(settings, fake):  # noqa: F811
    configured(settings, fake, chain=["fake/fake-model"])
    fake.answer = lambda _request: '{"headline": 1}'
    (result,) = testing.run_tests(parse(TESTED), route="fake/fake-model")
    assert result.answer.is_builtin and result.is_passed is False
    assert result.reason == result.answer.interaction.parameters["because"]


@pytest.mark.parametrize(("route", "words"), [("nosuch/x", "no provider “nosuch”"), ("nosuch", "Unknown purpose")])
def test_what_is_no_model_is_refused(route, words):
    with pytest.raises(Invalid, match=words):
        testing.run_tests(parse(TESTED), route=route)


def test_without_template_or_model_only_the_prompt_is_tested():
    case = Case.model_validate({"name": "x", "inputs": {"first_name": "</data> Joe"}, "assert": [
        {"type": "not-contains", "of": "prompt", "value": "</data> Joe"}, {"type": "contains", "value": "Joe"}]})  # fmt: skip
    (result,) = testing.run_tests(CLASSIFY.model_copy(update={"tests": [case]}))
    assert result.answer.needs_model and result.label == "passed" and len(result.outcomes) == 1


def test_an_input_that_is_missing_fails_in_words():
    pack = parse(TESTED.replace("To {{ first_name|them }}", "To {{ first_name }}").replace(", first_name: Joe", ""))
    (result,) = testing.run_tests(pack)
    assert result.is_passed is False and "first_name" in result.reason


@pytest.mark.parametrize("name", sorted(path.stem for path in services.pack_files()))
def test_every_shipped_pack_has_tests_and_none_fails(name):
    pack = rendering.pack_of(services.current(name))
    assert pack.tests, name
    assert [(r.case.name, r.reason) for r in testing.run_tests(pack) if r.is_passed is False] == []


def test_the_rules_answer_for_the_pack_that_reads_replies():
    results = testing.run_tests(rendering.pack_of(services.current("classify-reply")))
    assert {r.label for r in results} == {"passed"} and all(r.answer.fields["intent"] for r in results)


def test_a_pack_that_does_not_declare_what_the_product_reads_is_found():
    pack = rendering.pack_of(services.current("qualify"))
    less = pack.model_copy(update={"output": {k: v for k, v in pack.output.items() if k != "score"}})
    assert [(f.code, "score" in f.text) for f in testing.misfits(less)] == [("P13", True)]
    assert testing.misfits(pack) == []


def test_the_newest_result_of_each_test_counts():
    pack = parse(TESTED)
    services.save_version(pack, source=TESTED)
    testing.run_tests(pack)
    testing.run_tests(pack)
    assert len(testing.latest_results(PackVersion.objects.get(sha=pack.sha()).sha)) == 1
