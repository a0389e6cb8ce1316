"""Two versions of a text are judged in both orders; how far that is people's word, and how much the place pulls, is shown."""

import json

import pytest
from django.urls import reverse

from campaigns.drafts import pairs, services
from campaigns.drafts.agreement import Pair, pair_agreement
from campaigns.drafts.models import Comparison
from campaigns.reactions import removals
from campaigns.review import services as review
from leads.directory.erasing import erase
from leads.models import Lead
from outreach.core.models import Actor
from outreach.jobs.draining import drain
from outreach.llm.models import Evaluation
from tests.campaigns.drafts.test_judging import with_judge, written
from tests.campaigns.factories import make_user

pytestmark = pytest.mark.django_db
RIGHT, WRONG = Pair("first", "second", "first"), Pair("second", "first", "first")
BY_PLACE, NEITHER = Pair("first", "first", "first"), Pair("same", "second", "first")


def prefers(fake, words):
    """The judge prefers the text that holds `words`, wherever it stands."""

    def answer(request):
        first = str(request["messages"][1]["content"]).partition("The second draft:")[0]
        return json.dumps({"reason": "It asks one question.", "better": "first" if words in first else "second"})

    fake.answer = answer


def edited():
    draft = written().get(variant="direct")
    reviewer = make_user()
    draft = services.edit(draft=draft, version=1, subject="A", body=f"{draft.body}\nPS: a call?", user=reviewer)
    return review.approve(draft=draft, version=2, user=reviewer)


# agreement


def test_both_orders_must_say_the_same():
    verdicts = [pair.verdict for pair in (RIGHT, WRONG, BY_PLACE, NEITHER)]
    assert verdicts == ["first", "second", "same", "same"]
    assert BY_PLACE.is_turned and not NEITHER.is_turned and not RIGHT.is_turned


def test_agreement_counts_pairs_on_which_both_decided():
    found = pair_agreement([RIGHT, RIGHT, WRONG, BY_PLACE, NEITHER, Pair("first", "second")])
    assert (found.count, found.decided, found.agreed) == (6, 3, 2)
    assert found.turned == pytest.approx(1 / 6) and found.front_wins == pytest.approx(6 / 11)


@pytest.mark.parametrize(
    ("told", "is_calibrated"),
    [
        ([RIGHT] * 49, False),
        ([RIGHT] * 50, True),
        ([RIGHT] * 26 + [WRONG] * 24, False),
        ([RIGHT] * 60 + [BY_PLACE] * 20, False),
    ],
)
def test_a_judge_counts_only_with_enough_pairs_that_go_by_the_texts(told, is_calibrated):
    assert pair_agreement(told).is_calibrated is is_calibrated


# comparing


def test_an_edit_says_which_version_people_prefer(settings, fake):
    draft = edited()
    with_judge(settings, fake)
    prefers(fake, "PS: a call?")
    row = next(row for row in pairs.compare_draft(draft) if row.other is None)
    assert (row.forward, row.backward, row.person) == ("second", "first", "second")
    assert row.judge == "fake/judge" and row.trace.interactions.filter(step="judge").count() >= 2
    said = Evaluation.objects.get(name="pair:direct", interaction=draft.interaction, label="second")
    assert (said.score, said.judge) == (0.0, "fake/judge")


def test_an_approved_variant_is_preferred_to_the_other(settings, fake):
    direct = written().get(variant="direct")
    review.approve(draft=direct, version=1, user=make_user())
    with_judge(settings, fake, better="first")
    assert pairs.compare_decided() == 1
    row = Comparison.objects.get()
    preferred = row.draft if row.person == "first" else row.other
    assert preferred == direct and pairs.agreement_of().turned == 1
    assert pairs.compare_decided() == 0


def test_without_a_model_nothing_is_compared():
    assert pairs.compare_draft(edited()) == [] and not Comparison.objects.exists()


# the page


def test_the_page_shows_versions_reasons_and_figures(client, settings, fake):
    draft = edited()
    with_judge(settings, fake)
    prefers(fake, "PS: a call?")
    client.force_login(make_user("operator"))
    page = client.post(reverse("drafts:compare", args=[draft.pk]), follow=True).content.decode()
    for words in ("PS: a call?", "It asks one question.", "as people decided", "1 of 1", "Turned with the order"):
        assert words in page
    assert "not shown to agree with people" in page
    client.post(reverse("drafts:judge_pairs"))
    drain("llm")
    assert client.get(reverse("drafts:pairs")).status_code == 200
    for name in ("prompts:list", "prompts:benchmarks", "drafts:rules"):
        assert reverse("drafts:pairs") in client.get(reverse(name)).content.decode()
    assert f"{reverse('drafts:pairs')}?draft={draft.pk}" in client.get(reverse("drafts:detail", args=[draft.pk])).content.decode()  # fmt: skip


def test_reading_many_pairs_asks_the_database_no_more(client, settings, fake, django_assert_max_num_queries):
    reviewer = make_user()
    for draft in written(3).filter(variant="direct"):
        review.approve(draft=draft, version=1, user=reviewer)
    with_judge(settings, fake)
    assert pairs.compare_decided() == 3
    client.force_login(reviewer)
    client.get(reverse("drafts:pairs"))
    with django_assert_max_num_queries(20):
        client.get(reverse("drafts:pairs"))


def test_what_was_said_of_a_person_goes_with_them(settings, fake):
    draft = edited()
    with_judge(settings, fake)
    pairs.compare_draft(draft)
    lead = draft.candidate.lead
    erase(lead=lead, actor=Actor.system("test"))
    drain()
    assert not any(any(row.reasons) for row in Comparison.objects.all())
    draft.refresh_from_db()
    assert draft.judgement == {}
    removals.remove(Lead.objects.filter(pk=lead.pk))
    assert not Comparison.objects.exists()
