"""Relations that somebody else's look brings up to date."""

from __future__ import annotations

import json

import pytest

from campaigns.demo.network_site.people import population, profile_document
from conversations.network import relations
from conversations.network.selectors import relation
from leads.sources.network import profiles
from leads.sources.network.models import NetworkAccount
from leads.sources.network.seen import Card
from outreach.events.models import Event
from outreach.jobs.draining import drain
from tests.conversations.factories import make_sender

pytestmark = pytest.mark.django_db
PERSON = population("millpond", 120)[0]


@pytest.fixture
def account():
    return NetworkAccount.objects.create(name="Ada", base_url="https://millpond.example", username="ada")


@pytest.fixture
def profile(account):
    return profiles.discover(account=account, card=Card(PERSON.slug, PERSON.name, PERSON.headline, "Lyon, France"))


def read(profile, account, degree):
    body = json.dumps(profile_document(PERSON, degree=degree)).encode()
    profiles.enrich(profile=profile, account=account, body=body)
    drain("default")


def test_a_profile_that_was_read_shows_that_they_are_a_contact_now(account, profile):
    sender = make_sender(channel="network", adapter="network", address="", settings={"account": account.name})
    relations.relation_for(lead=profile.lead, sender=sender)
    read(profile, account, degree=2)
    assert relation(profile.lead_id) == "none"
    read(profile, account, degree=1)
    read(profile, account, degree=1)
    assert relation(profile.lead_id) == "connected"
    assert Event.objects.filter(kind="network.connected").count() == 1


def test_another_accounts_contact_is_not_ours(account, profile):
    other = make_sender(channel="network", adapter="network", address="", settings={"account": "Ben"})
    relations.relation_for(lead=profile.lead, sender=other)
    read(profile, account, degree=1)
    assert relation(profile.lead_id) == "none"


def test_a_contact_that_nobody_writes_to_is_left_alone(account, profile):
    make_sender(channel="network", adapter="network", address="", settings={"account": account.name})
    read(profile, account, degree=1)
    profile.refresh_from_db()
    assert (profile.state, relation(profile.lead_id)) == ("ignored", "none")
