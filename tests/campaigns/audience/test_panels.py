"""The pages of a person and of a company show their campaigns, what was sent and what comes next."""

import pytest
from django.urls import reverse

from campaigns.models import Candidate
from tests.campaigns.factories import make_campaign, make_candidate, make_lead, make_user

pytestmark = pytest.mark.django_db


def test_both_pages_name_the_campaign_and_the_stage(client):
    campaign = make_campaign(name="Spring")
    candidate = make_candidate(campaign, lead=make_lead(full_name="=1+1"))
    client.force_login(make_user("operator"))
    page = client.get(reverse("leads:detail", args=[candidate.lead_id])).content.decode()
    assert "Spring" in page and "Nothing sent and nothing planned." in page
    assert "Name is a spreadsheet formula: =1+1" in page
    company = client.get(reverse("companies:detail", args=[candidate.lead.company_id])).content.decode()
    assert "Spring" in company
    assert Candidate.objects.count() == 1
