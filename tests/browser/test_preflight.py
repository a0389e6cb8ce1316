"""The preflight page at work, wide and on a phone, light and dark."""

from __future__ import annotations

from typing import Any

import pytest

from campaigns.launch import recipients as services
from campaigns.models import Candidate
from conversations.senders import domains
from outreach.core import clock
from tests.campaigns.factories import make_campaign, make_lead, make_sender

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_preflight_page_fits_wide_and_narrow(signed_in_page: Any, screenshot: Any, settings: Any) -> None:
    settings.DNS_TABLE = {
        "gone.example": {"MX": ["."]},
        "ourfirm.de": {"MX": ["mx.ourfirm.de"], "TXT": ["v=spf1 include:_spf.firm.de include:mail.firm.de ~all"]},
    }
    campaign = make_campaign(audience_frozen_at=clock.now())
    step = campaign.steps.get()
    step.sender = make_sender(adapter="smtp", address="me@ourfirm.de")
    step.save()
    for domain in ("fabrikam.example", "gone.example"):
        lead = make_lead()
        lead.identities.filter(channel="email").update(address=f"p{lead.pk}@{domain}")
        Candidate.objects.create(campaign=campaign, lead=lead, stage="qualified")
    services.check_recipients(campaign=campaign)
    domains.examine_sender(sender=step.sender)
    page = signed_in_page("operator", f"/campaigns/{campaign.pk}/preflight/")
    page.wait_for_load_state("networkidle")
    page.get_by_role("button", name="Check now").click()
    page.get_by_text("Publish a TXT record at _dmarc").first.wait_for()
    screenshot(page, "preflight")
    page.set_viewport_size({"width": 360, "height": 740})
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
