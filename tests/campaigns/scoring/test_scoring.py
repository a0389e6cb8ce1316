"""The cheap score: a campaign's weights reorder its shortlist, exactly and by index."""

from __future__ import annotations

from datetime import timedelta

import pytest

from campaigns.audience import live, shortlist
from campaigns.models import Campaign
from campaigns.scoring import services
from campaigns.scoring.features import FEATURES
from campaigns.scoring.models import ScoredFeatures
from leads.segments.services import save_segment
from outreach.core import clock
from outreach.core.errors import Invalid
from outreach.core.models import Actor
from tests.campaigns.factories import make_campaign, make_lead

pytestmark = pytest.mark.django_db
ACTOR = Actor.system("test")
EVERYONE = {"all": [{"field": "lead.country", "operator": "equals", "value": "US"}]}


@pytest.fixture
def campaign():
    version = save_segment(name="Everyone", criteria=EVERYONE, created_by=None)
    return make_campaign(segment_version=version, mode=Campaign.Mode.DAILY, state="ready")


def make_person(title: str, *, days_ago: int, **fields):
    return make_lead(title=title, title_key=title.lower(), activity_at=clock.now() - timedelta(days=days_ago), **fields)


def set_weights(campaign, **days):
    return services.set_weights(campaign=campaign, days=days, actor=ACTOR)


def best(campaign, limit=10):
    live.tick()
    return [lead for lead, _score in shortlist.peek(campaign=campaign, limit=limit)]


def test_without_weights_the_most_recent_come_first(campaign):
    clerk, head = make_person("Clerk", days_ago=1), make_person("Head of Sales", days_ago=20)
    assert best(campaign) == [clerk.pk, head.pk]
    assert services.weights_of(campaign) == {}


def test_a_weight_outweighs_so_many_days(campaign):
    clerk, head = make_person("Clerk", days_ago=1), make_person("Head of Sales", days_ago=20)
    set_weights(campaign, decision_maker=18)
    assert best(campaign) == [clerk.pk, head.pk]
    set_weights(campaign, decision_maker=20)
    assert best(campaign) == [head.pk, clerk.pk]


def test_a_negative_weight_pushes_back(campaign):
    described, plain = make_person("Clerk", days_ago=1, description="Sells"), make_person("Clerk", days_ago=5)
    set_weights(campaign, described=-10)
    assert best(campaign) == [plain.pk, described.pk]


def test_the_best_are_found_wherever_the_rank_alone_would_have_put_them(campaign):
    """The answer from the index equals the answer from all scores."""
    people = [
        make_person(("Clerk", "CEO")[n % 3 == 0], days_ago=n, description=("", "Sells")[n % 4 == 0]) for n in range(40)
    ]
    days = {"decision_maker": 12.0, "described": -7.0}
    set_weights(campaign, **days)
    live.tick()
    seen = services.features_of([lead.pk for lead in people])
    scores = {lead.pk: sum(days[name] * seen[lead.pk][name] for name in days) - age for age, lead in enumerate(people)}
    for limit in (1, 3, 10, 40):
        found = [scores[lead] for lead in best(campaign, limit)]
        assert found == sorted(scores.values(), reverse=True)[:limit]


def test_the_shortlist_takes_the_best_and_keeps_what_it_saw(campaign):
    make_person("Clerk", days_ago=1)
    head = make_person("Head of Sales", days_ago=20)
    set_weights(campaign, decision_maker=30)
    (candidate,) = shortlist.top(campaign=campaign, limit=1)
    assert candidate.lead_id == head.pk
    kept = ScoredFeatures.objects.get(candidate=candidate)
    assert set(kept.values) == set(FEATURES)
    assert (kept.values["decision_maker"], kept.values["replied_before"]) == (1.0, 0.0)


def test_what_was_kept_does_not_change_with_the_lead(campaign):
    head = make_person("Head of Sales", days_ago=20)
    (candidate,) = shortlist.top(campaign=campaign, limit=1)
    type(head).objects.filter(pk=head.pk).update(last_replied_at=clock.now())
    services.remember({candidate.pk: head.pk})
    assert ScoredFeatures.objects.get(candidate=candidate).values["replied_before"] == 0.0


def test_other_weights_can_be_tried(campaign):
    clerk, head = make_person("Clerk", days_ago=1), make_person("Head of Sales", days_ago=20)
    live.tick()
    tried = shortlist.peek(campaign=campaign, limit=2, days={"decision_maker": 30})
    assert [lead for lead, _score in tried] == [head.pk, clerk.pk]
    assert best(campaign) == [clerk.pk, head.pk]


def test_equal_weights_are_no_new_version(campaign):
    assert set_weights(campaign, described=3).version == 1
    assert set_weights(campaign, described=3, company_known=0).version == 1
    assert set_weights(campaign, described=4).version == 2


def test_frozen_weights_change_by_hand_only(campaign):
    services.freeze(campaign=campaign, is_frozen=True, actor=ACTOR)
    assert set_weights(campaign, described=1).days == {"described": 1}


@pytest.mark.parametrize(
    ("days", "field"),
    [({"beauty": 1}, "beauty"), ({"described": 91}, "described"), ({"described": float("nan")}, "described")],
)
def test_weights_are_checked(campaign, days, field):
    with pytest.raises(Invalid) as error:
        services.set_weights(campaign=campaign, days=days, actor=ACTOR)
    assert error.value.field == f"days.{field}"


def test_every_feature_can_be_computed_and_lies_between_0_and_1():
    head = make_person("Директор по продажам", days_ago=1)
    found = services.features_of([head.pk])[head.pk]
    assert found["decision_maker"] == 1.0
    assert all(0 <= value <= 1 for value in found.values())
