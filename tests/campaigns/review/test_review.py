"""Review: nothing that a person wrote is lost, and an approval is for the words that were seen."""

import threading

import pytest
from django.db import connection

from campaigns.drafts import services
from campaigns.drafts.models import Draft, Revision
from campaigns.models import Candidate
from campaigns.review import many
from campaigns.review import services as review
from outreach.core.audit import trail
from outreach.core.errors import Invalid, Refused
from outreach.core.models import AuditEntry
from outreach.jobs.draining import drain
from tests.campaigns.factories import make_campaign, make_candidate, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def campaign():
    campaign = make_campaign()
    make_candidate(campaign)
    services.generate(campaign=campaign)
    drain("llm")
    return campaign


@pytest.fixture
def draft(campaign):
    return Draft.objects.get(variant="direct")


@pytest.fixture
def user():
    return make_user()


def save(draft, user, body, version=None):
    return services.edit(draft=draft, version=version or draft.version, subject=draft.subject, body=body, user=user)


def test_an_edit_makes_a_new_version_and_keeps_the_old_text(draft, user):
    edited = save(draft, user, draft.body.replace("Joe", "Joseph"))
    assert (edited.version, edited.edited_by) == (2, user)
    assert edited.generated_body == draft.body
    assert edited.content_hash != draft.content_hash
    assert Revision.objects.get().body == draft.body
    assert trail(edited).first().action == "draft.edited"


def test_saving_without_a_change_is_no_new_version(draft, user):
    assert save(draft, user, draft.body).version == 1


def test_the_second_writer_is_refused_and_sees_the_first_ones_text(draft, user):
    other = make_user()
    save(draft, user, draft.body + " One")
    with pytest.raises(services.ChangedMeanwhile) as error:
        save(draft, other, draft.body + " Two", version=1)
    assert error.value.code == "changed_meanwhile"
    assert error.value.current.body.endswith("One")
    assert user.get_username() in error.value.reason


@pytest.mark.parametrize(
    ("subject", "body", "field"),
    [("a\nBcc: x@y.example", "b", "subject"), ("s" * 300, "b", "subject"), ("s", "  ", "body"), ("s", "x\x00", "body")],
)
def test_bad_texts_are_named(draft, user, subject, body, field):
    with pytest.raises(Invalid) as error:
        services.edit(draft=draft, version=1, subject=subject, body=body, user=user)
    assert error.value.field == field


def test_an_edit_is_judged_again(draft, user):
    edited = save(draft, user, draft.body + " https://other.example")
    assert {flag["code"] for flag in edited.flags} == {"link_not_given"}
    with pytest.raises(Refused, match="Edit it first"):
        review.approve(draft=edited, version=2, user=user)


def test_an_approval_binds_the_hash_puts_the_other_variant_away_and_moves_the_candidate_on(draft, user):
    approved = review.approve(draft=draft, version=1, user=user)
    assert approved.state == "approved"
    assert approved.approved_hash == approved.content_hash == services.current_hash(approved)
    assert approved.approved_by == user
    assert Draft.objects.get(variant="casual").state == "superseded"
    assert Candidate.objects.get().stage == "approved"


def test_what_changed_meanwhile_cannot_be_approved(draft, user):
    save(draft, make_user(), draft.body + " More")
    with pytest.raises(services.ChangedMeanwhile):
        review.approve(draft=draft, version=1, user=user)
    assert Draft.objects.get(pk=draft.pk).state == "pending_review"


def test_editing_an_approved_draft_takes_the_approval_back(draft, user):
    approved = review.approve(draft=draft, version=1, user=user)
    edited = save(approved, user, approved.body + " More")
    assert (edited.state, edited.approved_hash, edited.approved_by) == ("pending_review", "", None)
    assert Draft.objects.get(variant="casual").state == "pending_review"


def test_a_rejected_draft_can_be_taken_back(draft, user):
    rejected = review.reject(draft=draft, version=1, user=user, reason="Too pushy")
    assert trail(rejected).first().reason == "Too pushy"
    assert review.return_to_review(draft=rejected, version=1, user=user).state == "pending_review"


def test_a_handed_over_draft_is_closed(draft, user):
    Draft.objects.filter(pk=draft.pk).update(state="handed_over")
    for act in (
        lambda: save(draft, user, "x"),
        lambda: review.approve(draft=draft, version=1, user=user),
        lambda: review.reject(draft=draft, version=1, user=user),
    ):
        with pytest.raises(Refused):
            act()


def test_another_tone_is_a_new_version_of_an_unedited_text(draft, user):
    changed = services.rewrite(draft=draft, version=1, wish="formal", user=user)
    assert changed.version == 2
    assert changed.body.startswith("Dear Joe,")
    assert changed.interaction.step == "tone"
    assert Revision.objects.get(kind="previous").reason == "formal"


def test_another_tone_of_an_edited_text_is_only_proposed(draft, user):
    edited = save(draft, user, draft.body.replace("Joe", "Joseph"))
    same = services.rewrite(draft=edited, version=2, wish="formal", user=user)
    assert same.body == edited.body
    proposal = Revision.objects.get(kind="proposed")
    assert proposal.body.startswith("Dear Joseph,")
    used = services.settle_proposal(revision=proposal, version=2, is_used=True, user=user)
    assert used.body == proposal.body
    assert Revision.objects.filter(kind="previous", body=edited.body).exists()
    with pytest.raises(Refused):
        services.settle_proposal(revision=proposal, version=3, is_used=True, user=user)


def test_nothing_to_change_is_said(user):
    campaign = make_campaign(steps=("first-contact-sms",))
    make_candidate(campaign)
    services.generate(campaign=campaign)
    drain("llm")
    with pytest.raises(Refused, match="nothing to change"):
        services.rewrite(draft=Draft.objects.first(), version=1, wish="shorter", user=user)


def test_bulk_approves_what_was_seen_and_reports_the_rest(user):
    campaign = make_campaign()
    for _ in range(3):
        make_candidate(campaign)
    services.generate(campaign=campaign)
    drain("llm")
    drafts = list(Draft.objects.order_by("pk"))
    save(drafts[2], user, drafts[2].body + " More")
    result = many.bulk_approve(pairs=[*((d.pk, 1) for d in drafts), (999_999, 1)], user=user)
    assert result.done == [drafts[0].pk, drafts[4].pk]
    assert [pk for pk, _reason in result.skipped] == [999_999, drafts[2].pk]
    assert "no draft" in result.skipped[0][1] and 999_999 not in result.others
    assert Draft.objects.filter(state="approved").count() == 2


def test_bulk_approves_one_text_of_each_message_and_the_variant_that_was_asked_for(user):
    campaign = make_campaign()
    for _ in range(2):
        make_candidate(campaign)
    services.generate(campaign=campaign)
    drain("llm")
    pairs = [(draft.pk, 1) for draft in Draft.objects.all()]
    result = many.bulk_approve(pairs=pairs, user=user, variant="casual")
    assert len(result.done) == 2 and not result.skipped
    assert set(Draft.objects.filter(state="approved").values_list("variant", flat=True)) == {"casual"}


def test_bulk_reject_tone_and_exclude(campaign, user):
    pairs = [(d.pk, d.version) for d in Draft.objects.all()]
    assert len(many.bulk_rewrite(pairs=pairs, wish="formal", user=user).done) == 2
    pairs = [(d.pk, d.version) for d in Draft.objects.all()]
    assert len(many.bulk_reject(pairs=pairs[:1], user=user, reason="No").done) == 1
    assert many.bulk_reject(pairs=[(999_999, 1)], user=user).skipped == [(999_999, "There is no draft 999999.")]
    many.bulk_exclude(pairs=pairs, user=user)
    assert Candidate.objects.get().stage == "excluded"
    assert set(Draft.objects.values_list("state", flat=True)) == {"superseded"}


@pytest.mark.django_db(transaction=True)
class TestRaces:
    """Two reviewers at the same moment, on real rows."""

    def both(self, *acts):
        barrier = threading.Barrier(len(acts))
        outcomes = []

        def run(act):
            barrier.wait()
            try:
                outcomes.append(act())
            except Refused as error:
                outcomes.append(error)
            finally:
                connection.close()

        threads = [threading.Thread(target=run, args=[act]) for act in acts]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return outcomes

    def test_two_edits_one_wins_the_other_sees_both(self, draft, user):
        other = make_user()
        outcomes = self.both(lambda: save(draft, user, "One"), lambda: save(draft, other, "Two"))
        refused = [o for o in outcomes if isinstance(o, services.ChangedMeanwhile)]
        assert len(refused) == 1
        assert refused[0].current.body == Draft.objects.get(pk=draft.pk).body

    def test_an_edit_and_an_approval_never_approve_unseen_words(self, draft, user):
        self.both(
            lambda: save(draft, user, draft.body + " More"),
            lambda: review.approve(draft=draft, version=1, user=user),
        )
        row = Draft.objects.get(pk=draft.pk)
        assert row.state == "pending_review" or (row.version == 1 and row.approved_hash == row.content_hash)

    def test_two_variants_approved_at_once_only_one_stays(self, draft, user):
        casual = Draft.objects.get(variant="casual")
        outcomes = self.both(
            lambda: review.approve(draft=draft, version=1, user=user),
            lambda: review.approve(draft=casual, version=1, user=user),
        )
        assert sum(isinstance(o, Refused) for o in outcomes) == 1
        assert sorted(Draft.objects.values_list("state", flat=True)) == ["approved", "superseded"]
        assert AuditEntry.objects.filter(action="candidate.approved").count() == 1
