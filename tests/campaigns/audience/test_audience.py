import pytest

from campaigns.audience.services import freeze_audience, include
from campaigns.journey.leaving import exclude
from campaigns.models import Candidate
from conversations.consent.services import Target, suppress
from leads.models import Identity
from leads.qualification.models import Brief
from leads.segments.services import save_segment
from leads.services import update_lead
from outreach.core.errors import Refused
from outreach.core.models import Actor
from tests.campaigns.factories import make_campaign, make_lead

pytestmark = pytest.mark.django_db
ACTOR = Actor.system("test")
HEADS = {"all": [{"field": "lead.title", "operator": "contains", "value": "head"}]}


@pytest.fixture
def campaign():
    brief = Brief.objects.create(name="Heads", content_hash="x")
    version = save_segment(name="Heads", criteria=HEADS, created_by=None)
    return make_campaign(segment_version=version, brief=brief)


def leads_of(campaign, *stages):
    return set(
        Candidate.objects.filter(campaign=campaign, stage__in=stages or ("matched",)).values_list("lead", flat=True)
    )


def make_head(**fields):
    return make_lead(title="Head of People", title_key="head of people", **fields)


def test_freezing_keeps_who_matches_now(campaign):
    head = make_head()
    make_lead(title="Clerk", title_key="clerk")
    audience = freeze_audience(campaign=campaign, actor=ACTOR)
    assert (audience.matching, audience.added, leads_of(campaign)) == (1, 1, {head.pk})
    make_head()
    assert leads_of(campaign) == {head.pk}


def test_freezing_twice_changes_nothing(campaign):
    make_head()
    freeze_audience(campaign=campaign, actor=ACTOR)
    again = freeze_audience(campaign=campaign, actor=ACTOR)
    assert (again.added, again.evicted, Candidate.objects.count()) == (0, 0, 1)


def test_who_must_not_be_written_to_is_kept_out_and_counted(campaign):
    by_lead, by_address, by_domain, below = make_head(), make_head(), make_head(), make_head()
    suppress(Target(lead=by_lead), reason="opt_out", actor=ACTOR)
    suppress(Target(address=by_address.address("email")), reason="bounce", actor=ACTOR)
    Identity.objects.filter(lead=by_domain, channel="email").update(address="x@blocked.example")
    Identity.objects.filter(lead=below, channel="email").update(address="x@mail.dept.blocked.example")
    suppress(Target(domain="blocked.example"), reason="manual", actor=ACTOR)
    other_channel = make_head()
    suppress(Target(lead=other_channel, channel="sms"), reason="manual", actor=ACTOR)
    audience = freeze_audience(campaign=campaign, actor=ACTOR)
    assert audience.suppressed == 4
    assert leads_of(campaign) == {other_channel.pk}


def test_who_has_no_address_on_the_first_channel_is_kept_out_and_counted(campaign):
    lead = make_head()
    lead.identities.filter(channel="email").update(status="invalid")
    audience = freeze_audience(campaign=campaign, actor=ACTOR)
    assert (audience.unreachable, audience.added) == (1, 0)
    assert campaign.audience_counts["unreachable"] == 1


def test_matching_again_adds_and_evicts_but_leaves_who_has_drafts(campaign):
    leaves, stays = make_head(), make_head()
    freeze_audience(campaign=campaign, actor=ACTOR)
    Candidate.objects.filter(lead=stays).update(stage="drafted")
    for lead in (leaves, stays):
        update_lead(lead=lead, actor=ACTOR, fields={"title": "Clerk"})
    new = make_head()
    audience = freeze_audience(campaign=campaign, actor=ACTOR)
    assert (audience.added, audience.evicted) == (1, 1)
    assert leads_of(campaign) == {new.pk}
    assert leads_of(campaign, "drafted") == {stays.pk}
    update_lead(lead=leaves, actor=ACTOR, fields={"title": "Head"})
    freeze_audience(campaign=campaign, actor=ACTOR)
    assert leaves.pk in leads_of(campaign)


def test_without_a_brief_everybody_qualifies(campaign):
    campaign.brief = None
    campaign.save()
    head = make_head()
    freeze_audience(campaign=campaign, actor=ACTOR)
    assert leads_of(campaign, "qualified") == {head.pk}


def test_the_audience_of_a_finished_campaign_stays(campaign):
    campaign.state = "completed"
    with pytest.raises(Refused):
        freeze_audience(campaign=campaign, actor=ACTOR)


def test_excluded_stays_excluded_until_taken_in_again(campaign):
    make_head()
    freeze_audience(campaign=campaign, actor=ACTOR)
    candidate = Candidate.objects.get()
    exclude(candidate=candidate, actor=ACTOR, reason="A friend")
    freeze_audience(campaign=campaign, actor=ACTOR)
    candidate.refresh_from_db()
    assert (candidate.stage, candidate.stage_reason) == ("excluded", "A friend")
    include(candidate=candidate, actor=ACTOR)
    assert candidate.stage == "matched"


def test_one_statement_for_any_size(campaign, django_assert_max_num_queries):
    for _n in range(5):
        make_head()
    with django_assert_max_num_queries(14):
        freeze_audience(campaign=campaign, actor=ACTOR)
