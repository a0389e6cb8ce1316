"""Predictions come from the product's own history, are silent on little of it, and are followed only when calibrated."""

from __future__ import annotations

import json
from datetime import timedelta

import numpy as np
import pytest
from django.core.management import call_command

from campaigns.daily.services import dispatch
from campaigns.journey import bulk
from campaigns.models import Campaign
from campaigns.predictions import services, training
from campaigns.predictions.arithmetic import timing
from campaigns.predictions.encoding import Known, encode
from campaigns.predictions.facts import facts_of
from campaigns.predictions.models import Prediction
from campaigns.scoring.features import FEATURES
from campaigns.scoring.models import ScoredFeatures
from campaigns.scoring.services import features_of
from conversations.models import Message
from leads.qualification.factors import NAMES
from leads.qualification.models import Verdict
from leads.qualification.services import save_brief
from outreach.core import clock
from outreach.core.errors import Refused
from outreach.core.models import Actor
from tests.campaigns.factories import make_campaign, make_candidate
from tests.campaigns.predictions.histories import Past, know, write_history
from tests.campaigns.texts import make_draft

pytestmark = pytest.mark.django_db
ACTOR = Actor.system("test")


@pytest.fixture
def learned():
    return know()


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


def test_below_the_floor_nothing_is_said_and_above_it_the_command_tells_how_well(capsys, settings):
    write_history(Past(people=350))
    settings.OUTREACH.predictions.fewest_people = 351
    assert training.learn().estimators == {}
    settings.OUTREACH.predictions.fewest_people = 300
    call_command("learn", "predictions", "--json")
    told = json.loads(capsys.readouterr().out.splitlines()[0])
    assert (told["predicts"], told["people"]) == ("reply", 350)


@pytest.mark.long
def test_deciders_are_told_apart_and_the_numbers_are_calibrated():
    write_history(Past())
    night = training.learn()
    campaign = make_campaign()
    one, other = candidate_with(campaign, decides=True), candidate_with(campaign, decides=False)
    found = services.predict([one.pk, other.pk])
    assert found[one.pk].reply == pytest.approx(0.3, abs=0.1)
    assert found[other.pk].reply == pytest.approx(0.08, abs=0.06)
    assert night.estimators["reply"]["figures"]["is_calibrated"]
    assert night.people_count == 600
    assert set(night.rates) == {"reply", "conversion"} and night.timing["0"]["messages"] == 600
    ScoredFeatures.objects.filter(candidate__campaign__state="sending").update(taken_at=clock.now())
    again = training.learn()
    assert again.pk == night.pk and services.in_force().night.learned_at == again.learned_at
    late = again.estimators["reply"]["figures"] if "reply" in again.estimators else {}
    assert not late.get("is_calibrated"), "features from after the first message are not learned from"


def test_one_query_however_many(learned, django_assert_num_queries):
    campaign = make_campaign()
    people = [make_candidate(campaign) for _n in range(5)]
    knowledge = services.in_force()
    with django_assert_num_queries(1):
        assert len(services.predict([candidate.pk for candidate in people], knowledge)) == 5


def test_facts_are_those_that_learning_saw(learned):
    """The database's columns equal the encoding of what was kept; unknown factors and present features included."""
    campaign = make_campaign()
    kept, fresh = candidate_with(campaign, decides=True), make_candidate(campaign, title="Owner", title_key="owner")
    brief = save_brief(name="b", description="", factors={}, use_model=False, created_by=None)
    factors = {name: {"value": (None, 0.25, 1)[n % 3], "reason": "…"} for n, name in enumerate(NAMES)}
    kept.verdict = Verdict.objects.create(
        lead=kept.lead,
        brief=brief,
        source="rules",
        score=0.6,
        factors=factors,
        lead_hash="h",
        brief_hash="h",
        version="1",
    )
    kept.save()
    values = {name: part["value"] for name, part in factors.items()}
    expected = encode(
        [Known(kept.scored_features.values, values, 0.6), Known(features_of([fresh.lead_id])[fresh.lead_id])]
    )
    found = facts_of([kept.pk, fresh.pk, 0])
    order = np.argsort(found.ids)
    assert sorted(found.ids) == [kept.pk, fresh.pk] and set(found.campaigns) == {campaign.pk}
    assert found.cells[order] == pytest.approx(expected)


def test_following_is_refused_until_calibrated():
    campaign = make_campaign()
    with pytest.raises(Refused, match="calibrated"):
        services.follow(campaign=campaign, orders=True, times=False, actor=ACTOR)
    with pytest.raises(Refused, match="hour"):
        services.follow(campaign=campaign, orders=False, times=True, actor=ACTOR)


def test_a_daily_campaign_starts_the_most_promising_and_a_held_out_share(learned, monkeypatch):
    monkeypatch.setattr(services, "is_held_out", lambda pk: pk % 5 == 0)
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
    random = np.random.default_rng(1)
    hours = random.integers(9, 17, 3_000)
    answered = random.random(3_000) < np.where(hours == 14, 0.15, 0.05)
    whole = timing.learn(timing.Sent(np.zeros(3_000, int), hours % 5, hours, answered), fewest=100)
    know(timing={"0": whole[0].as_json()})
    campaign = make_campaign(state="sending")
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
