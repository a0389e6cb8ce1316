"""Whatever an experiment compares, each person really gets what their arm says, and the message says which arm it was."""

import json
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from campaigns.arms.answering import background_of
from campaigns.arms.factors import FACTORS
from campaigns.arms.models import Assignment, Experiment
from campaigns.drafts import services as drafts
from campaigns.drafts.models import Draft
from campaigns.experiments import services
from campaigns.experiments.results import results_of
from campaigns.experiments.services import Plan
from campaigns.journey import bulk
from campaigns.journey.advancing import hand_over
from campaigns.reports import selectors as reports
from campaigns.review.services import approve
from campaigns.steps.models import Step
from campaigns.steps.senders import sender_of
from conversations.consent import hours
from conversations.models import Message
from conversations.playbooks.services import default_playbook, save_playbook
from conversations.senders.models import Sender
from leads.directory.erasing import erase
from outreach.core.errors import Invalid
from outreach.core.models import Actor
from outreach.jobs.draining import drain
from outreach.prompts.services import current
from tests.campaigns.factories import make_campaign, make_candidate, make_sender, make_user
from tests.campaigns.texts import make_draft, make_reply, mark_sent
from tests.llm_fixtures import configured, fake

pytestmark = pytest.mark.django_db
ACTOR = Actor.system("test")
BERLIN = ZoneInfo("Europe/Berlin")
MORNING, AFTERNOON = "09:00-12:00", "15:00-17:00"
__all__ = ["fake"]


@pytest.fixture
def campaign():
    found = make_campaign(state="sending")
    found.stream.state = "active"
    found.stream.window = {"days": [0, 1, 2, 3, 4], "start": "09:00", "end": "17:00"}
    found.stream.save()
    return found


def running(campaign, factor, values, **changed):
    plan = services.Plan(
        step=campaign.steps.get(), name="Test", factor=factor, values=values, base_rate=0.1, ratio=2.0, **changed
    )
    row = services.create(plan, actor=ACTOR)
    services.start(experiment=row, actor=ACTOR)
    return row


def approved(campaign, people):
    found = [make_candidate(campaign, stage="approved", time_zone="Europe/Berlin") for _ in range(people)]
    for candidate in found:
        make_draft(candidate)
    return found


def arms_of(row):
    given = Assignment.objects.filter(experiment=row).select_related("arm")
    return {one.candidate_id: one.arm for one in given}


def planned():
    return {m.draft.candidate_id: m for m in Message.objects.outgoing().select_related("draft", "stream", "sender")}


def is_within(moment: datetime, block: str) -> bool:
    start, _dash, end = block.partition("-")
    return start <= moment.astimezone(BERLIN).strftime("%H:%M") < end


# send times


@pytest.mark.parametrize("is_bulk", [True, False])
def test_a_message_is_planned_in_the_hours_of_its_arm(campaign, is_bulk):
    row = running(campaign, "hours", (MORNING, AFTERNOON))
    people = approved(campaign, 12)
    if is_bulk:
        list(bulk.hand_over_first(campaign))
    else:
        for draft in Draft.objects.all():
            hand_over(draft)
    given, found = arms_of(row), planned()
    assert set(given) == set(found) == {one.pk for one in people}
    assert {arm.value for arm in given.values()} == {MORNING, AFTERNOON}
    for candidate, message in found.items():
        assert is_within(message.scheduled_at, given[candidate].value), message.scheduled_at
        assert message.attributes["arm"] == given[candidate].pk


def test_a_message_is_held_to_the_hours_of_its_arm_to_the_last_moment(campaign):
    row = running(campaign, "hours", (MORNING, AFTERNOON))
    approved(campaign, 12)
    list(bulk.hand_over_first(campaign))
    given = arms_of(row)
    late = next(m for pk, m in planned().items() if given[pk].value == AFTERNOON)
    monday = datetime(2026, 12, 7, tzinfo=BERLIN)
    late.lead = late.conversation.lead
    for hour, is_open in ((10, False), (16, True)):
        now = monday.replace(hour=hour)
        assert (hours.bounds(late, now).opens_at == now) is is_open


def test_hours_outside_the_campaigns_own_cannot_be_compared(campaign):
    with pytest.raises(Invalid, match="cannot be compared"):
        running(campaign, "hours", (MORNING, "18:00-21:00"))


def test_stopped_early_it_plans_at_the_campaigns_hours_and_counts_nobody_more(campaign):
    row = running(campaign, "hours", (MORNING, AFTERNOON))
    approved(campaign, 4)
    list(bulk.hand_over_first(campaign))
    services.stop(experiment=row, actor=ACTOR)
    approved(campaign, 3)
    list(bulk.hand_over_first(campaign))
    for message in planned().values():
        mark_sent(message)
    unmarked = [m for m in planned().values() if "arm" not in m.attributes and "hours" not in m.attributes]
    assert len(unmarked) == 3
    assert results_of(Experiment.objects.get()).sent == 4 == Assignment.objects.count()


def test_the_winner_of_send_times_rules_everyone_else(campaign):
    row = running(campaign, "hours", (MORNING, AFTERNOON))
    services.take(experiment=row, arm=row.arms.get(value=AFTERNOON), actor=ACTOR)
    approved(campaign, 3)
    list(bulk.hand_over_first(campaign))
    assert all(is_within(message.scheduled_at, AFTERNOON) for message in planned().values())
    assert not any("arm" in message.attributes for message in planned().values())


# senders


@pytest.fixture
def pools(campaign):
    step = campaign.steps.get()
    Sender.objects.filter(pk=step.sender_id).update(tags=["old"])
    step.pool = "old"
    step.save()
    return {tag: make_sender(tags=[tag]) for tag in ("north", "south")}


def test_a_text_is_signed_by_and_leaves_from_a_sender_of_its_arms_pool(campaign, pools):
    people = [make_candidate(campaign) for _ in range(10)]
    drafts.generate(campaign=campaign)
    drain("llm")  # with the old sender: written again when the experiment starts
    row = running(campaign, "pool", ("north", "south"))
    drain("llm")
    given = arms_of(row)
    assert set(given) == {one.pk for one in people}
    reviewer = make_user()
    for draft in Draft.objects.to_review().filter(variant="direct"):
        approve(draft=draft, version=draft.version, user=reviewer)
    for candidate, message in planned().items():
        assert message.sender == pools[given[candidate].value]
        assert message.attributes["arm"] == given[candidate].pk
    assert len(planned()) == 10 and {arm.value for arm in given.values()} == set(pools)


def test_later_messages_come_from_the_arms_pool_also_when_its_sender_is_gone(campaign, pools):
    first = campaign.steps.get()
    second = Step.objects.create(
        campaign=campaign, number=2, channel="email", sender=first.sender, pool="old", pack_version=first.pack_version
    )
    services.start(
        experiment=services.create(Plan(first, "Test", ("north", "south"), 0.1, "pool"), actor=ACTOR), actor=ACTOR
    )
    candidate = make_candidate(campaign)
    drafts.generate(campaign=campaign)
    drain("llm")
    tag = Assignment.objects.get(candidate=candidate).arm.value
    assert sender_of(candidate, second) == pools[tag]
    spare = make_sender(tags=[tag])
    Sender.objects.filter(pk=pools[tag].pk).update(state="stopped")
    assert sender_of(candidate, second) == spare


def test_pools_are_compared_only_where_all_messages_take_their_sender_from_one(campaign, pools):
    first = campaign.steps.get()
    Step.objects.create(
        campaign=campaign, number=2, channel="email", sender=first.sender, pack_version=first.pack_version
    )  # fmt: skip
    with pytest.raises(Invalid, match="every message on its channel"):
        services.create(Plan(first, "Test", ("north", "south"), 0.1, "pool"), actor=ACTOR)


def test_without_a_pool_there_are_none_to_compare(campaign):
    with pytest.raises(Invalid, match="any sender with a tag"):
        running(campaign, "pool", ("north", "south"))


# packs


def test_a_text_is_written_by_the_pack_of_its_arm_and_reported_under_it(campaign):
    ours = campaign.steps.get().pack
    other = current("reactivation-email")
    assert set(FACTORS["pack"].offers(campaign.steps.get())) >= {str(ours.pk), str(other.pk)}
    people = [make_candidate(campaign) for _ in range(8)]
    drafts.generate(campaign=campaign)
    drain("llm")
    row = running(campaign, "pack", (str(ours.pk), str(other.pk)))
    drain("llm")
    given = arms_of(row)
    shas = {str(one.pk): one.sha for one in (ours, other)}
    assert set(given) == {one.pk for one in people} and {arm.value for arm in given.values()} == set(shas)
    reviewer = make_user()
    for candidate in people:
        waiting = Draft.objects.to_review().filter(candidate=candidate).select_related("interaction")
        assert {draft.interaction.pack_sha for draft in waiting} == {shas[given[candidate.pk].value]}
        approve(draft=waiting[0], version=waiting[0].version, user=reviewer)
    for message in planned().values():
        mark_sent(message)
    counted = {arm.value: 0 for arm in given.values()}
    for arm in given.values():
        counted[arm.value] += 1
    by_text = {row.key: row.sent for row in reports.rows(reports.Asked(), by="text")}
    assert by_text == {ours.name: counted[str(ours.pk)], other.name: counted[str(other.pk)]}


# models


@pytest.mark.django_db(transaction=True)
def test_a_draft_is_written_by_the_model_of_its_arm(settings, fake):
    configured(settings, fake, chain=["fake/one", "fake/two"])
    text = {"subject": "A question", "body": "Hi Joe,\n\nworth a call?\n\nAnn Lee", "fact_ids": []}
    fake.answer = lambda request: json.dumps(
        dict.fromkeys(request["response_format"]["json_schema"]["schema"]["properties"], text)
    )
    campaign = make_campaign()
    row = running(campaign, "model", ("fake/one", "fake/two"))
    for _ in range(8):
        make_candidate(campaign)
    drafts.generate(campaign=campaign)
    drain("llm")
    given = arms_of(row)
    wrote = {d.candidate_id: f"{d.interaction.provider}/{d.interaction.model}" for d in Draft.objects.all()}
    assert wrote == {pk: arm.value for pk, arm in given.items()} and len(wrote) == 8
    assert set(wrote.values()) == {"fake/one", "fake/two"}


# playbooks


def test_a_conversation_is_held_by_the_playbook_of_its_arm(campaign):
    ours = default_playbook()
    other = save_playbook(
        name="Brisk",
        definition=default_playbook().current.definition.model_copy(update={"tone": "formal"}),
        created_by=None,
    ).playbook
    row = running(campaign, "playbook", (str(ours.pk), str(other.pk)), metric="booked")
    people = approved(campaign, 8)
    list(bulk.hand_over_first(campaign))
    given, found = arms_of(row), planned()
    for candidate in people:
        reply = make_reply(candidate, answers=mark_sent(found[candidate.pk]))
        background = background_of(reply, "en")
        assert str(background.playbook.pk) == given[candidate.pk].value
    assert {arm.value for arm in given.values()} == {str(ours.pk), str(other.pk)}


def test_playbooks_are_not_compared_by_how_many_reply(campaign):
    found = default_playbook()
    with pytest.raises(Invalid, match="answers replies"):
        running(campaign, "playbook", (str(found.pk), str(found.pk)))


# what happens to people


def test_an_erased_person_stays_counted_in_their_arm_and_no_one_is_named(campaign):
    row = running(campaign, "hours", (MORNING, AFTERNOON))
    candidate = approved(campaign, 1)[0]
    list(bulk.hand_over_first(campaign))
    mark_sent(planned()[candidate.pk])
    before = [(one.assigned, one.sent) for one in results_of(row).arms]
    erase(lead=candidate.lead, actor=ACTOR, reason="Asked for it")
    assert [(one.assigned, one.sent) for one in results_of(row).arms] == before
    assert sum(sent for _assigned, sent in before) == 1
