from datetime import timedelta

import pytest

from campaigns.audience import live, shortlist
from campaigns.audience.models import LiveMatch, LiveSet
from campaigns.journey.leaving import exclude
from campaigns.models import Candidate
from conversations.consent.services import Target, lift, suppress
from leads import services as leads
from leads.directory.erasing import erase
from leads.models import Identity, LeadChange
from leads.segments.services import save_segment
from outreach.core import clock
from outreach.core.errors import Invalid, Refused
from outreach.core.models import Actor
from outreach.jobs.models import QueueItem
from tests.campaigns.factories import make_candidate, make_lead

pytestmark = pytest.mark.django_db
ACTOR = Actor.system("test")
HEADS = {"all": [{"field": "lead.title", "operator": "any_of", "value": ["head"]}]}
CLERKS = {"all": [{"field": "lead.title", "operator": "any_of", "value": ["clerk"]}]}
RESTED = {"all": [{"field": "lead.last_contacted_at", "operator": "not_within_days", "value": 60}]}
FRESH = {"all": [{"field": "lead.activity_at", "operator": "within_days", "value": 7}]}
TOLD = {"all": [{"field": "lead.description", "operator": "contains", "value": "remote"}]}


def members(campaign):
    return set(LiveMatch.objects.filter(campaign_id=campaign.pk).values_list("lead_id", flat=True))


def make_head(**fields):
    return make_lead(title="Head of People", title_key="head of people", **fields)


def retitle(lead, title):
    leads.update_lead(lead=lead, actor=ACTOR, fields={"title": title})


def test_a_campaign_that_becomes_live_is_matched(make_live):
    head = make_head()
    make_lead(title="Clerk", title_key="clerk")
    campaign = make_live(HEADS)
    live.tick()
    assert members(campaign) == {head.pk}
    row = campaign.live_set
    assert (row.size, row.entered_count, row.needs_match) == (1, 1, False)


@pytest.mark.parametrize("state", ["drafting", "completed", "archived"])
def test_a_campaign_in_another_state_has_no_set(make_live, state):
    make_head()
    campaign = make_live(HEADS, state=state)
    live.tick()
    assert not LiveSet.objects.exists()
    assert members(campaign) == set()


def test_a_set_goes_with_its_campaign(make_live):
    make_head()
    campaign = make_live(HEADS)
    live.tick()
    type(campaign).objects.update(state="completed")
    live.tick()
    assert members(campaign) == set()


def test_a_changed_lead_comes_in_and_goes_out(make_live):
    campaign = make_live(HEADS)
    live.tick()
    lead = make_lead(title="Clerk", title_key="clerk")
    live.tick()
    assert members(campaign) == set()
    retitle(lead, "Head of IT")
    live.tick()
    assert members(campaign) == {lead.pk}
    retitle(lead, "Clerk")
    done = live.tick()
    assert members(campaign) == set()
    assert (done.entered, done.left) == (0, 1)
    campaign.live_set.refresh_from_db()
    assert (campaign.live_set.size, campaign.live_set.entered_count, campaign.live_set.left_count) == (0, 1, 1)


def test_looking_again_at_unchanged_leads_writes_nothing(make_live, django_assert_num_queries):
    lead = make_head()
    make_live(HEADS)
    live.tick()
    LeadChange.objects.create(lead_id=lead.pk)
    done = live.drain()
    assert (done.leads, done.entered, done.left, done.moved) == (1, 0, 0, 0)


def test_a_change_of_the_company_changes_its_leads(make_live):
    lead = make_head()
    campaign = make_live({"all": [{"field": "company.city", "operator": "equals", "value": "Berlin"}]})
    live.tick()
    leads.update_company(company=lead.company, actor=ACTOR, fields={"city": "Berlin"})
    live.tick()
    assert members(campaign) == {lead.pk}


def test_who_must_not_be_written_to_goes_out_and_comes_back(make_live):
    by_lead, by_address, by_domain, without = make_head(), make_head(), make_head(), make_head()
    campaign = make_live(HEADS)
    live.tick()
    assert len(members(campaign)) == 4
    row = suppress(Target(lead=by_lead), reason="opt_out", actor=ACTOR)
    suppress(Target(address=by_address.address("email")), reason="bounce", actor=ACTOR)
    Identity.objects.filter(lead=by_domain, channel="email").update(address="x@mail.blocked.example")
    suppress(Target(domain="blocked.example"), reason="manual", actor=ACTOR)
    leads.update_identity(identity=without.identities.get(channel="email"), actor=ACTOR, status="invalid")
    live.tick()
    assert members(campaign) == set()
    lift(suppression=row, actor=ACTOR, reason="a mistake")
    live.tick()
    assert members(campaign) == {by_lead.pk}


def test_an_erased_lead_goes_out(make_live):
    lead = make_head()
    campaign = make_live(HEADS)
    live.tick()
    erase(lead=lead, actor=ACTOR)
    live.tick()
    assert members(campaign) == set()


def test_a_window_that_passes_without_any_update_takes_out_and_brings_in(make_live, time_machine):
    now = clock.now()
    contacted = make_head(last_contacted_at=now - timedelta(days=59, hours=23))
    active = make_head(activity_at=now - timedelta(days=6, hours=23), last_contacted_at=now)
    rested, fresh = make_live(RESTED), make_live(FRESH)
    live.tick()
    assert (members(rested), members(fresh)) == (set(), {active.pk})
    time_machine.move_to(now + timedelta(hours=2))
    live.tick()
    assert (members(rested), members(fresh)) == ({contacted.pk}, set())


def test_criteria_on_long_texts_are_asked_of_the_database(make_live):
    campaign, other = make_live(TOLD), make_live(HEADS)
    live.tick()
    lead = make_lead(description="Fully REMOTE", title="Head", title_key="head")
    live.tick()
    assert members(campaign) == members(other) == {lead.pk}
    leads.update_lead(lead=lead, actor=ACTOR, fields={"description": "In the office"})
    live.tick()
    assert (members(campaign), members(other)) == (set(), {lead.pk})


def test_a_set_is_bounded_by_rank_and_trimmed_with_slack(make_live, monkeypatch):
    monkeypatch.setattr(live, "CAP", 3)
    monkeypatch.setattr(live, "SLACK", 1)
    monkeypatch.setattr(live, "LOW", 1)
    now = clock.now()
    rows = [make_head(activity_at=now - timedelta(days=n)) for n in range(6)]
    campaign = make_live(HEADS)
    live.tick()
    assert members(campaign) == {r.pk for r in rows[:3]}
    newest = [make_head(activity_at=now + timedelta(days=n)) for n in (1, 2)]
    live.tick()
    assert members(campaign) == {r.pk for r in (*rows[:1], *newest)}
    campaign.live_set.refresh_from_db()
    assert (campaign.live_set.size, campaign.live_set.floor_lead) == (3, rows[0].pk)
    make_head(activity_at=now - timedelta(days=3))
    live.tick()
    assert len(members(campaign)) == 3


def test_a_bounded_set_that_runs_low_is_matched_again(make_live, monkeypatch):
    monkeypatch.setattr(live, "CAP", 3)
    monkeypatch.setattr(live, "LOW", 2)
    rows = [make_head(activity_at=clock.now() - timedelta(days=n)) for n in range(6)]
    campaign = make_live(HEADS)
    live.tick()
    for row in rows[:2]:
        retitle(row, "Clerk")
    live.tick()
    assert members(campaign) == {r.pk for r in rows[2:5]}


@pytest.fixture
def impatient(monkeypatch):
    """A new set has its first among the best two leads."""
    monkeypatch.setattr(live, "WALK_FROM", 0)
    monkeypatch.setattr(live, "WALK", 2)


def make_heads(count):
    return [make_head(activity_at=clock.now() - timedelta(days=n)) for n in range(count)]


def test_a_new_set_has_its_best_leads_at_once_and_the_others_with_the_next_look(make_live, impatient):
    rows = make_heads(5)
    campaign = make_live(HEADS)
    row = live.ensure(campaign=campaign)
    assert members(campaign) == {r.pk for r in rows[:2]}
    assert (row.size, row.floor_lead, row.needs_match, row.matched_at) == (2, rows[1].pk, True, None)
    assert QueueItem.objects.filter(task="campaigns.audience.tasks.keep_live_sets").exists()
    live.tick()
    assert members(campaign) == {r.pk for r in rows}


def test_where_leads_are_few_a_new_set_is_whole_at_once(make_live, impatient, monkeypatch):
    monkeypatch.setattr(live, "WALK_FROM", 1_000_000)
    make_heads(5)
    row = live.ensure(campaign=make_live(HEADS))
    assert (row.size, row.floor_lead, row.needs_match) == (5, None, False)


def test_a_set_that_was_begun_follows_changes_above_its_floor(make_live, impatient):
    rows = make_heads(5)
    campaign = make_live(HEADS)
    live.ensure(campaign=campaign)
    retitle(rows[0], "Clerk")
    retitle(rows[4], "Head of IT")
    newest = make_head(activity_at=clock.now() + timedelta(days=1))
    live.drain()
    assert {newest.pk, rows[1].pk} <= members(campaign)
    assert rows[0].pk not in members(campaign)


def test_a_set_with_none_among_the_best_leads_is_filled_with_the_next_look(make_live, impatient):
    now = clock.now()
    for n in range(2):
        make_lead(title="Clerk", title_key="clerk", activity_at=now + timedelta(days=n))
    rows = make_heads(3)
    campaign = make_live(HEADS)
    assert live.ensure(campaign=campaign).needs_match
    assert [c.lead_id for c in shortlist.top(campaign=campaign, limit=2)] == [r.pk for r in rows[:2]]


def test_the_shortlist_asks_for_more_than_a_new_set_has(make_live, impatient):
    rows = make_heads(5)
    campaign = make_live(HEADS)
    assert [c.lead_id for c in shortlist.top(campaign=campaign, limit=4)] == [r.pk for r in rows[:4]]
    assert not shortlist.is_dry(campaign=campaign, limit=1)
    assert shortlist.is_dry(campaign=campaign, limit=2)


def test_a_set_is_matched_as_a_whole_for_whoever_wants_more_than_it_has(make_live, impatient):
    make_heads(5)
    campaign = make_live(HEADS)
    assert live.ensure(campaign=campaign, least=2).size == 2
    assert live.ensure(campaign=campaign, least=3).size == 5


def test_many_sets_are_filled_one_after_another_as_far_as_the_time_goes(make_live, monkeypatch):
    monkeypatch.setattr(live, "CAP", 3)
    rows = make_heads(5)
    clerk = make_lead(title="Clerk", title_key="clerk")
    unreachable = make_head(activity_at=clock.now())
    unreachable.identities.all().delete()
    heads, clerks, told = make_live(HEADS), make_live(CLERKS), make_live(TOLD)
    exclude(candidate=make_candidate(heads, lead=rows[1], stage="qualified"), actor=ACTOR)
    live.reconcile()
    live.match_due(seconds=-1)
    assert members(heads) == {rows[0].pk, rows[2].pk, rows[3].pk}
    assert members(clerks) == set() and LiveSet.objects.filter(needs_match=True).count() == 2
    live.tick()
    assert (members(clerks), members(told)) == ({clerk.pk}, set())
    sets = {row.campaign_id: row for row in LiveSet.objects.all()}
    assert (sets[heads.pk].size, sets[heads.pk].floor_lead) == (3, rows[3].pk)
    assert (sets[clerks.pk].size, sets[clerks.pk].floor_lead, sets[clerks.pk].needs_match) == (1, None, False)


def test_a_candidate_without_a_draft_that_no_longer_matches_is_evicted_and_may_come_back(make_live):
    lead = make_head()
    campaign = make_live(HEADS)
    live.tick()
    (candidate,) = shortlist.top(campaign=campaign, limit=5)
    assert members(campaign) == set()
    retitle(lead, "Clerk")
    live.tick()
    candidate.refresh_from_db()
    assert candidate.stage == "evicted"
    retitle(lead, "Head of IT")
    live.tick()
    assert members(campaign) == {lead.pk}
    (again,) = shortlist.top(campaign=campaign, limit=5)
    assert (again.pk, again.stage) == (candidate.pk, "qualified")


def test_candidates_with_drafts_stay_and_excluded_ones_stay_out(make_live):
    drafted, out = make_head(), make_head()
    campaign = make_live(HEADS)
    make_candidate(campaign, lead=drafted, stage="drafted")
    exclude(candidate=make_candidate(campaign, lead=out, stage="qualified"), actor=ACTOR)
    live.tick()
    assert members(campaign) == set()
    retitle(drafted, "Clerk")
    live.tick()
    assert Candidate.objects.get(lead=drafted).stage == "drafted"


def test_the_shortlist_gives_the_best_first_and_the_same_again_until_they_are_judged(make_live):
    now = clock.now()
    old, new, replied = (
        make_head(activity_at=now - timedelta(days=40)),
        make_head(activity_at=now),
        make_head(activity_at=now - timedelta(days=45), last_replied_at=now),
    )
    campaign = make_live(HEADS)
    assert [c.lead_id for c in shortlist.top(campaign=campaign, limit=2)] == [replied.pk, new.pk]
    assert [c.lead_id for c in shortlist.top(campaign=campaign, limit=2)] == [replied.pk, new.pk]
    Candidate.objects.update(stage="drafted")
    assert [c.lead_id for c in shortlist.top(campaign=campaign, limit=2)] == [old.pk]
    assert shortlist.is_dry(campaign=campaign, limit=1)


def test_who_opted_out_a_moment_ago_is_not_shortlisted(make_live):
    lead = make_head()
    campaign = make_live(HEADS)
    live.tick()
    suppress(Target(lead=lead), reason="opt_out", actor=ACTOR)
    assert shortlist.top(campaign=campaign, limit=5) == []


def test_new_criteria_for_new_leads_only_leave_those_in_flight(make_live):
    head, clerk = make_head(), make_lead(title="Clerk", title_key="clerk")
    campaign = make_live(HEADS)
    (candidate,) = shortlist.top(campaign=campaign, limit=5)
    version = save_segment(name="Clerks", criteria=CLERKS, created_by=None)
    live.change_criteria(campaign=campaign, segment_version=version, scope="new", actor=ACTOR)
    assert members(campaign) == {clerk.pk}
    leads.update_lead(lead=head, actor=ACTOR, fields={"city": "Berlin"})
    live.tick()
    candidate.refresh_from_db()
    assert candidate.stage == "qualified"


def test_new_criteria_for_all_take_out_who_was_not_written_to(make_live):
    head, drafted, sent = make_head(), make_head(), make_head()
    campaign = make_live(HEADS)
    shortlist.top(campaign=campaign, limit=5)
    Candidate.objects.filter(lead=drafted).update(stage="drafted")
    Candidate.objects.filter(lead=sent).update(stage="contacted")
    version = save_segment(name="Clerks", criteria=CLERKS, created_by=None)
    live.change_criteria(campaign=campaign, segment_version=version, scope="all", actor=ACTOR)
    stages = dict(Candidate.objects.values_list("lead", "stage"))
    assert stages == {head.pk: "evicted", drafted.pk: "excluded", sent.pk: "contacted"}


def test_criteria_change_only_where_a_set_is_live(make_live):
    campaign = make_live(HEADS, state="drafting")
    with pytest.raises(Refused):
        live.change_criteria(campaign=campaign, segment_version=campaign.segment_version, scope="all", actor=ACTOR)
    with pytest.raises(Invalid):
        live.change_criteria(campaign=campaign, segment_version=campaign.segment_version, scope="some", actor=ACTOR)


def test_a_saved_step_of_another_channel_matches_again(make_live):
    lead = make_head()
    lead.identities.filter(channel="sms").delete()
    campaign = make_live(HEADS)
    live.tick()
    assert members(campaign) == {lead.pk}
    campaign.steps.update(channel="sms")
    live.tick()
    assert members(campaign) == set()
