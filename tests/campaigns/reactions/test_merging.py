"""Two leads become one across all wings, and two again."""

from __future__ import annotations

import pytest

from campaigns.models import Candidate
from conversations.consent import holds
from conversations.consent.models import Hold
from conversations.consent.services import Target, is_suppressed, suppress
from conversations.models import Conversation, Message
from conversations.services import conversation_for
from leads.duplicates import services
from leads.duplicates.models import Duplicate, Kind, Merge
from leads.models import Company, Identity, Lead
from outreach.core.errors import Refused
from outreach.core.models import Actor
from outreach.events.services import deliver_due
from tests.campaigns.factories import make_campaign, make_lead

pytestmark = pytest.mark.django_db
ACTOR = Actor.system("tests")


def say(lead: Lead, body: str, **fields: object) -> Message:
    conversation = conversation_for(lead=lead)
    return Message.objects.create(
        conversation=conversation, lead=lead, channel="email", direction="in", state="received", body=body, **fields
    )


def merge(kept: Lead, lost: Lead) -> Merge:
    made = services.merge_leads(kept=kept, lost=lost, actor=ACTOR)
    deliver_due()
    made.refresh_from_db()
    return made


def undo(made: Merge) -> None:
    services.undo(merge=made, actor=ACTOR)
    deliver_due()


def snapshot() -> list[list[dict[str, object]]]:
    ignored = ("updated_at", "content_hash")
    return [
        [{k: v for k, v in row.items() if k not in ignored} for row in model.objects.order_by("pk").values()]
        for model in (Lead, Identity, Company, Candidate, Message, Conversation, Hold)
    ]


def test_addresses_facts_messages_and_candidacies_join_and_part_again():
    kept, lost = make_lead(title=""), make_lead(title="CTO", title_key="cto", tags=["vip"], city="Bonn")
    campaign, other = make_campaign(), make_campaign()
    Candidate.objects.create(campaign=campaign, lead=lost, stage="contacted")
    Candidate.objects.create(campaign=other, lead=kept, stage="matched")
    Candidate.objects.create(campaign=other, lead=lost, stage="contacted")
    said, heard = say(kept, "hello"), say(lost, "who is it?")
    hold = holds.hold(message=heard, evidence="who is it?", actor=ACTOR)
    before = snapshot()

    made = merge(kept, lost)
    kept.refresh_from_db()
    lost.refresh_from_db()
    assert (kept.title, kept.title_key, kept.city, kept.tags) == ("CTO", "cto", "Bonn", ["vip"])
    assert (kept.identities.count(), kept.identities.filter(channel="email", is_primary=True).count()) == (4, 1)
    assert (lost.merged_into_id, lost.identities.count(), lost.erased_at is not None) == (kept.pk, 0, True)
    assert set(Message.objects.filter(conversation__lead=kept).values_list("pk", flat=True)) == {said.pk, heard.pk}
    assert holds.open_on(conversation_for(lead=kept)).get() == hold
    assert dict(kept.candidacies.values_list("campaign", "stage")) == {campaign.pk: "contacted", other.pk: "contacted"}
    assert Candidate.objects.get(lead=lost).stage == "excluded"

    undo(made)
    assert snapshot() == before


def test_a_conversation_that_only_the_lost_one_had_is_found_at_the_kept_one():
    kept, lost = make_lead(), make_lead()
    heard = say(lost, "hello")
    made = merge(kept, lost)
    assert Conversation.objects.get(lead=kept).messages.get() == heard
    undo(made)
    assert Conversation.objects.get().lead_id == lost.pk


@pytest.mark.parametrize("who", ["kept", "lost"])
def test_opting_out_covers_both_and_survives_the_undo(who):
    kept, lost = make_lead(), make_lead()
    suppress(Target(lead={"kept": kept, "lost": lost}[who]), reason="opt_out", actor=ACTOR)
    made = merge(kept, lost)
    for identity in kept.identities.all():
        assert is_suppressed(channel=identity.channel, address=identity.address, lead=kept)
    undo(made)
    for lead in (kept, lost):
        for identity in lead.identities.all():
            assert is_suppressed(channel=identity.channel, address=identity.address)


def test_the_news_of_a_merge_may_come_twice():
    from outreach.events.models import Event

    kept, lost = make_lead(), make_lead()
    say(lost, "hello")
    made = merge(kept, lost)
    from campaigns.reactions import merging as campaigns
    from conversations import merging as conversations

    event = Event.objects.get(kind="lead.merged")
    conversations.on_lead_merged(event)
    campaigns.on_lead_merged(event)
    assert Message.objects.filter(lead=kept).count() == 1
    undo(made)
    assert Message.objects.filter(lead=lost).count() == 1


def test_what_changed_since_stays_when_a_merge_is_undone():
    from leads.services import update_lead

    kept, lost = make_lead(title=""), make_lead(title="CTO", title_key="cto")
    made = merge(kept, lost)
    update_lead(lead=kept, actor=ACTOR, fields={"title": "Founder"})
    undo(made)
    assert Lead.objects.get(pk=kept.pk).title == "Founder"


def test_merges_are_undone_in_their_order_backwards():
    one, two, three = make_lead(), make_lead(), make_lead()
    first = merge(two, three)
    second = merge(one, two)
    assert set(Lead.objects.filter(merged_into=one)) == {two, three}
    with pytest.raises(Refused):
        undo(first)
    undo(second)
    undo(first)
    assert not Lead.objects.filter(merged_into__isnull=False).exists()


def test_companies_join_with_their_people_and_part_again():
    kept, lost = (
        Company.objects.create(name="Firm"),
        Company.objects.create(name="Firm Intl", website="https://firm.de"),
    )
    person = make_lead(company=lost)
    before = snapshot()
    made = services.merge_companies(kept=kept, lost=lost, actor=ACTOR)
    person.refresh_from_db()
    kept.refresh_from_db()
    assert (person.company_id, kept.website) == (kept.pk, "https://firm.de")
    undo(made)
    assert snapshot() == before


def test_a_decided_pair_leaves_the_queue_and_comes_back_with_the_undo():
    company = Company.objects.create(name="Firm")
    one = make_lead(company=company, name_key="joe poe")
    make_lead(company=company, name_key="joe poe")
    services.look_at(kind=Kind.LEAD, ids=[one.pk])
    pair = Duplicate.objects.get()
    services.merge_pair(pair=pair, kept_id=one.pk, actor=ACTOR)
    assert (services.queue().count(), pair.state) == (0, "merged")
    with pytest.raises(Refused):
        services.merge_pair(pair=pair, kept_id=one.pk, actor=ACTOR)
    pair.refresh_from_db()
    services.take_back(pair=pair, actor=ACTOR)
    assert services.queue().count() == 1


def test_erasing_the_kept_one_erases_what_was_merged_into_it():
    from leads.directory.erasing import erase

    kept, lost = make_lead(full_name="Joe Poe"), make_lead(full_name="J. Poe", title="CTO")
    made = merge(kept, lost)
    erase(lead=kept, actor=ACTOR)
    lost.refresh_from_db()
    made.refresh_from_db()
    assert (lost.full_name, lost.title, made.before, made.after) == ("", "", {}, {})


def test_a_list_that_names_the_lost_one_finds_the_kept_one():
    from tests.leads.factories import run_import

    run_import("id,name,email\n1,Anna,a@x.example\n2,Anna K,b@x.example\n", source="crm")
    kept, lost = Lead.objects.order_by("pk")
    services.merge_leads(kept=kept, lost=lost, actor=ACTOR)
    batch = run_import("id,name,email,city\n2,Anna K,b@x.example,Bonn\n", source="crm")
    kept.refresh_from_db()
    assert (batch.counts["created"], batch.counts["updated"], kept.city) == (0, 1, "Bonn")
