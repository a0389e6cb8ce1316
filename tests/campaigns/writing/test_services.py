"""A founder changes what a step says; what is not sent follows, what a person edited stays."""

from dataclasses import replace

import pytest

from campaigns.drafts import services as drafts
from campaigns.drafts.models import Draft
from campaigns.review import services as review
from campaigns.steps.models import Step
from campaigns.writing import services, words
from outreach.core.errors import Invalid, Refused
from outreach.jobs.draining import drain
from outreach.jobs.models import Job
from outreach.prompts import rendering
from outreach.prompts.models import PackVersion
from outreach.prompts.pack import Wishes
from outreach.prompts.parser import parse
from outreach.prompts.rendering import Text
from tests.campaigns.factories import make_campaign, make_candidate, make_user
from tests.llm_fixtures import configured

pytestmark = pytest.mark.django_db

MINE = Text(
    "About {{ company_name|you }}",
    "Hi {{ contact_name|there }},\n\n{{ offer | sentence }}\n\nOf use? If not, I will not write again.\n\n{{ sender_name }}",
)


@pytest.fixture
def user():
    return make_user("operator")


@pytest.fixture
def step():
    campaign = make_campaign()
    for name in ("Joe", "Ann", "Bea"):
        make_candidate(campaign, first_name=name, full_name=f"{name} Poe")
    drafts.generate(campaign=campaign)
    drain("llm")
    return Step.objects.select_related("campaign__stream", "pack_version", "sender").get(campaign=campaign)


def text_for(step, mine=MINE, **fields):
    text = words.text_of(rendering.pack_of(step.pack), "en")
    return replace(text, words={**text.words, "direct": mine}, **{"is_by_model": False, **fields})


def test_the_shown_text_is_the_shipped_one(step):
    text = words.text_of(rendering.pack_of(step.pack), "en")
    assert list(text.words) == ["direct", "casual"]
    assert text.words["direct"].subject.startswith("{% if company_name %}A question for")
    assert "Hi {{ first_name|there }}," in text.words["direct"].body


def test_saving_makes_a_template_of_the_campaign_and_leaves_the_shipped_one(step, user):
    shipped = step.pack
    version = services.save(step=step, text=text_for(step), user=user)
    assert version.name == f"campaign-{step.campaign.name.split()[-1]}-{step.campaign_id}-1"
    assert Step.objects.get(pk=step.pk).pack_version == version
    assert PackVersion.objects.filter(pk=shipped.pk).exists() and version.labels.get().label == "production"
    pack = rendering.pack_of(version)
    assert pack.route == "builtin" and words.text_of(pack, "en").words["direct"] == MINE
    assert words.text_of(pack, "ru") == replace(words.text_of(rendering.pack_of(shipped), "ru"), is_by_model=False)


def test_a_second_change_is_a_new_version_of_the_same_template(step, user):
    first = services.save(step=step, text=text_for(step), user=user)
    second = services.save(step=step, text=text_for(step, Text("Other", MINE.body)), user=user)
    assert second.name == first.name and second.pk != first.pk
    assert [(row.version.pk, row.is_current) for row in services.versions(first.name)] == [
        (second.pk, True),
        (first.pk, False),
    ]


def test_the_source_can_be_read_back(step, user):
    version = services.save(step=step, text=text_for(step), user=user)
    assert parse(version.source).definition() == rendering.pack_of(version).definition()


@pytest.mark.parametrize(
    ("mine", "field"),
    [
        (Text("", "Hi"), "subject_direct"),
        (Text("Hi", "  "), "body_direct"),
        (Text("Hi", "Hi {{ frist_name }}"), "body_direct"),
        (Text("Hi {{ first_name", "Hi"), "subject_direct"),
        (Text("Hi", "Hi {% if title %}"), "body_direct"),
        (Text("Hi\nthere", "Hi"), "subject_direct"),
    ],
)
def test_what_cannot_be_a_text_is_refused_where_it_stands(step, user, mine, field):
    with pytest.raises(Invalid) as refused:
        services.save(step=step, text=text_for(step, mine), user=user)
    assert refused.value.field == field


def test_a_shipped_template_is_not_overwritten_by_name(step, user):
    with pytest.raises(Invalid, match="shipped"):
        services.save(step=step, text=text_for(step), user=user, name="first-contact-email")


def test_a_campaign_that_is_over_keeps_its_texts(step, user):
    step.campaign.state = "completed"
    with pytest.raises(Refused):
        services.save(step=step, text=text_for(step), user=user)


def test_applying_changes_what_is_not_sent_and_not_edited(step, user):
    direct = list(Draft.objects.filter(variant="direct").order_by("pk"))
    review.approve(draft=direct[0], version=1, user=make_user())
    by_hand = drafts.edit(draft=direct[1], version=1, subject="Mine", body="My words, not write again", user=user)
    services.save(step=step, text=text_for(step), user=user)
    found = services.effect(step)
    assert (found.count, found.approved_count, found.edited_count) == (4, 1, 1)
    assert {change.kind for sample in found.samples for change in sample.changes} >= {"add", "del"}
    result = services.apply(step=step, user=user)
    assert sorted(result.done) == sorted([direct[0].pk, direct[2].pk])
    first, second, third = (Draft.objects.get(pk=row.pk) for row in direct)
    assert first.state == "pending_review" and first.body.startswith("Hi Joe,\n\nWe offer a review")
    assert first.revisions.filter(reason="template").count() == 1
    assert (second.subject, second.body) == (by_hand.subject, by_hand.body)
    assert third.subject.startswith("About Fabrikam") and third.interaction.provider == "builtin"
    assert services.apply(step=step, user=user).done == []


def test_the_preview_of_the_difference_is_what_applying_writes(step, user):
    services.save(step=step, text=text_for(step), user=user)
    promised = {
        sample.draft.pk: "".join(c.text for c in sample.changes if c.kind != "del")
        for sample in services.effect(step).samples
    }
    services.apply(step=step, user=user)
    for row in Draft.objects.filter(pk__in=promised):
        assert promised[row.pk] == f"{row.subject}\n\n{row.body}"


def test_many_are_rewritten_by_a_job(step, user, monkeypatch):
    monkeypatch.setattr(services, "AT_ONCE", 1)
    services.save(step=step, text=text_for(step), user=user)
    job = services.apply(step=step, user=user)
    drain("llm")
    assert Job.objects.get(pk=job.pk).outcome == "3 drafts rewritten."


def test_a_model_is_told_what_the_founder_wants(step, user):
    wishes = Wishes(tone="bold", word_count=45, facts=["title"], example="Yo {{ first_name }}!", note="Mention Leeds.")
    version = services.save(step=step, text=text_for(step, is_by_model=True, wishes=wishes), user=user)
    pack = rendering.pack_of(version)
    system = pack.section("system", "en", "direct").text
    assert "About 45 words" in system and "use only these: title" in system
    assert "Mention Leeds." in system and "Yo { { first_name }}!" in system and "not write again" in system
    assert words.text_of(pack, "en").wishes == wishes and pack.route == "draft"


def test_own_words_are_never_given_to_a_model(settings, fake, step, user):
    configured(settings, fake)
    services.save(step=step, text=text_for(step), user=user)
    services.apply(step=step, user=user)
    assert fake.requests == []


def test_a_template_counts_what_was_sent_and_answered(step, user):
    version = services.save(step=step, text=text_for(step), user=user)
    row = next(one for one in services.versions(version.name) if one.version == version)
    assert (row.campaign_count, row.sent_count, row.replies.value) == (1, 0, None)
