"""One action for many people or companies: at once, as a job, and with what is refused."""

import pytest
from django.test import Client
from django.urls import reverse
from selectolax.lexbor import LexborHTMLParser

from conversations.consent.models import Suppression
from leads import services
from leads.directory import bulk as bulk_service
from leads.directory.models import SavedView
from leads.models import Company, Lead, LeadChange
from leads.segments.models import Segment
from leads.segments.selectors import count
from outreach.access.models import User
from outreach.access.roles import Role
from outreach.core.audit import trail
from outreach.core.models import Actor
from outreach.jobs.draining import drain
from outreach.jobs.models import Job
from outreach.jobs.services import perform
from tests.leads.factories import make_company, make_lead

pytestmark = pytest.mark.django_db


def signed_in(role=Role.OPERATOR, name="operator1"):
    user = User.objects.create(username=name)
    user.set_role(role)
    user.save()
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def client():
    return signed_in()


def post(client, **fields):
    return client.post(reverse("leads:bulk"), fields, follow=True)


def said(answer):
    return " ".join(str(message) for message in answer.context["messages"])


def test_chosen_people_are_tagged_and_the_history_says_so(client):
    anna, bob, other = make_lead("Anna", tags=["vip"]), make_lead("Bob"), make_lead("Other")
    answer = post(client, action="tag", lead=[anna.pk, bob.pk], **{"tag-tags": "VIP, fair"})
    assert "2 people tagged “vip, fair”." in said(answer)
    assert Lead.objects.get(pk=bob.pk).tags == ["vip", "fair"] and Lead.objects.get(pk=other.pk).tags == []
    assert trail(bob).get().data == {"fields": ["tags"]}
    answer = post(client, action="untag", lead=[anna.pk, bob.pk, other.pk], **{"untag-tags": "vip"})
    assert "removed from 2 people. 1 did not have it." in said(answer)
    assert Lead.objects.get(pk=anna.pk).tags == ["fair"]


def test_everyone_who_matches_is_a_job_when_they_are_many(client, monkeypatch):
    monkeypatch.setattr(bulk_service, "AT_ONCE", 3)
    monkeypatch.setattr(bulk_service, "SLICE", 2)
    for number in range(7):
        make_lead(f"P{number}", country="DE", tags=["old"])
    make_lead("Elsewhere", country="FR")
    answer = post(client, action="untag", everything="1", query="country=DE&tag=old", **{"untag-tags": "old"})
    job = Job.objects.get()
    assert answer.redirect_chain[-1][0] == reverse("leads:bulk-job", args=[job.pk]) and job.total_count == 7
    drain()
    job.refresh_from_db()
    assert job.outcome == "“old” removed from 7 people." and job.done_count == 7
    assert not Lead.objects.filter(tags__contains=["old"]).exists()


def test_a_job_that_was_killed_goes_on_where_it_stopped(client, monkeypatch):
    monkeypatch.setattr(bulk_service, "AT_ONCE", 3)
    monkeypatch.setattr(bulk_service, "SLICE", 2)
    people = [make_lead(f"P{number}", tags=["x"] if number == 4 else []) for number in range(7)]
    post(client, action="tag", everything="1", query="", **{"tag-tags": "x"})
    job = Job.objects.get()
    tag, slices = services.tag_leads, []

    def killed(**given):
        slices.append(list(given["lead_ids"]))
        if len(slices) == 3:
            raise KeyboardInterrupt
        return tag(**given)

    monkeypatch.setattr(services, "tag_leads", killed)
    with pytest.raises(KeyboardInterrupt):
        perform(job)
    job = Job.objects.get()
    assert job.is_running and job.done_count == 4
    perform(job)
    assert slices[2:] == [[people[4].pk, people[5].pk]] * 2 + [[people[6].pk]]
    assert (job.outcome, job.done_count) == ("6 people tagged “x”. 1 already had it.", 7)


def test_very_many_are_counted_by_the_job(client, monkeypatch):
    monkeypatch.setattr(bulk_service, "AT_ONCE", 1)
    monkeypatch.setattr(bulk_service, "TOLD", 2)
    for number in range(4):
        make_lead(f"P{number}")
    post(client, action="tag", everything="1", query="", **{"tag-tags": "x"})
    assert Job.objects.get().total_count is None
    drain()
    assert Job.objects.get().total_count == Job.objects.get().done_count == 4


def test_tags_keep_their_order_and_one_that_is_there_stays_in_its_place(client):
    lead = make_lead("Anna", tags=["a", "b", "c"])
    services.tag_leads(lead_ids=[lead.pk], actor=Actor.system("test"), add=["d", "B", "a"], remove=["c", "a"])
    assert Lead.objects.get().tags == ["a", "b", "d"]
    assert services.tag_leads(lead_ids=[lead.pk], actor=Actor.system("test"), add=["d"], remove=["z"]) == 0


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"action": "tag", "tag-tags": "x"}, "Select at least one person."),
        ({"action": "tag", "lead": "1", "tag-tags": " , "}, "Enter a tag."),
        ({"action": "exclude", "lead": "1", "exclude-reason": "whim"}, "Choose a reason."),
        ({"action": "campaign", "lead": "1", "campaign-campaign": "77"}, "Choose a campaign."),
        ({"action": "segment", "lead": "1", "segment-name": " "}, "Enter a name"),
        ({"action": "tag", "lead": "x", "tag-tags": "x"}, "Select at least one person."),
    ],
)
def test_what_cannot_be_done_is_explained(client, fields, sentence):
    assert sentence in said(client.post(reverse("leads:bulk"), fields, follow=True))


def test_an_unknown_action_and_a_viewer_are_refused(client):
    assert post(client, action="nonsense").status_code == 404
    assert signed_in(Role.VIEWER, "viewer1").post(reverse("leads:bulk"), {"action": "tag"}).status_code == 403


def test_people_picked_by_hand_become_a_segment(client):
    people = [make_lead(f"P{number}") for number in range(3)]
    make_lead("Other")
    answer = post(client, action="segment", lead=[lead.pk for lead in people], **{"segment-name": "Fair, Berlin"})
    assert "Segment “Fair, Berlin” created with 3 people." in said(answer)
    assert count(Segment.objects.get().current.criteria) == 3
    again = post(client, action="segment", lead=[people[0].pk], **{"segment-name": "Fair, Berlin"})
    assert "already exists" in said(again)


def test_a_selection_is_exported(client):
    anna = make_lead("Anna", email="anna@x.example")
    make_lead("Bob", email="bob@x.example")
    answer = client.post(reverse("leads:bulk-export"), {"lead": anna.pk, "format": "csv"})
    text = b"".join(answer.streaming_content).decode()
    assert "anna@x.example" in text and "bob@x.example" not in text


def post_companies(client, **fields):
    return client.post(reverse("companies:bulk"), fields, follow=True)


def test_chosen_companies_are_tagged_and_their_people_are_found_by_it(client):
    zeta, beta = make_company("Zeta", tags=["vip"]), make_company("Beta")
    anna = make_lead("Anna", company=beta)
    answer = post_companies(client, action="tag", company=[zeta.pk, beta.pk], **{"tag-tags": "VIP, fair"})
    assert "2 companies tagged “vip, fair”." in said(answer)
    assert Company.objects.get(pk=beta.pk).tags == ["vip", "fair"]
    assert trail(beta).get().data == {"fields": ["tags"]}
    assert count({"all": [{"field": "company.tags", "operator": "has_tag", "value": "fair"}]}) == 1
    assert LeadChange.objects.filter(lead_id=anna.pk).exists()
    answer = post_companies(client, action="untag", company=[zeta.pk], **{"untag-tags": "vip"})
    assert "“vip” removed from 1 company." in said(answer)


def test_the_people_of_chosen_companies_make_a_segment(client):
    zeta = make_company("Zeta")
    make_lead("Anna", company=zeta)
    make_lead("Bob", company=zeta)
    make_lead("Other")
    answer = post_companies(client, action="segment", company=zeta.pk, **{"segment-name": "At Zeta"})
    assert "created with 2 people" in said(answer)
    assert count(Segment.objects.get().current.criteria) == 2


def test_the_domains_of_chosen_companies_are_excluded_once(client):
    zeta, beta, none = (
        make_company("Zeta", domain="zeta.example"),
        make_company("Beta", domain="beta.example"),
        make_company("None"),
    )
    fields = {"action": "exclude", "exclude-reason": "manual", "exclude-note": "A rival"}
    answer = post_companies(client, company=[zeta.pk, none.pk], **fields)
    assert "1 domain excluded from outreach" in said(answer) and "1 company has no domain" in said(answer)
    assert Suppression.objects.get().domain == "zeta.example"
    answer = post_companies(client, company=[zeta.pk, beta.pk], **fields)
    assert "1 were excluded already." in said(answer) and Suppression.objects.count() == 2


def test_all_matching_companies_are_a_job_when_they_are_many(client, monkeypatch):
    monkeypatch.setattr(bulk_service, "AT_ONCE", 3)
    monkeypatch.setattr(bulk_service, "SLICE", 2)
    for number in range(7):
        make_company(f"Firm {number}", industry="fintech")
    other = make_company("Other")
    fields = {"action": "tag", "tag-tags": "fair", "everything": "1", "query": "industry=fintech"}
    answer = post_companies(client, **fields)
    job = Job.objects.get()
    assert answer.redirect_chain[-1][0] == reverse("leads:bulk-job", args=[job.pk]) and job.total_count == 7
    assert f'href="{reverse("companies:list")}?industry=fintech"' in answer.content.decode()
    drain()
    assert Company.objects.filter(tags=["fair"]).count() == 7 and Company.objects.get(pk=other.pk).tags == []
    assert "7 companies tagged" in Job.objects.get().outcome


def test_chosen_companies_as_a_file_and_nothing_chosen(client):
    zeta = make_company("Zeta Works")
    make_company("Beta Works")
    url = reverse("companies:bulk-export")
    answer = client.post(url, {"company": zeta.pk, "format": "csv"})
    text = b"".join(answer.streaming_content).decode() if answer.streaming else answer.content.decode()
    assert "Zeta Works" in text and "Beta Works" not in text
    assert "Select at least one company." in said(client.post(url, {"format": "csv"}, follow=True))
    assert "Select at least one company." in said(post_companies(client, action="tag", **{"tag-tags": "x"}))
    assert signed_in(Role.VIEWER, "viewer1").post(reverse("companies:bulk"), {"action": "tag"}).status_code == 403


def test_both_lists_offer_the_same_selection(client):
    make_lead("Anna", country="DE", company=make_company("Zeta"))
    for name, box in (("leads:list", "lead"), ("companies:list", "company")):
        page = LexborHTMLParser(client.get(reverse(name)).content.decode())
        assert page.css_first("select#country option[value=DE]") and page.css_first("input#tag")
        (picked,) = page.css("input[data-pick]")
        assert picked.attributes["name"] == box and picked.attributes["form"] == "bulk"
        assert {button.attributes["value"] for button in page.css('#bulk button[name="action"]')} >= {
            "tag", "untag", "segment", "exclude",
        }  # fmt: skip


def test_a_view_is_private_until_it_is_shared(client):
    other = signed_in(name="operator2")
    url = reverse("leads:save-view", args=["people"])
    client.post(url, {"name": "Mine", "query": "country=DE&sort=name&bogus=1"})
    view = SavedView.objects.get()
    assert (view.filters, view.sort) == ({"country": "DE"}, "name")
    assert "Mine" not in other.get(reverse("leads:list")).content.decode()
    client.post(url, {"name": "Mine", "query": "country=FR", "is_shared": "on"})
    assert SavedView.objects.get().filters == {"country": "FR"}
    assert "Mine" in other.get(reverse("leads:list")).content.decode()
    assert "already exists" in said(other.post(url, {"name": "Mine", "query": ""}, follow=True))
    assert "Only its owner" in said(other.post(reverse("leads:delete-view", args=[view.pk]), follow=True))
    client.post(reverse("leads:delete-view", args=[view.pk]))
    assert not SavedView.objects.exists()
