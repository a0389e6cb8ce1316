"""An experiment from its plan to its verdict."""

import pytest

from campaigns.arms.models import Assignment, Experiment
from campaigns.drafts import services as drafts
from campaigns.drafts.models import Draft
from campaigns.experiments import sentences, services
from campaigns.experiments.results import NUMBERS, people_behind, results_of
from campaigns.journey.advancing import hand_over
from campaigns.outcomes import record
from campaigns.review.services import approve
from outreach.core import clock
from outreach.core.errors import Invalid, Refused
from outreach.core.models import Actor
from outreach.jobs.draining import drain
from tests.campaigns.factories import make_campaign, make_candidate, make_lead, make_user
from tests.campaigns.texts import make_draft, mark_sent

pytestmark = pytest.mark.django_db
ACTOR = Actor.system("test")


@pytest.fixture
def campaign():
    found = make_campaign(state="sending")
    found.stream.state = "active"
    found.stream.save()
    return found


def plan(campaign, variants=("direct", "casual"), **changed):
    values = {"name": "Tone", "base_rate": 0.1, "ratio": 2.0, **changed}
    return services.Plan(step=campaign.steps.get(), values=variants, **values)


def planned(campaign, **changed):
    return services.create(plan(campaign, **changed), actor=ACTOR)


def running(campaign, **changed):
    row = planned(campaign, **changed)
    services.start(experiment=row, actor=ACTOR)
    return row


def write(campaign, people):
    found = [make_candidate(campaign) for _ in range(people)]
    drafts.generate(campaign=campaign)
    drain("llm")
    return found


def send(row, arm, **who):
    """A person of `arm` that the message has left to."""
    candidate = make_candidate(row.campaign, stage="approved", **who)
    Assignment.objects.create(experiment=row, candidate=candidate, arm=arm)
    mark_sent(hand_over(make_draft(candidate, variant=arm.value)))
    return candidate


def reply(candidate, kind="replied"):
    message = Draft.objects.get(candidate=candidate, message__isnull=False).message
    record(candidate=candidate, kind=kind, occurred_at=clock.now(), message=message)


def test_everyone_gets_the_one_variant_of_their_arm(campaign):
    row = running(campaign)
    people = write(campaign, 40)
    given = {a.candidate_id: a.arm.value for a in Assignment.objects.filter(experiment=row).select_related("arm")}
    texts = Draft.objects.filter(candidate__in=people).values_list("candidate", "variant")
    assert dict(texts) == given and len(texts) == 40
    assert set(given.values()) == {"direct", "casual"}


def test_without_an_experiment_both_variants_are_written(campaign):
    planned(campaign)
    write(campaign, 2)
    assert Draft.objects.count() == 4
    assert not Assignment.objects.exists()


def test_drafts_that_wait_when_it_starts_join_and_the_other_variants_are_put_away(campaign):
    people = write(campaign, 20)
    approved = Draft.objects.filter(candidate=people[0], variant="casual").get()
    approve(draft=approved, version=approved.version, user=make_user("reviewer"))
    running(campaign)
    waiting = Draft.objects.to_review()
    assert waiting.count() == 19 == Assignment.objects.count()
    assert not waiting.filter(candidate=people[0]).exists()
    for given in Assignment.objects.select_related("arm"):
        assert waiting.get(candidate=given.candidate_id).variant == given.arm.value


def test_everyone_at_a_company_gets_the_same_where_that_is_asked(campaign):
    row = running(campaign, unit=Experiment.Unit.COMPANY)
    company = make_lead().company
    for _ in range(8):
        make_candidate(campaign, lead=make_lead(company=company))
    drafts.generate(campaign=campaign)
    drain("llm")
    arm = Assignment.objects.first().arm
    assert Assignment.objects.filter(arm=arm).count() == 8
    for _ in range(3):
        reply(send(row, arm, lead=make_lead(company=company)))
    found = results_of(row)
    assert (found.sent, found.successes, sum(one.assigned for one in found.arms)) == (1, 1, 1)


def test_only_people_who_were_written_to_count_and_each_once(campaign):
    row = running(campaign)
    write(campaign, 2)
    people = [send(row, arm) for arm in row.arms.all() for _ in range(2)]
    reply(people[0])
    reply(people[0], "positive")
    reply(people[3], "opted_out")
    found = results_of(row)
    assert [(one.sent, one.successes, one.harms) for one in found.arms] == [(2, 1, 0), (2, 0, 1)]
    assert sum(one.assigned for one in found.arms) == 6
    for one in found.arms:
        for number in NUMBERS:
            behind = people_behind(row, number, arm=str(one.arm.pk))
            assert behind.count() == getattr(one, number), number
    assert people_behind(row, "sent").count() == 4


def with_successes(row, *successes, kind="replied"):
    """So many people in each arm who were written to, all of them with this outcome."""
    for arm, count in zip(row.arms.all(), successes, strict=True):
        for _ in range(count):
            reply(send(row, arm), kind)


def test_a_clear_difference_is_declared_and_taken_where_asked(campaign):
    row = running(campaign, takes_winner=True, base_rate=0.1, ratio=5.0)
    with_successes(row, 1, 14)
    services.look()
    row.refresh_from_db()
    assert (row.state, str(row.winner)) == ("decided", "casual")
    newcomer = write(campaign, 1)[0]
    assert Draft.objects.get(candidate=newcomer).variant == "casual"
    assert "casual" in sentences.verdict(results_of(row))


def test_a_difference_by_chance_is_not_declared(campaign):
    row = running(campaign)
    with_successes(row, 2, 5)
    services.look()
    row.refresh_from_db()
    found = results_of(row)
    assert row.is_running and found.winner is None
    assert sentences.verdict(found).startswith("Too early: 7 of")


def test_an_arm_that_does_harm_ends_the_experiment(campaign):
    row = running(campaign)
    with_successes(row, 13, 0, kind="opted_out")
    services.look()
    row.refresh_from_db()
    assert row.state == "stopped"
    assert row.reason == "“direct” clearly leads to more opt-outs, complaints or bounces."


def test_two_arms_with_the_same_text_never_get_a_winner_by_themselves(campaign):
    row = running(campaign, variants=("direct", "direct"), takes_winner=True, base_rate=0.1, ratio=5.0)
    assert [arm.name for arm in row.arms.all()] == ["direct A", "direct B"]
    with_successes(row, 0, 14)
    services.look()
    row.refresh_from_db()
    assert row.is_running
    assert "by chance" in sentences.verdict(results_of(row))


def test_thompson_divides_by_what_works_and_declares_nothing(campaign):
    row = running(campaign, mode=Experiment.Mode.THOMPSON, takes_winner=True)
    with_successes(row, 1, 12)
    services.look()
    row.refresh_from_db()
    shares = [arm.share for arm in row.arms.all()]
    assert row.is_running and results_of(row).winner is None
    assert sum(shares) == pytest.approx(1) and min(shares) >= 0.05


def test_stopping_brings_both_variants_back_for_new_people(campaign):
    row = running(campaign)
    services.stop(experiment=row, actor=ACTOR, reason="Enough")
    write(campaign, 1)
    assert Draft.objects.count() == 2


def test_a_step_has_one_experiment_at_a_time(campaign):
    planned(campaign)
    with pytest.raises(Refused, match="already"):
        planned(campaign)


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"variants": ("direct",)}, "values"),
        ({"variants": ("direct", "rude")}, "values"),
        ({"name": " "}, "name"),
        ({"base_rate": 0}, "base_rate"),
        ({"base_rate": 0.5, "ratio": 3}, "ratio"),
        ({"ratio": 1.0}, "ratio"),
        ({"ratio": float("nan")}, "ratio"),
        ({"metric": "opened"}, "metric"),
    ],
)
def test_what_cannot_be_compared_is_refused_at_the_door(campaign, changed, field):
    with pytest.raises(Invalid) as error:
        planned(campaign, **changed)
    assert error.value.field == field
    assert not Experiment.objects.exists()


def test_a_campaign_that_has_ended_has_no_experiments():
    with pytest.raises(Refused, match="ended"):
        planned(make_campaign(state="completed"))


def test_a_campaign_that_ends_early_leaves_nothing_to_tell(campaign):
    row = running(campaign)
    with_successes(row, 2, 5)
    campaign.state = "completed"
    campaign.save()
    services.look()
    found = results_of(Experiment.objects.get())
    assert sentences.verdict(found).startswith("It ended after 7 of")
    assert (found.experiment.state, found.experiment.reason) == ("stopped", "The campaign ended.")
