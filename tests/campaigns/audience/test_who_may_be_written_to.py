"""Nobody that the gate would refuse as suppressed is in any audience, frozen or live."""

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from campaigns.audience import live, live_index
from campaigns.audience.models import LiveMatch, LiveSet
from campaigns.audience.services import freeze_audience
from campaigns.models import Candidate
from conversations.consent import eligibility
from conversations.consent.models import Suppression
from conversations.consent.services import Target, is_suppressed, lift, suppress
from conversations.dispatch.gate import examine
from conversations.erasing import on_lead_erased
from conversations.models import Conversation, Message
from conversations.planning.plans import MessagePlan
from conversations.planning.services import plan_messages
from leads import changes
from leads.directory.erasing import erase
from leads.models import Identity, Lead, LeadChange
from leads.segments.services import save_segment
from outreach.core import clock
from outreach.core.addresses import domain_chain
from outreach.core.errors import Invalid
from outreach.core.models import Actor
from outreach.core.secrets import address_digest
from outreach.events.models import Event
from tests.campaigns.factories import make_campaign, make_lead

pytestmark = pytest.mark.django_db
ACTOR = Actor.system("test")
HEADS = {"all": [{"field": "lead.title", "operator": "any_of", "value": ["head"]}]}
DOMAINS = ("firm.example", "dept.firm.example", "mail.dept.firm.example", "firm.example.org", "xfirm.example")
REASONS = ("opt_out", "complaint", "bounce", "manual")


def at(lead, domain):
    Identity.objects.filter(lead=lead, channel="email").update(address=f"p{lead.pk}@{domain}")
    changes.record([lead.pk])


def reimported(lead):
    """Erased, and then imported again with the same address."""
    address = lead.address("email")
    erase(lead=lead, actor=ACTOR)
    event = Event.objects.filter(kind="lead.erased", payload__lead_id=lead.pk).latest("pk")
    on_lead_erased(event)
    again = make_lead(title="Head of People", title_key="head of people")
    Identity.objects.filter(lead=again, channel="email").update(address=address)
    return again


class World:
    def __init__(self):
        self.leads = [make_lead(title="Head of People", title_key="head of people") for _n in range(4)]

    def change(self, kind, who, what):
        lead = self.leads[who % len(self.leads)]
        reason, domain = REASONS[what % len(REASONS)], DOMAINS[what % len(DOMAINS)]
        match kind:
            case "lead":
                suppress(Target(lead=lead, channel=("", "email", "sms")[what % 3]), reason=reason, actor=ACTOR)
            case "address":
                suppress(Target(address=lead.address("email")), reason=reason, actor=ACTOR)
            case "domain":
                suppress(Target(domain=domain), reason="manual", actor=ACTOR)
            case "move":
                at(lead, domain)
            case "erase":
                self.leads[who % len(self.leads)] = reimported(lead)
            case "lift":
                row = Suppression.objects.in_force().order_by("pk").first()
                if row:
                    lift(suppression=row, actor=ACTOR, reason="They asked us to write.")

    def refused(self, campaign, sender):
        """Whom the gate refuses as suppressed."""
        found = set()
        for lead in Lead.objects.filter(erased_at=None):
            address = lead.address("email")
            conversation, _new = Conversation.objects.get_or_create(lead=lead)
            message = Message.objects.create(
                conversation=conversation, lead=lead, stream=campaign.stream, sender=sender, channel="email",
                address=address, address_digest=address_digest(address), planned_at=clock.now(),
            )  # fmt: skip
            if not examine(message).passed["not_suppressed"]:
                found.add(lead.pk)
        return found


KINDS = st.sampled_from(["lead", "address", "domain", "move", "erase", "lift"])


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(changes=st.lists(st.tuples(KINDS, st.integers(0, 3), st.integers(0, 19)), min_size=1, max_size=6))
@example(changes=[("address", 0, 0), ("erase", 0, 0)])
@example(changes=[("address", 0, 0), ("erase", 0, 0), ("lift", 0, 0)])
@example(changes=[("move", 0, 2), ("domain", 0, 0)])
@pytest.mark.long
def test_nobody_that_the_gate_would_refuse_is_in_an_audience(changes, db):
    for model in (LiveMatch, LiveSet, Message, Candidate, Suppression, LeadChange):
        model.objects.all().delete()
    Conversation.objects.all().delete()
    Lead.objects.all().delete()
    live_index.forget()
    world = World()
    version = save_segment(name=f"Heads {clock.now().timestamp()}", criteria=HEADS, created_by=None)
    frozen = make_campaign(segment_version=version)
    daily = make_campaign(segment_version=version, mode="daily", state="ready")
    live.tick()
    for change in changes:
        world.change(*change)
    sender = frozen.steps.get().sender
    refused = world.refused(frozen, sender)
    by_service = {
        lead.pk
        for lead in Lead.objects.filter(erased_at=None)
        if is_suppressed(channel="email", address=lead.address("email"), lead=lead)
    }
    plans = [
        MessagePlan(
            stream=frozen.stream, lead=lead, sender=sender, channel="email", address=lead.address("email"),
            subject="Hello", body="Hello there", scheduled_at=clock.now(),
        )
        for lead in Lead.objects.filter(erased_at=None)
    ]  # fmt: skip
    outcomes = zip(plans, plan_messages(plans), strict=True)
    planned = {plan.lead.pk for plan, outcome in outcomes if isinstance(outcome, int)}
    freeze_audience(campaign=frozen, actor=ACTOR)
    live.tick()
    everybody = {lead.pk for lead in Lead.objects.filter(erased_at=None)}
    assert by_service == refused
    assert planned == everybody - refused
    assert set(Candidate.objects.filter(campaign=frozen).values_list("lead_id", flat=True)) == everybody - refused
    assert set(LiveMatch.objects.filter(campaign_id=daily.pk).values_list("lead_id", flat=True)) == everybody - refused


@pytest.mark.parametrize(
    "address", ["a@firm.example", "a@mail.dept.firm.example", "A@X.Firm.Example.", "a@localhost", "+12025550100", ""]
)
def test_digest_and_domains_are_the_same_in_sql(address, db):
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {eligibility.digest_sql('g.a')}, {eligibility.domain_chain_sql('g.a')}"
            " FROM (SELECT %s::text AS a) g",
            [address],
        )
        assert cursor.fetchone() == (address_digest(address), domain_chain(address))


@pytest.mark.parametrize(
    "domain", ["gmail.com", "inbox.ru", "list.ru", "ya.ru", "t-online.de", "yahoo.co.uk", "@me.com"]
)
def test_a_domain_of_many_independent_people_is_not_suppressed(domain, db):
    with pytest.raises(Invalid, match="single addresses"):
        suppress(Target(domain=domain), reason="manual", actor=ACTOR)
