"""Groups of drafts that differ in filled-in values only, and taking the last decision back."""

from dataclasses import replace

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from campaigns.drafts import services as drafts
from campaigns.drafts.models import Draft, Revision
from campaigns.journey.leaving import exclude
from campaigns.launch.services import start
from campaigns.models import Candidate
from campaigns.review import groups, many, rewording, services, stacking, undoing
from campaigns.review.selectors import Filters
from conversations.models import Message
from outreach.core.audit import trail
from outreach.core.errors import Invalid, Refused
from outreach.core.models import Actor
from outreach.jobs.draining import drain
from outreach.jobs.models import Job
from tests.campaigns.factories import make_campaign, make_candidate, make_user

pytestmark = pytest.mark.django_db


def write(campaign):
    drafts.generate(campaign=campaign)
    drain("llm")


@pytest.fixture
def campaign():
    """Five people who differ in name and company, and one whose company looks odd."""
    campaign = make_campaign(audience_frozen_at="2026-01-01T00:00Z")
    for name in ("Joe", "Ann", "Bea", "Tom", "Zoe"):
        make_candidate(campaign, first_name=name, full_name=f"{name} Poe")
    make_candidate(campaign, first_name="Odd", full_name="Odd One", company_name="Yahoo! Ads")
    write(campaign)
    return campaign


@pytest.fixture
def user():
    return make_user()


def item(campaign, **where):
    return stacking.item_at(Filters(campaign_id=campaign.pk), **where)


def group(campaign, place=2):
    found = item(campaign, place=place)
    return stacking.Alike(Filters(campaign_id=campaign.pk), found.step_id, found.shape, found.last)


# the stack


def test_exceptions_come_first_and_the_rest_is_one_group(campaign):
    first, second = item(campaign, place=1), item(campaign, place=2)
    assert Draft.objects.get(pk=first.first).candidate.lead.full_name == "Odd One"
    assert (first.size, second.size, second.total, second.waiting) == (1, 5, 2, 6)


def test_the_riskiest_is_read_first(campaign, user):
    risky = Draft.objects.filter(candidate__lead__first_name="Tom", variant="direct").get()
    drafts.edit(draft=risky, version=1, subject="Hi", body="Call [YOUR NAME] now! Not write again", user=user)
    assert item(campaign).first == min(Draft.objects.filter(candidate=risky.candidate).values_list("pk", flat=True))


def test_first_messages_are_read_before_their_follow_ups():
    """Also where the first message comes in two groups, each smaller than that of the follow-ups."""
    campaign = make_campaign(steps=("first-contact-email", "follow-up-email"), audience_frozen_at="2026-01-01T00:00Z")
    for name, title in (("Joe", "CTO"), ("Ann", "CTO"), ("Bea", "CTO and co-founder"), ("Tom", "CTO and co-founder")):
        make_candidate(campaign, first_name=name, full_name=f"{name} Poe", title=title)
    write(campaign)
    places = [item(campaign, place=place) for place in (1, 2, 3)]
    numbers = dict(campaign.steps.values_list("pk", "number"))
    assert [(numbers[one.step_id], one.size) for one in places] == [(1, 2), (1, 2), (2, 4)]


def test_an_edited_draft_leaves_its_group(campaign, user):
    draft = Draft.objects.filter(candidate__lead__first_name="Ann", variant="direct").get()
    drafts.edit(draft=draft, version=1, subject=draft.subject, body=draft.body + "\nPS", user=user)
    assert item(campaign, place=3).size == 4


def test_beyond_the_end_is_the_last_item_and_an_empty_stack_is_none(campaign, user):
    assert item(campaign, place=99).place == 2
    many.bulk_reject(pairs=Draft.objects.values_list("pk", "version"), user=user)
    assert item(campaign) is None


def test_the_table_shows_the_values_page_by_page(campaign):
    first = stacking.table(group(campaign), limit=3)
    rest = stacking.table(group(campaign), after=first.next_after, limit=3)
    assert first.slots == ["company_name", "title", "first_name", "sender_name"]
    assert [row.values[2] for row in first.rows + rest.rows] == ["Joe", "Ann", "Bea", "Tom", "Zoe"]
    assert rest.next_after is None


def test_an_item_costs_one_query_whatever_the_size(campaign):
    with CaptureQueriesContext(connection) as queries:
        item(campaign, place=2)
    assert len(queries) == 1


# deciding on a group


def test_a_group_is_approved_in_one_variant_and_nothing_else_is(campaign, user):
    result = groups.approve(group=group(campaign), variant="casual", user=user)
    assert len(result.done) == 5
    assert set(Draft.objects.filter(pk__in=result.done).values_list("state", "variant")) == {("approved", "casual")}
    assert Draft.objects.filter(state="superseded").count() == 5
    assert Candidate.objects.filter(stage="approved").count() == 5
    assert all(draft.approved_hash == draft.content_hash for draft in Draft.objects.final())
    assert trail(Draft.objects.final().first()).first().action == "draft.approved"


def test_who_joined_after_it_was_seen_stays_in_review(campaign, user):
    seen = group(campaign)
    make_candidate(campaign, first_name="Late", full_name="Late Poe")
    write(campaign)
    assert len(groups.approve(group=seen, variant="direct", user=user).done) == 5
    assert Draft.objects.to_review().filter(candidate__lead__first_name="Late").count() == 2


def test_who_changed_meanwhile_is_left_alone(campaign, user):
    seen = group(campaign)
    draft = Draft.objects.filter(candidate__lead__first_name="Ann", variant="direct").get()
    drafts.edit(draft=draft, version=1, subject="Mine", body="My words, not write again", user=user)
    assert len(groups.approve(group=seen, variant="direct", user=user).done) == 4
    assert Draft.objects.get(pk=draft.pk).body == "My words, not write again"


def test_a_group_that_is_gone_is_said(campaign, user):
    seen = group(campaign)
    groups.approve(group=seen, variant="direct", user=user)
    with pytest.raises(Refused) as error:
        groups.approve(group=seen, variant="direct", user=user)
    assert error.value.code == "group_changed"


def test_an_archived_campaign_approves_nothing(campaign, user):
    type(campaign).objects.filter(pk=campaign.pk).update(state="archived")
    result = groups.approve(group=group(campaign), variant="direct", user=user)
    assert not result.done and "has ended" in groups.told(result)


def test_a_large_group_goes_to_a_job(campaign, user, monkeypatch):
    monkeypatch.setattr(groups, "AT_ONCE", 3)
    job = groups.approve(group=group(campaign), variant="direct", user=user)
    with pytest.raises(Refused) as error:
        groups.approve(group=group(campaign), variant="direct", user=user)
    assert error.value.code == "already_running"
    drain()
    job = Job.objects.get(pk=job.pk)
    assert (job.state, job.outcome) == ("done", "5 drafts approved.")
    assert len(undoing.undo(user=user).done) == 5


def test_approving_many_costs_a_few_statements(campaign, user):
    with CaptureQueriesContext(connection) as few:
        groups.approve(group=group(campaign), variant="direct", user=user)
    other = make_campaign()
    for number in range(25):
        make_candidate(other, first_name=f"Ab{'cdefghijklmnopqrstuvwxyz'[number % 24]}")
    write(other)
    with CaptureQueriesContext(connection) as more:
        groups.approve(group=group(other, place=1), variant="direct", user=user)
    assert len(more) <= len(few) + 2


def test_rejecting_a_group_leaves_the_other_variant(campaign, user):
    groups.reject(group=group(campaign), variant="casual", user=user)
    assert item(campaign, place=2).size == 5
    left = Draft.objects.to_review().filter(variant="casual")
    assert {draft.candidate.lead.full_name for draft in left} == {"Odd One"}  # no company, so other words and no group


# undo


def test_undo_brings_the_group_back_with_both_variants(campaign, user):
    groups.approve(group=group(campaign), variant="casual", user=user)
    undone = undoing.undo(user=user, campaign=campaign)
    assert len(undone.done) == 5 and undone.sentence() == "Undone: 5 drafts are back in review."
    assert Draft.objects.to_review().count() == 12
    assert set(Candidate.objects.values_list("stage", flat=True)) == {"drafted"}


def test_undo_takes_back_one_decision_after_the_other(campaign, user):
    one, two = Draft.objects.filter(variant="direct").order_by("pk")[:2]
    services.approve(draft=one, version=1, user=user)
    services.reject(draft=two, version=1, user=user)
    assert undoing.undo(user=user).done == [two.pk]
    assert undoing.undo(user=user).done == [one.pk]
    with pytest.raises(Refused) as error:
        undoing.undo(user=user)
    assert error.value.code == "nothing_to_undo"


def test_undo_is_for_ones_own_decisions(campaign, user):
    services.approve(draft=Draft.objects.first(), version=1, user=user)
    with pytest.raises(Refused):
        undoing.undo(user=make_user())


def test_an_excluded_person_comes_back_with_the_texts(campaign, user):
    draft = Draft.objects.filter(variant="direct").first()
    services.exclude_candidate(draft=draft, user=user)
    assert not Draft.objects.to_review().filter(candidate=draft.candidate).exists()
    undoing.undo(user=user)
    assert Draft.objects.to_review().filter(candidate=draft.candidate).count() == 2
    assert Candidate.objects.get(pk=draft.candidate_id).stage == "drafted"


def test_a_planned_message_is_cancelled_by_undo(campaign, user):
    first = Draft.objects.filter(variant="direct").first()
    services.approve(draft=first, version=1, user=user)
    start(campaign=campaign, actor=Actor.of(user))
    drain()
    second = Draft.objects.to_review().filter(variant="direct").first()
    services.approve(draft=second, version=1, user=user)
    assert Message.objects.waiting().filter(draft=second).exists()
    undoing.undo(user=user, campaign=campaign)
    assert Draft.objects.get(pk=second.pk).state == "pending_review"
    assert Message.objects.cancelled().count() == 1


def test_what_has_left_cannot_be_taken_back(campaign, user):
    draft = Draft.objects.filter(variant="direct").first()
    services.approve(draft=draft, version=1, user=user)
    start(campaign=campaign, actor=Actor.of(user))
    drain()
    Message.objects.filter(draft=draft).update(state="sent")
    with pytest.raises(Refused) as error:
        undoing.undo(user=user)
    assert "already left" in error.value.reason
    assert Draft.objects.get(pk=draft.pk).state == "handed_over"


def test_who_left_the_campaign_since_stays_out(campaign, user):
    draft = Draft.objects.filter(variant="direct").first()
    services.approve(draft=draft, version=1, user=user)
    exclude(candidate=draft.candidate, actor=Actor.of(user))
    with pytest.raises(Refused) as error:
        undoing.undo(user=user)
    assert "left the campaign" in error.value.reason


# one edit for all


@pytest.fixture
def draft(campaign):
    return Draft.objects.filter(variant="direct", candidate__lead__first_name="Joe").get()


def reworded(draft, old="Would that be useful to you?", new="Shall we talk?"):
    words = rewording.words_of(draft)
    return rewording.Rewording(draft.pk, draft.version, words.subject, words.body.replace(old, new))


def test_the_preview_counts_and_shows_samples_and_changes_nothing(draft, user):
    by_hand = Draft.objects.filter(variant="direct", candidate__lead__first_name="Ann").get()
    drafts.edit(draft=by_hand, version=1, subject="Mine", body="My words, not write again", user=user)
    services.approve(draft=Draft.objects.get(variant="direct", candidate__lead__first_name="Tom"), version=1, user=user)
    found = rewording.preview(reworded(draft))
    assert (found.count, found.approved_count, found.edited_count) == (5, 1, 1)
    assert "Hi Joe" in found.samples[0].after.body and "Shall we talk?" in found.samples[0].after.body
    assert not Draft.objects.filter(body__contains="Shall we talk?").exists()


def test_the_words_change_everywhere_and_the_values_stay(draft, user):
    by_hand = Draft.objects.filter(variant="direct", candidate__lead__first_name="Ann").get()
    drafts.edit(draft=by_hand, version=1, subject="Mine", body="My words, not write again", user=user)
    result = rewording.apply(reworded(draft), user=user)
    assert len(result.done) == 5
    for row in Draft.objects.filter(pk__in=result.done):
        assert f"Hi {row.candidate.lead.first_name}," in row.body and "Shall we talk?" in row.body
        assert row.version == 2 and trail(row).first().action == "draft.reworded"
    assert Draft.objects.get(pk=by_hand.pk).body == "My words, not write again"
    assert Revision.objects.filter(reason="alike").count() == 5


def test_reworded_drafts_are_still_a_group(campaign, draft, user):
    rewording.apply(reworded(draft), user=user)
    assert item(campaign, place=2).size == 5


def test_an_approved_one_returns_to_review(draft, user):
    services.approve(draft=draft, version=1, user=user)
    rewording.apply(reworded(draft), user=user)
    assert Draft.objects.get(pk=draft.pk).state == "pending_review"


@pytest.mark.parametrize(("old", "new"), [("call", "{{ salary }}"), ("call", "call")])
def test_words_that_cannot_be_filled_in_or_did_not_change_are_refused(draft, old, new):
    with pytest.raises(Invalid):
        rewording.preview(reworded(draft, old, new))


def test_a_draft_that_changed_meanwhile_is_not_the_sample_any_more(draft, user):
    wanted = reworded(draft)
    drafts.edit(draft=draft, version=1, subject="New", body="New words, not write again", user=user)
    with pytest.raises(drafts.ChangedMeanwhile):
        rewording.apply(wanted, user=user)


def test_many_are_reworded_by_a_job(draft, user, monkeypatch):
    monkeypatch.setattr(rewording, "AT_ONCE", 2)
    job = rewording.apply(reworded(draft), user=user)
    drain()
    assert Job.objects.get(pk=job.pk).outcome == "6 drafts changed."


# assigning


def test_a_message_is_assigned_with_all_its_variants_and_found_again(campaign, draft, user):
    assert many.assign(drafts=[draft.pk], reviewer=user, actor=Actor.of(user)) == 2
    mine = Filters(campaign_id=campaign.pk, reviewer_id=user.pk)
    assert stacking.item_at(mine).waiting == 1
    assert stacking.item_at(replace(mine, reviewer_id=0)).waiting == 5


def test_a_viewer_is_given_nothing(draft, user):
    with pytest.raises(Invalid):
        many.assign(drafts=[draft.pk], reviewer=make_user("viewer"), actor=Actor.of(user))
