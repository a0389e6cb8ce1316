"""People picked from the list are added to a campaign, and those who must not be written to are left out."""

import pytest

from campaigns.audience.bulk import add_people
from campaigns.audience.services import freeze_audience
from campaigns.models import Campaign
from conversations.consent.services import Target, suppress
from leads.models import Identity
from leads.segments.services import save_segment
from outreach.core.models import Actor
from tests.campaigns.factories import make_campaign, make_candidate, make_lead

pytestmark = pytest.mark.django_db
ACTOR = Actor.system("tests")


def add(campaign, *leads, **options):
    return add_people(campaign=campaign, lead_ids=[lead.pk for lead in leads], actor=ACTOR, **options)


def test_people_are_added_once_and_the_rest_is_counted():
    campaign = make_campaign()
    inside, fine, silent, unreachable = (make_lead() for _number in range(4))
    make_candidate(campaign=campaign, lead=inside)
    suppress(Target(lead=silent), reason="manual", actor=ACTOR)
    Identity.objects.filter(lead=unreachable).delete()
    found = add(campaign, inside, fine, silent, unreachable)
    assert (found.added, found.already, found.suppressed, found.unreachable) == (1, 1, 1, 1)
    assert campaign.candidates.get(lead=fine).is_added_by_hand


def test_people_in_another_running_campaign_are_left_out_unless_they_are_wanted():
    busy = make_lead()
    make_candidate(campaign=make_campaign(state="sending"), lead=busy, stage="contacted")
    campaign = make_campaign()
    assert add(campaign, busy).elsewhere == 1
    assert add(campaign, busy, takes_busy=True).added == 1


def test_matching_the_segment_again_keeps_who_was_added_by_hand():
    heads = {"all": [{"field": "lead.title", "operator": "contains", "value": "head"}]}
    campaign = make_campaign(segment_version=save_segment(name="Heads", criteria=heads, created_by=None))
    lead = make_lead(title="Nobody's segment", title_key="nobody's segment", country="AQ")
    add(campaign, lead)
    freeze_audience(campaign=Campaign.objects.get(pk=campaign.pk), actor=ACTOR)
    assert campaign.candidates.get(lead=lead).stage != "evicted"


def test_who_was_evicted_comes_back():
    campaign = make_campaign()
    lead = make_lead()
    make_candidate(campaign=campaign, lead=lead, stage="evicted")
    assert add(campaign, lead).added == 1
    assert campaign.candidates.get(lead=lead).stage != "evicted"
