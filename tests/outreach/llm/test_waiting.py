"""Work that needs a model waits for one, with its reason, and goes on by itself."""

from decimal import Decimal

import pytest

from campaigns.drafts import services as drafts
from campaigns.drafts.models import Draft
from outreach.core.models import Actor
from outreach.jobs.draining import drain
from outreach.jobs.models import JOB, Job, QueueItem
from outreach.jobs.services import cancel, resume_postponed
from outreach.llm import pricing
from outreach.llm.errors import Waiting
from outreach.llm.models import Circuit
from outreach.llm.setup import services as setup
from tests.campaigns.factories import make_campaign, make_candidate, make_user
from tests.llm_fixtures import configured
from tests.outreach.llm.test_complete import ask

pytestmark = pytest.mark.django_db(transaction=True)
OUTAGES = ["500", "401", "404", "html"]


@pytest.fixture
def campaign(settings, fake):
    configured(settings, fake)
    campaign = make_campaign()
    make_candidate(campaign)
    return campaign


def generate(campaign):
    drafts.generate(campaign=campaign)
    drain("llm")
    return Job.objects.get()


def go_on():
    Circuit.objects.all().delete()
    resume_postponed(lane="llm")
    drain("llm")


@pytest.mark.parametrize("outage", OUTAGES)
def test_drafts_wait_for_an_outage_and_are_written_after_it(campaign, fake, outage):
    fake.always = outage
    job = generate(campaign)
    assert job.is_queued and job.waits_until and "fake/fake-model" in job.outcome
    assert not Draft.objects.exists()
    fake.always = ""
    go_on()
    job.refresh_from_db()
    assert job.state == JOB.DONE and job.waits_until is None
    assert Draft.objects.first().interaction.provider == "fake"


def test_a_job_that_waits_is_woken_at_its_moment(campaign, fake):
    fake.always = "500"
    job = generate(campaign)
    item = QueueItem.objects.get(arguments=[job.pk])
    assert abs((item.run_at - job.waits_until).total_seconds()) < 5


def test_a_campaign_may_have_rules_write_instead(campaign, fake):
    campaign.waits_for_model = False
    campaign.save()
    fake.always = "401"
    assert generate(campaign).state == JOB.DONE
    assert "401" in Draft.objects.first().interaction.parameters["because"]


def test_a_refusal_does_not_wait_for_it_would_come_again(campaign, fake):
    fake.always = "refusal"
    assert generate(campaign).state == JOB.DONE
    assert "cannot do that" in Draft.objects.first().interaction.parameters["because"]


def test_a_spend_cap_waits_until_it_resets(settings, fake, monkeypatch):
    configured(settings, fake, usd_per_day=1)
    monkeypatch.setattr(pricing, "cost_usd", lambda **_given: Decimal(2))
    with pytest.raises(Waiting, match=r"\$1\.00 a day") as caught:
        ask(waits=True)
    assert 60 <= caught.value.after.total_seconds() <= 3600
    assert fake.requests == []


def test_without_a_model_nothing_waits(settings, fake):
    configured(settings, fake, chain=["builtin"])
    assert ask(waits=True).is_builtin


def test_a_second_model_that_answers_ends_the_waiting(settings, fake):
    configured(settings, fake, chain=["fake/fault-500", "second/fake-model"])
    assert ask(waits=True).interaction.provider == "second"


def test_a_job_that_waits_can_be_cancelled(campaign, fake):
    fake.always = "500"
    job = generate(campaign)
    cancel(job=job, actor=Actor.system("test"))
    fake.always = ""
    go_on()
    assert not Draft.objects.exists()


def test_a_provider_that_passes_its_test_wakes_what_waits(campaign, fake):
    fake.always = "500"
    generate(campaign)
    fake.always = ""
    setup.test_provider(name="fake", model="fake-model", actor=Actor.system("test"))
    drain("llm")
    assert Draft.objects.exists()


def test_the_page_of_jobs_says_what_is_waited_for(client, campaign, fake):
    fake.always = "401"
    generate(campaign)
    client.force_login(make_user("operator"))
    page = client.get("/jobs/").content.decode()
    assert "Waiting: fake/fake-model: The key was refused (401)" in page and "Goes on by itself" in page
    assert (
        "waits: fake/fake-model: The key was refused (401)" in client.get(f"/campaigns/{campaign.pk}/").content.decode()
    )
