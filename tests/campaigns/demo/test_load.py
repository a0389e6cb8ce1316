import pytest

from campaigns.demo import services, world
from campaigns.demo.sandbox.models import SandboxEvent
from campaigns.models import Campaign
from conversations.models import Conversation, Message
from conversations.outbox import quotas
from conversations.senders import policy
from conversations.senders.models import Sender
from conversations.senders.warmup import curve
from leads.models import Identity, Lead
from outreach.core import clock
from outreach.core.addresses import is_reserved
from outreach.core.errors import Refused
from outreach.limits.models import Allowance

pytestmark = pytest.mark.django_db


def test_nobody_in_the_demo_world_can_be_reached():
    for person in world.people(world.companies()):
        assert is_reserved("email", person.email) and is_reserved("sms", person.phone), person


def test_the_world_is_the_same_every_time():
    assert world.person_file(world.people(world.companies())) == world.person_file(world.people(world.companies()))


def test_it_exists_in_demo_mode_only(settings):
    settings.DEMO = False
    with pytest.raises(Refused):
        services.load()
    with pytest.raises(Refused):
        services.reset()


def test_it_is_not_added_to_somebodys_own_work(settings):
    settings.DEMO = True
    Lead.objects.create(full_name="Real Person", source="crm")
    assert not services.load().is_new
    with pytest.raises(Refused):
        services.reset()


@pytest.mark.long
def test_loading_shows_every_part_of_the_loop(settings):
    settings.DEMO = True
    assert services.load().is_new
    assert not services.load().is_new
    assert Lead.objects.count() == world.PERSON_COUNT
    assert {c.state for c in Campaign.objects.all()} == {"completed", "sending", "drafting"}
    assert not Campaign.objects.filter(is_demo=False).exists()
    assert {(s.adapter, s.state) for s in Sender.objects.all()} == {("sandbox", "active"), ("network", "unverified")}
    assert all(is_reserved(i.channel, i.address) for i in Identity.objects.all())
    states = set(Message.objects.values_list("state", flat=True))
    assert {"sent", "delivered", "opened", "received", "scheduled"} & states >= {"opened", "received", "scheduled"}
    assert Conversation.objects.filter(waiting_since__isnull=False).count() >= 3
    assert not Message.objects.filter(sent_at__gt=clock.now()).exists()
    assert Message.objects.filter(
        stream__campaign__state="sending", draft__step__number=2, sent_at__isnull=False
    ).exists()
    assert SandboxEvent.objects.exclude(error="").count() == 0
    running = Campaign.objects.get(state="sending")
    assert running.candidates.filter(stage="drafted").exists() and running.candidates.filter(stage="replied").exists()
    assert running.created_at < clock.now()
    warming = Sender.objects.get(warmup_start__isnull=False)
    usage = Allowance.objects.get(key=quotas.sender_key(warming.pk)).usage
    assert 0 < usage["warmup"]["level"] < len(curve(policy.ramp(warming)))
