"""From a list to its drafts on one page, and no dead end where a brief lets no one through."""

from __future__ import annotations

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from campaigns.audience import services as audience
from campaigns.daily.one_click import DailyAnswers
from campaigns.daily.views import DailyForm
from campaigns.drafts.models import Draft
from campaigns.launch import checks, first_send, quick
from campaigns.launch import services as launch
from campaigns.models import Campaign, Candidate
from campaigns.overview import facts, selectors
from campaigns.overview.situation import situation
from campaigns.review import many
from conversations.models import Message
from conversations.playbooks import services as playbooks
from conversations.playbooks.definition import parse
from conversations.senders.models import Sender
from leads.qualification.services import save_brief
from leads.segments.models import Segment
from outreach.core import clock
from outreach.core.errors import Invalid
from outreach.core.models import Actor
from outreach.jobs.draining import drain
from tests.campaigns.factories import make_sender, make_user
from tests.leads.factories import run_import

pytestmark = pytest.mark.django_db
PEOPLE = (
    "name,email,company,title,country\nAnna Lee,anna@kettle.example,Kettle,CTO,DE\nBo Ray,bo@pan.example,Pan,CFO,FR\n"
)
OFFER = "a review of your incident process in one day"


@pytest.fixture
def operator():
    return make_user("operator")


@pytest.fixture
def client(operator):
    client = Client()
    client.force_login(operator)
    return client


def form(audience, *, sender=None, **fields):
    """What the page posts for `audience`."""
    given = {"audience": audience, "name": "Spring", "offer": OFFER, "hours": "always", "has_follow_up": "on"}
    return {**given, "sender": (sender or make_sender()).pk, **fields}


def make_brief(country, *, name=""):
    """Only those who are in `country` pass."""
    factors = {"place": {"countries": [country]}}
    return save_brief(name=name or country, description="", factors=factors, use_model=False, created_by=None)


def test_the_report_of_an_import_leads_to_a_campaign_with_drafts(client):
    batch, sender = run_import(PEOPLE), make_sender()
    url = f"{reverse('campaigns:quick_start')}?import={batch.pk}"
    assert url.replace("&", "&amp;") in client.get(reverse("imports:detail", args=[batch.pk])).content.decode()
    assert "<strong>2</strong> people" in client.get(url).content.decode()
    assert not Segment.objects.exists(), "looking stores nothing"
    answer = client.post(url, form(f"import:{batch.pk}", sender=sender))
    campaign = Campaign.objects.get()
    assert answer.url == reverse("drafts:review", args=[campaign.pk])
    drain("llm")
    assert Draft.objects.filter(candidate__campaign=campaign).values("step").distinct().count() == 2
    assert set(Candidate.objects.values_list("stage", flat=True)) == {"drafted"}


def test_what_was_typed_stays_where_something_is_missing(client):
    batch = run_import(PEOPLE)
    url = f"{reverse('campaigns:quick_start')}?import={batch.pk}"
    answer = client.post(url, {"audience": f"import:{batch.pk}", "name": "Spring", "offer": OFFER})
    assert answer.status_code == 422 and OFFER in answer.content.decode()
    assert "No sender is ready to send." in answer.content.decode()
    assert not Campaign.objects.exists()


def test_who_has_no_sender_yet_comes_back_with_the_list(client):
    url = f"{reverse('campaigns:quick_start')}?import={run_import(PEOPLE).pk}"
    client.get(url)
    door = reverse("senders:new", args=["sandbox"])
    form = client.get(door).context["form"]
    shown = {name: form[name].value() for name in form.fields if form[name].value() not in (None, "", False)}
    page = client.post(door, {**shown, "channel": "email", "address": "ann@firm.example"}, follow=True)
    assert f'href="{url}"' in page.content.decode()
    client.get(url)
    assert f'href="{url}"' not in client.get(page.request["PATH_INFO"]).content.decode()


def test_the_people_of_an_import_are_one_segment_however_often_it_is_opened(client, operator):
    batch = run_import(PEOPLE)
    first, second = (quick.people_of(batch).segment_version(created_by=operator) for _ in range(2))
    assert first == second and Segment.objects.count() == 1


def test_a_sandbox_sender_writes_at_any_hour_and_a_real_one_in_office_hours(operator):
    version = quick.people_of(run_import(PEOPLE)).segment_version(created_by=operator)
    sandbox, real = make_sender(), make_sender(address="ann@northwind.com", adapter="smtp")
    windows = {
        sender: quick.begin(
            quick.QuickPlan(name=sender.name, segment_version=version, sender=sender, offer=OFFER), created_by=operator
        ).stream.window
        for sender in (sandbox, real)
    }
    assert not windows[sandbox] and windows[real]["start"] == "09:00"


def test_a_list_without_anyone_to_write_to_is_refused_and_nothing_is_kept(operator):
    version = quick.people_of(run_import("name,phone\nAnna Lee,+4930901820\n")).segment_version(created_by=operator)
    with pytest.raises(Invalid, match="can be written to"):
        quick.begin(
            quick.QuickPlan(name="Spring", segment_version=version, sender=make_sender(), offer=OFFER),
            created_by=operator,
        )
    assert not Campaign.objects.exists()


def test_people_in_a_running_campaign_are_named_and_left_out_unless_kept(client, operator):
    batch = run_import(PEOPLE)
    version = quick.people_of(batch).segment_version(created_by=operator)
    plan = quick.QuickPlan(name="Spring", segment_version=version, sender=make_sender(), offer=OFFER)
    campaign = quick.begin(plan, created_by=operator)
    Campaign.objects.filter(pk=campaign.pk).update(state="sending")
    page = client.get(f"{reverse('campaigns:quick_start')}?segment={version.segment_id}").content.decode()
    assert "2 are left out" in page and "Anna Lee, Bo Ray" in page
    again = form(f"segment:{version.segment_id}", name="Again")
    answer = client.post(reverse("campaigns:quick_start"), again)
    assert answer.status_code == 422 and "Keep them" in answer.content.decode()
    assert Campaign.objects.count() == 1
    client.post(reverse("campaigns:quick_start"), {**again, "keeps_busy": "on"})
    assert Campaign.objects.get(name="Again").candidates.count() == 2


def test_a_list_can_be_narrowed_by_position_and_country(client, operator):
    batch = run_import(PEOPLE)
    client.post(
        reverse("campaigns:quick_start"), form(f"import:{batch.pk}", only_title="cto", only_country="Deutschland")
    )
    campaign = Campaign.objects.get()
    assert [c.lead.full_name for c in campaign.candidates.select_related("lead")] == ["Anna Lee"]
    assert campaign.segment_version.segment.name == "list: cto, Deutschland"


def test_the_count_follows_while_it_is_narrowed(client):
    batch = run_import(PEOPLE)
    url = reverse("campaigns:audience_summary")
    given = {"audience": f"import:{batch.pk}"}
    assert "<strong>2</strong> people" in client.get(url, given).content.decode()
    assert "<strong>1</strong> person" in client.get(url, {**given, "only_country": "France"}).content.decode()
    assert "Atlantis" in client.get(url, {**given, "only_country": "Atlantis"}).content.decode()
    answer = client.post(reverse("campaigns:quick_start"), form(f"import:{batch.pk}", only_country="Atlantis"))
    assert answer.status_code == 422 and OFFER in answer.content.decode()


def test_a_brief_judges_first_and_drafts_follow_by_themselves(client, operator):
    batch = run_import(PEOPLE)
    brief = make_brief("Germany")
    answer = client.post(reverse("campaigns:quick_start"), form(f"import:{batch.pk}", brief=brief.pk))
    assert answer.url == reverse("campaigns:detail", args=[Campaign.objects.get().pk])
    drain()
    drain("llm")
    assert dict(Candidate.objects.values_list("lead__country", "stage")) == {"DE": "drafted", "FR": "disqualified"}


@pytest.mark.parametrize(("is_judged", "written"), [(False, 4), (True, 2)])
def test_a_large_list_is_taken_in_the_background_and_its_drafts_follow_by_themselves(
    client, operator, monkeypatch, is_judged, written
):
    monkeypatch.setattr(audience, "AT_ONCE", 1)
    given = {"brief": make_brief("Germany").pk} if is_judged else {}
    answer = client.post(
        reverse("campaigns:quick_start"), form(f"import:{run_import(PEOPLE).pk}", **given), follow=True
    )
    campaign = Campaign.objects.get()
    assert answer.redirect_chain[-1][0] == reverse("campaigns:detail", args=[campaign.pk])
    assert "found in the background" in answer.content.decode()
    assert now_of(campaign).title.startswith("Finding the people")
    drain()
    assert now_of(campaign).title == "Ready for review"
    assert Draft.objects.filter(candidate__campaign=campaign, step__number=1).count() == written


def test_without_any_list_the_page_leads_to_the_import(client):
    page = client.get(reverse("campaigns:quick_start")).content.decode()
    assert reverse("imports:create") in page and 'class="quick-start' not in page


def test_a_list_that_is_gone_is_not_found(client):
    assert client.get(reverse("campaigns:quick_start") + "?segment=999999").status_code == 404
    assert client.get(reverse("campaigns:quick_start") + "?import=x").status_code == 404


@pytest.fixture
def refused(operator):
    """A campaign whose brief let no one through."""
    version = quick.people_of(run_import(PEOPLE)).segment_version(created_by=operator)
    campaign = quick.begin(
        quick.QuickPlan(name="Spring", segment_version=version, sender=make_sender(), offer=OFFER), created_by=operator
    )
    brief = make_brief("Japan", name="Only Japan")
    Campaign.objects.filter(pk=campaign.pk).update(brief=brief)
    Candidate.objects.filter(campaign=campaign).update(stage="matched")
    Draft.objects.all().delete()
    campaign.refresh_from_db()
    audience.qualify_candidates(campaign=campaign, started_by=operator)
    drain()
    assert set(Candidate.objects.values_list("stage", flat=True)) == {"disqualified"}
    return campaign


def now_of(campaign):
    campaign.refresh_from_db()
    one = selectors.standing([campaign])[campaign.pk]
    return situation(facts.all_facts(campaign, one, problems=checks.check(campaign), jobs=[]), now=clock.now())


def test_where_no_one_passed_the_page_says_why_and_what_to_do(refused):
    found = now_of(refused)
    assert (found.action.page, found.action.number) == ("briefs:edit", refused.brief_id)
    assert "Only Japan" in found.text and "Place is outside the preferred area" in found.text


def test_taking_everyone_goes_on_with_the_drafts(refused, client):
    client.post(reverse("campaigns:take-everyone", args=[refused.pk]))
    refused.refresh_from_db()
    assert refused.brief is None
    assert set(Candidate.objects.values_list("stage", flat=True)) == {"qualified"}
    assert now_of(refused).action.post == "campaigns:generate"


def test_an_empty_offer_is_asked_for_before_drafts_are(refused, operator):
    audience.take_everyone(campaign=refused, actor=Actor.of(operator))
    Campaign.objects.filter(pk=refused.pk).update(offer="")
    refused.refresh_from_db()
    assert now_of(refused).action.page == "campaigns:edit"


def test_a_changed_brief_judges_the_audience_again(refused, operator):
    save_brief(
        name="Germany too",
        description="",
        factors={"place": {"countries": ["Germany"]}},
        use_model=False,
        created_by=operator,
        brief=refused.brief,
    )
    drain()
    stages = dict(Candidate.objects.values_list("lead__country", "stage"))
    assert stages == {"DE": "qualified", "FR": "disqualified"}


def test_a_brief_that_is_added_judges_those_who_have_drafts_already(operator):
    version = quick.people_of(run_import(PEOPLE)).segment_version(created_by=operator)
    plan = quick.QuickPlan(name="Spring", segment_version=version, sender=make_sender(), offer=OFFER)
    campaign = quick.begin(plan, created_by=operator)
    drain("llm")
    brief = make_brief("Germany")
    Campaign.objects.filter(pk=campaign.pk).update(brief=brief)
    campaign.refresh_from_db()
    audience.rejudge(campaign=campaign, actor=Actor.of(operator))
    drain()
    stages = dict(Candidate.objects.values_list("lead__country", "stage"))
    assert stages == {"DE": "drafted", "FR": "disqualified"}
    assert not Draft.objects.to_review().filter(candidate__lead__country="FR").exists()


def test_a_playbook_is_chosen_here_and_for_a_daily_campaign(client, operator):
    playbook = playbooks.save_playbook(name="Ours", definition=parse({"words": {"en": {}}}), created_by=None).playbook
    batch = run_import(PEOPLE)
    url = f"{reverse('campaigns:quick_start')}?import={batch.pk}"
    client.post(url, form(f"import:{batch.pk}", playbook=playbook.pk))
    assert Campaign.objects.get().playbook == playbook
    version = quick.people_of(batch).segment_version(created_by=operator)
    answers = DailyAnswers(name="Day", segment_version=version, sender=make_sender(), offer=OFFER, playbook=playbook)
    assert answers.plan().playbook == playbook and "playbook" in DailyForm.base_fields


def summary(client, batch, **fields):
    """The fragment that follows what is chosen, with a real sender in office hours unless said otherwise."""
    given = {"audience": f"import:{batch.pk}", "hours": "office", **fields}
    return client.get(reverse("campaigns:audience_summary"), given).content.decode()


@time_machine.travel("2026-11-27T18:00:00Z", tick=False)
def test_the_page_says_when_the_first_message_leaves(client):  # on a Friday evening
    batch, sender = run_import(PEOPLE), make_sender(time_zone="Europe/Berlin")
    page = client.get(f"{reverse('campaigns:quick_start')}?import={batch.pk}").content.decode()
    assert "The first message leaves as soon as you have approved it" in page, "a sandbox sender writes at any hour"
    office = summary(client, batch, sender=sender.pk)
    assert 'hx-swap-oob="true"' in office and "2026-11-30T08:00:00+00:00" in office, "Monday, 9 o'clock in Berlin"
    assert "hours" in office.partition("Reason for the wait:")[2]
    assert "2026-12-02T08:00:00+00:00" in summary(client, batch, sender=sender.pk, start_at="2026-12-01T18:30")
    assert "first-send" not in client.get(reverse("campaigns:audience_summary"), {"segment": "1"}).content.decode()


@time_machine.travel("2026-11-27T18:00:00Z", tick=False)
def test_whoever_can_be_written_to_first_is_found_among_many_others(client, monkeypatch):
    monkeypatch.setattr(first_send, "LOOKED_AT", 2)
    newer = "".join(f"Ken {n},k{n}@jp.example,Jp,CFO,JP\n" for n in "abcd")
    batch = run_import("name,email,company,title,country\nSam Lee,sam@us.example,Us,CTO,US\n" + newer)
    shown = summary(client, batch, sender=make_sender(time_zone="UTC").pk)
    assert "2026-11-27T19:00:00+00:00" in shown, "still Friday where the oldest of them is"


@time_machine.travel("2026-12-24T18:00:00Z", tick=False)
def test_public_holidays_and_caps_put_the_first_message_off(client, operator):
    client.force_login(operator)  # the session of today is over by then
    batch, sender = run_import(PEOPLE.replace("FR", "DE")), make_sender()
    assert "2026-12-25T08:00:00+00:00" in summary(client, batch, sender=sender.pk)
    assert "2026-12-28T08:00:00+00:00" in summary(client, batch, sender=sender.pk, skips_holidays="on")
    Sender.objects.filter(pk=sender.pk).update(daily_cap=0)
    shut = summary(client, batch, sender=sender.pk, hours="always")
    assert "No message could leave within the next 30 days" in shut and "24-hour cap" in shut


@time_machine.travel("2026-11-27T18:00:00Z", tick=False)
def test_the_time_told_beforehand_is_the_time_planned(client, operator):
    batch, sender = run_import(PEOPLE), make_sender()
    told = summary(client, batch, sender=sender.pk, skips_holidays="on")
    client.post(reverse("campaigns:quick_start"), form(f"import:{batch.pk}", sender=sender, hours="office"))
    drain("llm")
    campaign = Campaign.objects.get()
    pairs = Draft.objects.filter(candidate__campaign=campaign, step__number=1, variant="direct")
    many.bulk_approve(pairs=list(pairs.values_list("pk", "version")), user=operator)
    launch.start(campaign=campaign, actor=Actor.of(operator))
    drain()
    first = Message.objects.filter(stream=campaign.stream).order_by("scheduled_at").first()
    assert first.scheduled_at.isoformat() in told
