"""Dead addresses are found before they bounce; what is not known is said and never counted as dead."""

from __future__ import annotations

from datetime import timedelta

import pytest

from campaigns.demo.sandbox.tasks import play_due
from campaigns.launch import checks as preflight
from campaigns.launch import recipients as services
from campaigns.models import Candidate
from conversations.consent.services import record_consent
from conversations.dispatch.sending import send_due
from conversations.models import MESSAGE, Message
from conversations.outbox.streams import activate_stream
from conversations.planning.plans import MessagePlan
from conversations.planning.services import plan_message
from conversations.senders.deliverability.models import MailDomain
from conversations.services import conversation_for
from leads.models import Identity
from outreach.core import clock
from outreach.core.errors import Refused
from outreach.core.models import Actor
from outreach.jobs.draining import drain
from tests.campaigns.factories import make_campaign, make_lead, make_user

pytestmark = pytest.mark.django_db

TABLE = {
    "gone.example": {"MX": ["."]},
    "silent.example": "unknown",
    "fabrikam.example": {"MX": ["mx.fabrikam.example"]},
}


@pytest.fixture(autouse=True)
def dns(settings):
    settings.DNS_TABLE = TABLE


def candidate(campaign, domain="fabrikam.example", character="", **identity):
    lead = make_lead()
    row = lead.identities.get(channel="email")
    row.address = f"p{lead.pk}{character and f'+{character}'}@{domain}"
    for name, value in identity.items():
        setattr(row, name, value)
    row.save()
    return Candidate.objects.create(campaign=campaign, lead=lead, stage="qualified")


def frozen_campaign():
    return make_campaign(audience_frozen_at=clock.now())


def test_each_recipient_counts_once_by_what_is_known():
    campaign = frozen_campaign()
    for domain in ("fabrikam.example", "fabrikam.example", "gone.example", "silent.example"):
        candidate(campaign, domain)
    candidate(campaign, status="risky")
    found = services.check_recipients(campaign=campaign)
    assert (found.good, found.unknown, found.risky, found.no_mail, found.excluded) == (2, 1, 1, 0, 1)
    assert found.total == 4
    assert services.last_survey(campaign) == found


def test_a_dead_address_is_put_aside_and_its_owner_taken_out():
    campaign = frozen_campaign()
    dead = candidate(campaign, "gone.example")
    services.check_recipients(campaign=campaign)
    dead.refresh_from_db()
    identity = dead.lead.identities.get(channel="email")
    assert (identity.status, identity.status_reason) == ("invalid", "The domain gone.example doesn't accept mail.")
    assert (dead.stage, dead.stage_reason) == ("excluded", "None of its e-mail addresses accept mail.")


def test_the_second_address_of_a_person_is_used_when_the_first_is_dead():
    campaign = frozen_campaign()
    row = candidate(campaign, "gone.example")
    Identity.objects.create(lead=row.lead, channel="email", address="alive@fabrikam.example", is_primary=False)
    assert services.check_recipients(campaign=campaign).good == 1
    row.refresh_from_db()
    assert row.stage == "qualified"
    assert Identity.objects.filter(lead=row.lead, channel="email").exclude(status="invalid").get().address == (
        "alive@fabrikam.example"
    )


def test_a_campaign_that_would_bounce_does_not_start():
    campaign = frozen_campaign()
    for number in range(10):
        candidate(campaign, "gone.example" if number < 2 else "fabrikam.example")
    MailDomain.objects.create(domain="gone.example", status="no_mail")
    campaign.audience_counts = {"recipients": services.describe(services.survey(campaign))}
    for name in ("total", "bad_percent"):
        del campaign.audience_counts["recipients"][name]
    blocking = [problem.text for problem in preflight.check(campaign) if problem.is_blocking]
    assert "2 of 10 addresses (20.0%) don't accept mail, more than 5%. Check the recipients." in blocking
    services.check_recipients(campaign=campaign)
    assert not [problem for problem in preflight.check(campaign) if problem.place == "recipients"]


def test_freezing_again_asks_for_a_new_check():
    campaign = frozen_campaign()
    candidate(campaign)
    assert services.last_survey(campaign) is None
    texts = [problem.text for problem in preflight.check(campaign)]
    assert "Recipients' addresses have not been checked yet." in texts


def test_the_job_says_what_it_found():
    campaign = frozen_campaign()
    candidate(campaign)
    job = services.start_check(campaign=campaign, started_by=make_user("operator"))
    drain("web")
    job.refresh_from_db()
    assert (job.state, job.outcome) == ("done", "1 can be written to, 0 excluded, 0 unknown.")


def test_nothing_to_check_is_said():
    with pytest.raises(Refused, match="Freeze it first"):
        services.start_check(campaign=frozen_campaign())
    with pytest.raises(Refused, match="sends no e-mail"):
        services.start_check(campaign=make_campaign(steps=("first-contact-sms",)))


def test_with_a_fifth_of_bad_addresses_fewer_than_5_percent_bounce(time_machine):
    """A hundred people of the sandbox: fifteen at dead domains, five whose address failed before; and three of the
    others, as many as in a decent list, have left their firm."""
    campaign = frozen_campaign()
    step = campaign.steps.get()
    step.sender.hourly_cap = step.sender.daily_cap = step.sender.weekly_cap = 1000
    step.sender.save()
    rows = [candidate(campaign, "gone.example") for _number in range(15)]
    rows += [candidate(campaign, status="invalid", status_reason="550 5.1.1") for _number in range(5)]
    rows += [candidate(campaign, character="bounces" if number < 3 else "ignores") for number in range(80)]
    services.check_recipients(campaign=campaign)
    actor = Actor.system("tests")
    activate_stream(stream=campaign.stream, actor=actor)
    left = Candidate.objects.filter(campaign=campaign, stage="qualified").select_related("lead")
    assert left.count() == 80
    for row in left:
        record_consent(lead=row.lead, channel="email", basis="legitimate_interest", source="tests", actor=actor)
        plan_message(MessagePlan(
            conversation=conversation_for(lead=row.lead), sender=step.sender, channel="email",
            address=row.lead.address("email"), subject="Hello", body="A word.", stream=campaign.stream,
            scheduled_at=clock.now(), approval_rule="tests",
        ))  # fmt: skip
    send_due()
    time_machine.move_to(clock.now() + timedelta(days=3))
    play_due()
    drain()
    messages = Message.objects.filter(stream=campaign.stream, direction="out")
    bounced = messages.filter(state="bounced").count()
    sent = messages.filter(state__in=MESSAGE.proven).count()
    assert (sent, bounced) == (80, 3)
    assert bounced / sent < 0.05


def test_the_gate_holds_what_the_check_could_not_know():
    """The domain died after the check: nothing is sent to it, and a person sees why."""
    campaign = frozen_campaign()
    row = candidate(campaign)
    sender = campaign.steps.get().sender
    activate_stream(stream=campaign.stream, actor=Actor.system("tests"))
    message = plan_message(MessagePlan(
        conversation=conversation_for(lead=row.lead), sender=sender, channel="email", subject="Hello", body="A word.",
        address=row.lead.address("email"), stream=campaign.stream, scheduled_at=clock.now(), approval_rule="tests",
    ))  # fmt: skip
    MailDomain.objects.create(domain="fabrikam.example", status="no_mail")
    send_due()
    message.refresh_from_db()
    assert (message.state, message.refused_by) == ("skipped", "takes_mail")
    assert "its domain doesn't accept mail" in message.error


def test_mailboxes_that_do_not_exist_are_put_aside_when_asked_for():
    campaign = frozen_campaign()
    gone = candidate(campaign, character="bounces")
    Identity.objects.create(lead=gone.lead, channel="email", address="other+books@fabrikam.example", is_primary=False)
    lost, alive = candidate(campaign, character="refused"), candidate(campaign, character="books")
    assert services.check_recipients(campaign=campaign).verified == 0
    found = services.check_recipients(campaign=campaign, verifies=True)
    assert (found.good, found.verified, found.not_there, found.excluded) == (2, 4, 2, 1)
    stages = {row.pk: row.stage for row in Candidate.objects.filter(campaign=campaign)}
    assert stages == {gone.pk: "qualified", lost.pk: "excluded", alive.pk: "qualified"}
    assert services.check_recipients(campaign=campaign, verifies=True).verified == 0


def test_only_addresses_at_domains_that_take_mail_are_asked_for():
    campaign = frozen_campaign()
    candidate(campaign, "silent.example")
    candidate(campaign, "gone.example")
    assert services.check_recipients(campaign=campaign, verifies=True).verified == 0


def test_why_not_all_were_asked_for_is_kept(monkeypatch):
    monkeypatch.delenv("LEADMAGIC_API_KEY", raising=False)
    campaign = frozen_campaign()
    row = candidate(campaign)
    row.lead.identities.filter(channel="email").update(address="p@gmail.com")
    found = services.check_recipients(campaign=campaign, verifies=True)
    assert found.note == "No key for Leadmagic, so mailboxes at real domains were not checked."
    assert services.last_survey(campaign) == found
