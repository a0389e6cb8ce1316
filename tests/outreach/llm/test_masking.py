"""Traces keep everything, everything but personal data, or no texts, as the policy says."""

import pytest

from outreach.core.models import Actor
from outreach.llm.configured import policy
from outreach.llm.masking import masked
from outreach.llm.models import CachedAnswer
from outreach.llm.services import Call, complete, open_trace
from outreach.llm.setup.services import save_policy
from tests.campaigns.factories import make_lead
from tests.llm_fixtures import configured

KNOWN = {"Joe Poe": "name", "Joe": "name", "Fabrikam": "company"}


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("Write to joe.poe+x@fabrikam.example.", "Write to [e-mail]."),
        ("See https://fabrikam.example/joe?x=1 now", "See [link] now"),
        ("Call +1 (202) 555-0134 or 8 903 123-45-67.", "Call [phone] or [phone]."),
        ("Joe Poe, joe and JOE of Fabrikam", "[name], [name] and [name] of [company]"),
        ("Joel is at Fabrikamp", "Joel is at Fabrikamp"),
        ("In 2026 we grew 40 % to 1,200 people", "In 2026 we grew 40 % to 1,200 people"),
        ("Позвоните Joe: +7 903 123-45-67", "Позвоните [name]: [phone]"),
    ],
)
def test_what_is_personal_is_replaced_by_its_kind(text, kept):
    assert masked(text, KNOWN) == kept


@pytest.fixture
def asked(db, settings, fake):
    """Ask about a person under a policy; the interaction that is kept."""
    configured(settings, fake)
    fake.answer = lambda request: "Hi Joe, I saw Fabrikam Ltd is hiring."
    lead = make_lead(company_name="Fabrikam Ltd")

    def ask(content):
        save_policy(trace_content=content, actor=Actor.system("test"))
        question = f"Write to {lead.full_name} at joe@fabrikam.example."
        call = Call(
            trace=open_trace("t", lead_id=lead.pk),
            step="draft",
            route="draft",
            messages=[{"role": "user", "content": question}],
            builtin=lambda: "rules",
            use_cache=True,
        )
        return complete(call)

    return ask


def test_whole_texts_are_kept_by_default(asked):
    row = asked("whole").interaction
    assert "Joe Poe" in row.input[0]["content"] and row.output == "Hi Joe, I saw Fabrikam Ltd is hiring."


def test_masked_texts_name_nobody_and_the_answer_is_still_the_true_one(asked, fake):
    answer = asked("masked")
    assert answer.output == "Hi Joe, I saw Fabrikam Ltd is hiring."
    assert answer.interaction.input == [{"role": "user", "content": "Write to [name] at [e-mail]."}]
    assert answer.interaction.output == "Hi [name], I saw [company] is hiring."
    assert "Joe Poe" in fake.requests[0]["messages"][0]["content"]
    assert asked("masked").output == "Hi Joe, I saw Fabrikam Ltd is hiring."


def test_without_texts_only_numbers_stay_and_nothing_is_cached(asked):
    row = asked("off").interaction
    assert (row.input, row.output, row.has_texts) == ([], "", False)
    assert row.input_hash and row.output_tokens
    assert not CachedAnswer.objects.exists() and policy().trace_content == "off"
