"""The optimiser finds better instructions within its budget; only a person promotes them."""

import json

import pytest

from outreach.core.errors import Refused
from outreach.llm.models import Interaction
from outreach.prompts import optimising, services
from outreach.prompts.optimising import Budget, components, split, with_components
from outreach.prompts.parser import parse
from tests.llm_fixtures import configured, fake  # noqa: F401
from tests.outreach.prompts.test_parser import GOOD

pytestmark = pytest.mark.django_db
MODEL = "fake/fake-model"
CASES = "".join(
    f"  - name: case {n}\n    inputs: {{sender_name: Ann, first_name: Joe{n}}}\n"
    '    assert: [{type: contains, value: "Ahoy"}]\n'
    for n in range(9)
)
PACK = GOOD.split("# template")[0].replace("variants: {direct", f"tests:\n{CASES}variants: {{direct")


@pytest.fixture
def version():
    return services.save_source(PACK, author=None)


def learn(fake, proposal="Write a note that says Ahoy."):  # noqa: F811
    """A model that does what its instructions say, and one that reads the feedback and proposes."""

    def answer(request):
        told = str(request["messages"])
        if "sender_name: Ann" in told:
            return f"```\n{proposal}\n```"
        word = "Ahoy" if "Ahoy" in str(request["messages"][0]["content"]) else "Hello"
        return json.dumps({"subject": word, "body": f"{word} Joe"})

    fake.answer = answer


def test_what_passes_more_tests_is_a_candidate_with_its_report(settings, fake, version):  # noqa: F811
    configured(settings, fake)
    learn(fake)
    found, report = optimising.optimise(version, target=MODEL, budget=Budget(calls=40))
    assert found.label_names == ["candidate"] and services.current("note") == version
    assert "Ahoy" in found.source and parse(found.source).sha() == found.sha
    assert report["validation"] == {"before": 0.0, "after": 1.0} and report["held_out"] == {"before": 0.0, "after": 1.0}
    assert found.report["calls"] == Interaction.objects.exclude(provider="builtin").filter(error_class="").count()


def test_nothing_better_makes_no_version(settings, fake, version):  # noqa: F811
    configured(settings, fake)
    learn(fake, proposal="Write a nicer note.")
    found, report = optimising.optimise(version, target=MODEL, budget=Budget(calls=20))
    assert found is None and report["validation"]["before"] == report["validation"]["after"]


def test_instructions_that_would_not_lint_never_win(settings, fake, version):  # noqa: F811
    configured(settings, fake)
    learn(fake, proposal="Say Ahoy to {{ first_name }}.")
    assert optimising.optimise(version, target=MODEL, budget=Budget(calls=20))[0] is None


def test_the_budget_in_calls_is_kept(settings, fake, version):  # noqa: F811
    configured(settings, fake)
    learn(fake, proposal="Write a nicer note.")
    optimising.optimise(version, target=MODEL, budget=Budget(calls=12))
    assert len(fake.requests) <= 12


@pytest.mark.parametrize(("target", "words"), [("builtin", "needs a model"), (MODEL, "at least 4")])
def test_without_a_model_or_examples_it_is_refused(target, words):
    few = services.save_source(GOOD.split("# template")[0], author=None)
    with pytest.raises(Refused, match=words):
        optimising.optimise(few, target=target, budget=Budget(calls=5))


def test_only_the_system_part_is_changed():
    pack = parse(PACK)
    changed = with_components(pack, dict.fromkeys(components(pack), "New."))
    assert changed.section("system", "en").text == "New." and changed.section("user", "en") == pack.section(
        "user", "en"
    )


def test_examples_are_kept_apart():
    parts = split(list(range(10)))
    assert sorted(n for part in parts for n in part) == list(range(10)) and all(parts)
