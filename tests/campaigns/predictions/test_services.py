"""Predictions come from the product's own history, are silent on little of it, and are followed only when calibrated."""

from __future__ import annotations

from datetime import timedelta

import pytest

from campaigns.daily.services import dispatch
from campaigns.journey import bulk
from campaigns.models import Campaign
from campaigns.predictions import services, training
from campaigns.predictions.models import Prediction, PredictionNight
from campaigns.scoring.features import FEATURES
from campaigns.scoring.models import ScoredFeatures
from conversations.models import Message
from outreach.core import clock
from outreach.core.errors import Refused
from outreach.core.models import Actor
from tests.campaigns.factories import make_campaign, make_candidate
from tests.campaigns.predictions.histories import Past, write_history
from tests.campaigns.texts import make_draft

pytestmark = pytest.mark.django_db
ACTOR = Actor.system("test")


@pytest.fixture
def learned():
    write_history(Past())
    return training.learn()


def candidate_with(campaign, *, decides: bool, stage: str = "qualified"):
    candidate = make_candidate(campaign, stage=stage)
    values = dict.fromkeys(FEATURES, 0.0) | {"decision_maker": float(decides)}
    ScoredFeatures.objects.create(candidate=candidate, values=values, taken_at=clock.now())
    return candidate


def test_without_history_nothing_is_said(db):
    night = training.learn()
    assert (night.estimators, night.timing, night.rates, night.silence) == ({}, {}, {}, {})
    candidate = make_candidate(make_campaign())
    assert services.predict([candidate.pk]) == {}


def test_below_the_floor_nothing_is_said(settings):
    write_history(Past(people=290))
    assert training.learn().estimators == {}


def test_deciders_are_told_apart_and_the_numbers_are_calibrated(learned):
    campaign = make_campaign()
    one, other = candidate_with(campaign, decides=True), candidate_with(campaign, decides=False)
    found = services.predict([one.pk, other.pk])
    assert found[one.pk].reply == pytest.approx(0.3, abs=0.1)
    assert found[other.pk].reply == pytest.approx(0.08, abs=0.06)
    assert learned.estimators["reply"]["figures"]["is_calibrated"]
    assert learned.people_count == 600


def test_two_queries_however_many(learned, django_assert_num_queries):
    campaign = make_campaign()
    people = [make_candidate(campaign) for _n in range(5)]
    knowledge = services.in_force()
    with django_assert_num_queries(2):
        assert len(services.predict([candidate.pk for candidate in people], knowledge)) == 5


def test_a_night_learned_again_replaces_itself(learned):
    again = training.learn()
    assert again.pk == learned.pk and PredictionNight.objects.count() == 1
    assert services.in_force().night.learned_at == again.learned_at


def test_features_from_after_the_first_message_are_not_learned_from(settings):
    write_history(Past())
    late = clock.now()
    ScoredFeatures.objects.update(taken_at=late)
    names = training.learn().estimators.get("reply", {"figures": {}})
    assert not names["figures"].get("is_calibrated")


def test_following_is_refused_until_calibrated():
    campaign = make_campaign()
    with pytest.raises(Refused, match="calibrated"):
        services.follow(campaign=campaign, orders=True, times=False, actor=ACTOR)
    with pytest.raises(Refused, match="hour"):
        services.follow(campaign=campaign, orders=False, times=True, actor=ACTOR)


def test_a_daily_campaign_starts_the_most_promising_and_a_held_out_share(learned, settings):
    campaign = make_campaign(mode=Campaign.Mode.DAILY, state="sending")
    people = [candidate_with(campaign, decides=n >= 20, stage="approved") for n in range(40)]
    for candidate in people:
        make_draft(candidate, state="approved")
    services.follow(campaign=campaign, orders=True, times=False, actor=ACTOR)
    assert dispatch(campaign, 10) == 10
    begun = Prediction.objects.filter(candidate__campaign=campaign)
    assert begun.filter(is_ordered=True).count() == 10
    assert begun.filter(is_held_out=True).count() == 2
    held_out = [c.pk for c in people if services.is_held_out(c.pk)]
    assert set(begun.filter(is_held_out=True).values_list("candidate", flat=True)) == set(held_out[:2])
    followed = begun.filter(is_held_out=False)
    assert min(followed.values_list("reply", flat=True)) > 0.15


def test_a_campaign_that_follows_nothing_keeps_its_order_and_still_remembers(learned):
    campaign = make_campaign(state="sending")
    people = [candidate_with(campaign, decides=n > 1, stage="approved") for n in range(4)]
    for candidate in people:
        make_draft(candidate, state="approved")
    list(bulk.hand_over_first(campaign))
    planned = Message.objects.filter(stream=campaign.stream).order_by("pk").values_list("draft__candidate", flat=True)
    assert list(planned) == [candidate.pk for candidate in people]
    assert Prediction.objects.filter(candidate__campaign=campaign, is_ordered=False).count() == 4


def test_what_is_not_calibrated_any_more_is_not_followed(learned):
    campaign = make_campaign(state="sending")
    services.follow(campaign=campaign, orders=True, times=False, actor=ACTOR)
    for found in learned.estimators.values():
        found["figures"]["is_calibrated"] = False
    learned.learned_at = clock.now()
    learned.save()
    guide = services.guide_of(campaign)
    assert not guide.orders and guide.ordered([3, 1, 2]) == [3, 1, 2]


def test_a_message_waits_for_the_best_hour_within_the_window():
    past = write_history(Past(people=3_000, rate=0.05, decider_rate=0.05, best_hour=14))
    night = training.learn()
    assert night.people_count == 3_000
    campaign = past[0]
    campaign.stream.window = {"days": [0, 1, 2, 3, 4, 5, 6], "start": "09:00", "end": "17:00"}
    services.follow(campaign=campaign, orders=False, times=True, actor=ACTOR)
    guide = services.guide_of(campaign)
    zone = services.ZoneInfo("UTC")
    due = (clock.now() + timedelta(days=1)).replace(hour=9, minute=5)
    ids = [pk for pk in range(1, 30) if not services.is_held_out(pk)]
    moved = {guide.moment(due, zone=zone, candidate_id=pk) for pk in ids}
    assert {at.hour for at in moved} == {14} and {at.date() for at in moved} == {due.date()}
    assert len(moved) > 10, "they do not all leave at once"
    held_out = next(pk for pk in range(1, 200) if services.is_held_out(pk))
    assert guide.moment(due, zone=zone, candidate_id=held_out) == due
    late = due.replace(hour=15)
    assert guide.moment(late, zone=zone, candidate_id=ids[0]) == late


def test_the_effect_is_told_beside_the_held_out():
    found = training.compared(
        {"people": 800, "reply": 80, "conversion": 40}, {"people": 200, "reply": 10, "conversion": 0}
    )
    ratio, low, high = found["ratios"]["reply"]
    assert ratio == pytest.approx(2.0) and low < 2 < high
    assert found["ratios"]["conversion"] is None
