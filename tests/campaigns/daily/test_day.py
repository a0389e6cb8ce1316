"""A day of a daily campaign, from its midnight: the best are judged, written to, and begun with as senders allow."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from campaigns.audience import discovery, live
from campaigns.daily import services as daily
from campaigns.daily.tasks import run_due
from campaigns.drafts.models import ApprovalRule, Draft
from campaigns.launch import checks as preflight
from campaigns.launch import services
from campaigns.models import Campaign, Candidate
from campaigns.review import services as review
from campaigns.steps.plan import StepPlan
from conversations.models import Message
from leads.models import Identity
from leads.qualification.services import save_brief
from leads.segments.services import save_segment
from leads.sources import registry
from leads.sources.base import Target
from leads.sources.models import CrawlJob
from outreach.core.errors import Invalid, Refused
from outreach.core.models import Actor
from outreach.jobs.draining import drain
from outreach.prompts.services import current
from tests.campaigns.factories import make_lead, make_sender, make_user, plan_campaign

pytestmark = pytest.mark.django_db
ACTOR = Actor.system("test")
MORNING = datetime(2026, 3, 2, 8, tzinfo=UTC)


@pytest.fixture(autouse=True)
def a_day():
    with time_machine.travel(MORNING, tick=False) as traveller:
        yield traveller


@pytest.fixture
def sender():
    return make_sender(hourly_cap=100, daily_cap=4, weekly_cap=100)


@pytest.fixture
def campaign(sender):
    for _n in range(12):
        make_lead(title_key="head of people")
    pack = current("first-contact-email")
    campaign = plan_campaign(
        name="Every day",
        segment_version=save_segment(
            name="People",
            criteria={"all": [{"field": "lead.title", "operator": "any_of", "value": ["head"]}]},
            created_by=make_user(),
        ),
        steps=[StepPlan("email", sender, pack), StepPlan("email", sender, pack, delay_days=2)],
        goal="A call",
        offer="a review of your hiring process",
        booking_url="https://cal.example/ann",
        mode="daily",
        time_zone="Europe/Berlin",
    )
    ApprovalRule.objects.create(campaign=campaign, name="auto", action="approve", conditions={})
    services.start(campaign=campaign, actor=ACTOR)
    drain("default")
    live.tick()
    campaign.refresh_from_db()
    return campaign


def run(campaign):
    campaign.refresh_from_db()
    counts = daily.run(campaign)
    drain("default")
    return counts


def test_it_begins_with_as_many_as_the_sender_may_write_to(campaign):
    counts = run(campaign)
    assert (counts["planned"], Message.objects.count()) == (4, 4)
    campaign.refresh_from_db()
    assert campaign.day == datetime(2026, 3, 2, tzinfo=UTC).date()
    assert campaign.day_counts["planned"] == 4


def test_running_again_within_the_day_doubles_nothing(campaign):
    run(campaign)
    assert run(campaign)["planned"] == 0
    assert Message.objects.count() == 4


def test_the_next_hour_fills_what_became_free(campaign):
    run(campaign)
    Message.objects.filter(pk=Message.objects.first().pk).update(state="cancelled")
    assert run(campaign)["planned"] == 1


def test_follow_ups_keep_their_place(campaign, sender, a_day):
    run(campaign)
    for message in Message.objects.all():
        Message.objects.filter(pk=message.pk).update(state="sent", sent_at=MORNING)
        from campaigns.reactions.subscribers import on_message_sent
        from outreach.events.models import Event

        on_message_sent(Event(kind="message.sent", payload={"message_id": message.pk}, at=MORNING))
    assert Message.objects.filter(draft__step__number=2).count() == 4
    a_day.move_to(MORNING + timedelta(days=1, hours=23))  # the follow-ups are due within a day: the room is theirs
    assert daily.room(campaign) == 0


def test_the_campaigns_own_limit_holds_too(campaign):
    Campaign.objects.update(daily_limit=1)
    assert run(campaign)["planned"] == 1
    assert run(campaign)["planned"] == 0


def test_without_a_rule_nothing_goes_before_a_person_approved(campaign):
    ApprovalRule.objects.all().delete()
    counts = run(campaign)
    assert counts["planned"] == 0 and counts["drafted"] == 4
    assert Draft.objects.filter(state="pending_review").exists()
    assert run(campaign)["drafted"] == 4  # the next best are written for: a review may come late
    assert not Message.objects.exists()


def test_the_best_go_first(campaign):
    ApprovalRule.objects.all().delete()
    run(campaign)
    best = Candidate.objects.filter(stage="drafted").order_by("-pk").first()
    Candidate.objects.filter(pk=best.pk).update(score=0.9)
    Candidate.objects.exclude(pk=best.pk).update(score=0.1)
    Campaign.objects.update(daily_limit=1)
    user = make_user()

    for draft in Draft.objects.filter(state="pending_review", step__number=1, variant="direct"):
        review.approve(draft=draft, version=draft.version, user=user)
    drain("default")
    assert not Message.objects.exists()  # an approval alone begins nothing
    run(campaign)
    assert Message.objects.get().lead_id == best.lead_id


def test_its_hour_and_its_midnight_come_by_themselves(campaign, a_day):
    run_due()
    drain("default")
    assert Message.objects.count() == 4
    campaign.refresh_from_db()
    assert campaign.next_run_at == MORNING + timedelta(hours=1)
    a_day.move_to(datetime(2026, 3, 2, 22, 30, tzinfo=UTC))
    run_due()
    campaign.refresh_from_db()
    assert campaign.next_run_at == datetime(2026, 3, 2, 23, tzinfo=UTC)  # midnight in Berlin
    a_day.move_to(datetime(2026, 3, 2, 23, 0, 1, tzinfo=UTC))
    run_due()
    drain("default")
    campaign.refresh_from_db()
    assert campaign.day == datetime(2026, 3, 3, tzinfo=UTC).date()


def test_a_paused_campaign_rests(campaign):
    services.pause(campaign=campaign, actor=ACTOR)
    assert run_due() == "0 started"
    campaign.refresh_from_db()
    assert campaign.next_run_at is None
    services.resume(campaign=campaign, actor=ACTOR)
    assert run_due() == "1 started"


class Paper:
    """A source that takes any order."""

    name, label, version, bite = "paper", "Paper", "1", timedelta(seconds=1)

    def targets(self, order):
        if not order.keywords:
            raise Invalid("keywords", "Words are needed.")
        return [Target(url="https://paper.example/")]


@pytest.fixture
def paper(monkeypatch):
    monkeypatch.setitem(registry.ADAPTERS, "paper", "tests.campaigns.daily.test_day.Paper")


def test_a_source_that_refuses_is_said_on_the_campaign(campaign, paper):
    campaign.sources = discovery.checked_sources([{"adapter": "paper", "seeds": ["https://paper.example/list"]}])
    campaign.save()
    Identity.objects.all().delete()
    run(campaign)
    campaign.refresh_from_db()
    assert "Words are needed" in campaign.discovery_error
    assert any("Words are needed" in problem.text for problem in preflight.check(campaign))


def test_a_source_without_words_gets_some_that_no_crawl_had_before(campaign, paper, monkeypatch):
    campaign.sources = discovery.checked_sources([{"adapter": "paper"}])
    campaign.save()
    earlier = CrawlJob.objects.create(
        adapter="paper",
        name="earlier",
        keywords=["people"],
        subject_type=campaign._meta.label,
        subject_id=str(campaign.pk),
    )
    factors = {"keywords": {"wanted": ["people", "talent"]}}
    campaign.brief = save_brief(name="People", description="", factors=factors, use_model=False, created_by=None)
    campaign.save()
    (job,) = discovery.discover(campaign=campaign, actor=ACTOR)
    assert "people" in earlier.keywords
    assert "talent" in job.keywords
    assert "people" not in job.keywords


def test_a_dry_campaign_looks_for_more_once_a_day(campaign, a_day, paper):
    campaign.sources = discovery.checked_sources([{"adapter": "paper", "keywords": ["head of people"]}])
    campaign.save()
    Candidate.objects.all().delete()
    Identity.objects.all().delete()
    live.tick()
    counts = run(campaign)
    assert counts["sources"] == 1
    job = CrawlJob.objects.get()
    assert (job.subject_id, job.keywords) == (str(campaign.pk), ["head of people"])
    assert run(campaign).get("sources", 0) == 0
    a_day.move_to(MORNING + timedelta(hours=21))
    assert run(campaign)["sources"] == 1


def test_discovery_without_sources_says_so(campaign):
    with pytest.raises(Refused, match="no source"):
        discovery.discover(campaign=campaign, actor=ACTOR)


def test_a_one_off_campaign_has_no_day(campaign):
    Campaign.objects.update(mode="once")
    campaign.refresh_from_db()
    with pytest.raises(Refused, match="one-off"):
        daily.start_run(campaign=campaign)
