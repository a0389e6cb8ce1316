"""A night learns from whom a campaign wrote to, once, and a person can freeze it and go back."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse

from campaigns.audience import shortlist
from campaigns.learning import services
from campaigns.learning.models import WeightNight
from campaigns.models import Campaign, Outcome
from campaigns.scoring import services as scoring
from campaigns.scoring.features import FEATURES
from campaigns.scoring.models import ScoredFeatures
from conversations.models import Message
from conversations.services import conversation_for
from outreach.core import clock
from outreach.core.errors import Refused
from outreach.core.models import Actor
from tests.campaigns.factories import make_campaign, make_candidate, make_lead, make_user
from tests.campaigns.texts import make_draft

pytestmark = pytest.mark.django_db
NONE = dict.fromkeys(FEATURES, 0.0)


@pytest.fixture
def campaign():
    return make_campaign(mode=Campaign.Mode.DAILY, state="sending")


def write_to(campaign, *, days_ago: int = 9, outcome: str = "", **features: float):
    """One person written to so many days ago, perhaps with an outcome two days later."""
    candidate = make_candidate(campaign, stage="contacted")
    step = campaign.steps.get()
    sent = clock.now() - timedelta(days=days_ago)
    conversation = conversation_for(lead=candidate.lead)
    message = Message.objects.create(
        conversation=conversation, sender=step.sender, channel="email", direction="out", state="sent", sent_at=sent
    )
    make_draft(candidate, state="handed_over", message=message)
    ScoredFeatures.objects.create(candidate=candidate, values={**NONE, **features}, taken_at=sent)
    if outcome:
        Outcome.objects.create(candidate=candidate, kind=outcome, occurred_at=sent + timedelta(days=2))
    return candidate


@pytest.fixture
def told(campaign):
    """Twenty who decide, half of them won; twenty who don't, none."""
    for number in range(20):
        write_to(campaign, decision_maker=1.0, outcome="positive" if number % 2 else "")
        write_to(campaign)
    return campaign


def newest(campaign) -> WeightNight:
    return campaign.weight_nights.latest("id")


def test_a_night_moves_the_weights_towards_what_succeeds(told):
    assert services.learn_all() == 1
    assert scoring.weights_of(told)["decision_maker"] > 0
    night = newest(told)
    assert (night.kind, night.contacted_count, night.success_count) == ("learned", 40, 10)
    assert night.evidence["decision_maker"] == [20, 10]


def test_a_night_happens_once(told):
    services.learn_all()
    days = scoring.weights_of(told)
    assert services.learn_all() == 0
    assert scoring.weights_of(told) == days
    assert told.weight_nights.count() == 1
    with pytest.raises(Refused):
        services.learn(campaign=told)


def test_the_next_night_goes_on_from_there(told):
    services.learn_all()
    first = scoring.weights_of(told)["decision_maker"]
    WeightNight.objects.update(night=clock.now().date() - timedelta(days=1))
    services.learn_all()
    assert scoring.weights_of(told)["decision_maker"] > first
    assert newest(told).before["decision_maker"] == first


def test_the_next_shortlist_follows_the_weights(told):
    services.learn_all()
    days = scoring.weights_of(told)
    extra, _parameters = shortlist._weighted(days)
    assert "weight_decision_maker" in extra


def test_too_few_outcomes_change_nothing_and_say_so(campaign):
    write_to(campaign, outcome="won")
    assert services.learn_all() == 0
    assert newest(campaign).kind == "too_few"
    assert scoring.weights_of(campaign) == {}


def test_messages_older_than_the_window_are_forgotten(campaign):
    for number in range(40):
        write_to(campaign, days_ago=20, outcome="positive" if number % 2 else "")
    services.learn_all()
    assert newest(campaign).contacted_count == 0


def test_frozen_weights_stay_and_the_night_is_recorded(told):
    scoring.freeze(campaign=told, is_frozen=True, actor=Actor.system("test"))
    services.learn_all()
    assert newest(told).kind == "frozen"
    assert scoring.weights_of(told) == {}


def test_a_campaign_that_is_over_learns_no_more(told):
    Campaign.objects.filter(pk=told.pk).update(state="completed")
    assert services.learn_all() == 0
    assert not told.weight_nights.exists()


def test_another_campaign_learns_for_itself(told):
    other = make_campaign(mode=Campaign.Mode.DAILY, state="sending")
    services.learn_all()
    assert newest(other).kind == "too_few"


def test_rolling_back_restores_and_freezes(told):
    user = make_user("operator")
    services.learn_all()
    services.roll_back(night=newest(told), user=user)
    assert scoring.weights_of(told) == {}
    assert told.score_weights.is_frozen
    assert newest(told).kind == "rolled_back" and newest(told).user == user


def test_queries_do_not_grow_with_the_people(told, django_assert_max_num_queries):
    with django_assert_max_num_queries(16):
        services.learn_all()


def test_the_page_explains_the_night(told, client):
    make_lead()
    services.learn_all()
    client.force_login(make_user("operator"))
    page = client.get(reverse("campaigns:weights", args=[told.pk]))
    text = page.content.decode()
    assert "40 people contacted and 10 positive outcomes" in text
    assert "Undo this and later nights" in text


def test_the_page_before_any_night(campaign, client):
    client.force_login(make_user("viewer"))
    text = client.get(reverse("campaigns:weights", args=[campaign.pk])).content.decode()
    assert "No night has passed yet." in text and "Learn now" not in text


def test_buttons_learn_freeze_and_go_back(told, client):
    client.force_login(make_user("operator"))
    client.post(reverse("campaigns:learn-now", args=[told.pk]))
    night = newest(told)
    client.post(reverse("campaigns:roll-back-weights", args=[told.pk, night.pk]))
    assert told.score_weights.is_frozen
    client.post(reverse("campaigns:freeze-weights", args=[told.pk]), {"frozen": "0"})
    told.score_weights.refresh_from_db()
    assert not told.score_weights.is_frozen


def test_a_viewer_changes_nothing(told, client):
    services.learn_all()
    client.force_login(make_user("viewer"))
    assert client.post(reverse("campaigns:roll-back-weights", args=[told.pk, newest(told).pk])).status_code == 403
