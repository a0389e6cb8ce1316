"""What goes wrong between opening a page and pressing its button ends in a clear sentence, and nothing typed is lost."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from campaigns.drafts.models import Draft
from campaigns.models import Campaign
from conversations.playbooks import services as playbooks
from conversations.playbooks.definition import parse
from conversations.senders.services import delete_sender
from leads.qualification.services import save_brief
from leads.segments.services import archive_segment, save_segment
from outreach.core.models import Actor
from outreach.jobs.draining import drain
from tests.campaigns.factories import make_sender, make_user
from tests.campaigns.launch.test_quick import OFFER, PEOPLE, form
from tests.leads.factories import run_import

pytestmark = pytest.mark.django_db
HARD = """name,email,company,title,country
"{{ first_name }} {Hi|Hello}",a@kettle.example,"{A|B} GmbH",CTO,DE
"=1+1",b@kettle.example,"=HYPERLINK(""http://x"")",CEO,DE
"Аnnа Lee",c@kettle.example,Pan}|{,"CTO, {{ offer }}",DE
"Robert'); DROP TABLE",d@kettle.example,<script>alert(1)</script>,{% if 1 %}CFO,DE
"""


@pytest.fixture
def operator():
    return make_user("operator")


@pytest.fixture
def client(operator):
    client = Client()
    client.force_login(operator)
    return client


def refused(client, given) -> str:
    """The page that comes back with the offer still in it; no campaign was made."""
    answer = client.post(reverse("campaigns:quick_start"), given)
    page = answer.content.decode()
    assert answer.status_code == 422 and OFFER in page
    assert not Campaign.objects.exists()
    return page


def test_a_sender_that_stopped_meanwhile_is_said(client, operator):
    batch, sender = run_import(PEOPLE), make_sender()
    delete_sender(sender=sender, actor=Actor.of(operator), reason="left the company")
    page = refused(client, form(f"import:{batch.pk}", sender=sender))
    assert "This sender can no longer send. Choose another one." in page


def test_a_list_a_brief_and_a_playbook_that_went_meanwhile_are_said(client, operator):
    version = save_segment(
        name="Germany", criteria={"field": "lead.country", "operator": "in", "value": ["DE"]}, created_by=operator
    )
    archive_segment(segment=version.segment, user=operator)
    brief = save_brief(name="Anyone", description="", factors={}, use_model=False, created_by=operator)
    playbook = playbooks.save_playbook(name="Ours", definition=parse({"words": {"en": {}}}), created_by=None).playbook
    given = form(f"segment:{version.segment_id}", brief=brief.pk, playbook=playbook.pk)
    brief.delete()
    playbooks.set_archived(playbook=playbook, is_archived=True, user=operator)
    page = refused(client, given)
    assert "This list no longer exists." in page and "This brief no longer exists." in page
    assert "This playbook is no longer in use." in page


def test_a_sender_that_stops_while_drafts_are_read_is_the_campaigns_next_step(client, operator):
    batch, sender = run_import(PEOPLE), make_sender()
    client.post(reverse("campaigns:quick_start"), form(f"import:{batch.pk}", sender=sender))
    drain("llm")
    delete_sender(sender=sender, actor=Actor.of(operator), reason="left the company")
    campaign, draft = Campaign.objects.get(), Draft.objects.filter(variant="direct").earliest("pk")
    stack = {"version": draft.version, "stack": f"campaign={campaign.pk}"}
    answer = client.post(reverse("drafts:approval", args=[draft.pk]), stack, headers={"HX-Request": "true"})
    assert "Approved." in answer.content.decode(), "reading goes on"
    page = client.post(reverse("campaigns:start", args=[campaign.pk]), follow=True).content.decode()
    campaign.refresh_from_db()
    assert campaign.is_drafting and f"the sender “{sender.name}” is not active" in page
    assert reverse("senders:detail", args=[sender.pk]) in page


def test_names_with_braces_formulas_and_two_alphabets_are_no_names(client):
    client.post(reverse("campaigns:quick_start"), form(f"import:{run_import(HARD).pk}"))
    drain("llm")
    texts = [f"{draft.subject}\n{draft.body}" for draft in Draft.objects.all()]
    assert len(texts) == 4 * 2 * 2
    for text in texts:
        for odd in ("{", "}", "|", "=", "<", "Аnn", "DROP", "A|B", "(A"):
            assert odd not in text, text
