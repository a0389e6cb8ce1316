"""One definition of every number: what happened to people reads the same on every page, in the CSV and over the API."""

from __future__ import annotations

import csv
import io
import json
import re

import pytest
from django.core.management import call_command
from django.urls import reverse

from campaigns import counts, outcomes
from campaigns.audience.selectors import filtered
from campaigns.drafts.models import Draft
from campaigns.journey.advancing import hand_over
from campaigns.models import Candidate
from conversations.consent.services import Target, suppress
from conversations.models import Message
from outreach.core.models import Actor
from outreach.events.services import publish
from outreach.jobs.draining import drain
from tests.campaigns.factories import make_campaign, make_candidate, make_user
from tests.campaigns.texts import make_draft, mark_sent
from tests.conversations.inbound.arriving import answer, receive
from tests.conversations.reading.held_out.notices import dsn

pytestmark = pytest.mark.django_db

ANSWERS = {
    "interested": "Sounds good, please call me on Tuesday.",
    "no": "No thanks, we are not interested.",
    "opts out": "Please remove me from your list and never write to me again.",
    "asks": "Could you tell me what it costs?",
}


class World:
    """A campaign that has written to nine people and hears from most of them."""

    def __init__(self):
        self.campaign = make_campaign(name="Autumn, first wave", state="sending")
        self.campaign.stream.state = "active"
        self.campaign.stream.save()
        self.people: dict[str, Candidate] = {}
        self.sent: dict[str, Message] = {}
        for name in (*ANSWERS, "is away", "bounces", "unsubscribes by link", "is silent", "won by hand"):
            self.write_to(name)
        for name, words in ANSWERS.items():
            self.reply(name, words)
        self.reply("is away", "I am out of the office until Monday.", headers="Auto-Submitted: auto-replied\n")
        self.bounce("bounces")
        identity = self.people["unsubscribes by link"].lead.identities.get(channel="email")
        suppress(Target(channel="email", address=identity.address), reason="opt_out", actor=Actor.system("test"))
        outcomes.record_by_hand(candidate=self.people["won by hand"], kind="won", user=make_user("operator"))
        make_candidate(self.campaign, stage="qualified")
        make_candidate(self.campaign, stage="excluded")
        waits = make_candidate(self.campaign, stage="drafted")
        for variant in ("direct", "casual"):
            make_draft(waits, variant=variant, state="pending_review")
        drain("default")

    def write_to(self, name: str) -> None:
        candidate = self.people[name] = make_candidate(self.campaign, stage="approved")
        message = self.sent[name] = mark_sent(hand_over(make_draft(candidate)))
        publish(
            "message.sent",
            message_id=message.pk,
            conversation_id=message.conversation_id,
            lead_id=message.lead_id,
        )
        drain("default")
        candidate.refresh_from_db()

    def reply(self, name: str, words: str, *, headers: str = "") -> None:
        number = len(self.people) + self.people[name].pk
        sender = self.people[name].lead.address("email")
        receive(answer(self.sent[name], words, sender=sender, headers=headers, number=number), number=number)
        drain("default")

    def bounce(self, name: str) -> None:
        message = self.sent[name]
        notice = dsn("5.1.1", "550 User unknown", recipient=self.people[name].lead.address("email"))
        receive(notice.replace("ours.1@outreach.example", message.rfc_message_id), number=9_999)
        drain("default")


EXPECTED = {"contacted": 9, "replied": 4, "bounced": 1, "opted_out": 2, "positive": 1, "won": 1, "audience": 11}


@pytest.fixture
def world():
    return World()


@pytest.fixture
def page(client):
    client.force_login(make_user("operator"))
    return lambda name, *arguments, **query: client.get(reverse(name, args=arguments), query)


def test_the_definitions(world):
    found = counts.by_campaign([world.campaign.pk])[world.campaign.pk].as_dict()
    assert {name: found[name] for name in EXPECTED} == EXPECTED
    assert counts.total().as_dict() == found


def test_people_answered_when_they_wrote_themselves_also_a_no_or_an_opt_out(world):
    answered = Candidate.objects.filter(counts.came_as_far_as("replied"))
    assert {name for name, one in world.people.items() if answered.filter(pk=one.pk).exists()} == set(ANSWERS)


def test_the_variants_of_a_message_are_one_decision(world):
    assert Draft.objects.to_review().count() == 2
    assert counts.to_review() == 1


@pytest.mark.parametrize("name", ["qualified", "drafted", "approved", "contacted", "replied", "won"])
def test_the_list_behind_a_number_has_as_many_people(world, name):
    found = counts.by_campaign([world.campaign.pk])[world.campaign.pk].as_dict()
    assert filtered(world.campaign, reached=name).count() == found[name]


def test_somebody_taken_out_after_contact_still_counts(world):
    Candidate.objects.filter(pk=world.people["is silent"].pk).update(stage="excluded")
    found = counts.by_campaign([world.campaign.pk])[world.campaign.pk]
    assert (found.contacted, found.audience) == (EXPECTED["contacted"], EXPECTED["audience"])


def test_every_place_says_the_same(world, page, capsys):
    pk, name = world.campaign.pk, world.campaign.name
    report = page("reports:index")
    said = {
        "home": number_of(page("home"), "replied"),
        "list": number_of(page("campaigns:list"), "replied"),
        "campaign": number_of(page("campaigns:detail", pk), "replied"),
        "report": report.context["total"].results["replied"],
        "report's row": report.context["rows"][0][0].results["replied"],
        "csv": int(next(row for row in lines(page("reports:export")) if row["key"] == name)["replied"]),
        "csv by sender": sum(int(row["replied"]) for row in lines(page("reports:export", by="sender"))[:-1]),
        "api": page("campaign-detail", pk).json()["numbers"]["replied"],
        "api of reports": page("api-funnel").json()["total"]["replied"],
    }
    call_command("campaign", "list", "--json")
    said["command"] = json.loads(capsys.readouterr().out.splitlines()[-1])["replied"]
    assert set(said.values()) == {EXPECTED["replied"]}, said


def test_every_place_counts_the_same_people_as_contacted(world, page):
    pk = world.campaign.pk
    said = {
        "home": number_of(page("home"), "contacted"),
        "list": number_of(page("campaigns:list"), "contacted"),
        "campaign": number_of(page("campaigns:detail", pk), "contacted"),
        "report": page("reports:index").context["total"].sent,
        "csv": int(lines(page("reports:export"))[-1]["sent"]),
        "this month": page("reports:index", since="2020-01-01").context["total"].sent,
        "api": page("campaign-detail", pk).json()["numbers"]["contacted"],
    }
    assert set(said.values()) == {EXPECTED["contacted"]}, said


def test_what_waits_for_review_is_one_number(world, page):
    shown = page("home")
    assert re.search(r"\b1\b", shown.content.decode().split("to review")[0].rsplit("<a", 1)[-1])
    navigation = {link.label: link.count for link in shown.context["navigation"].doors}
    assert navigation["Campaigns"] == 1


def number_of(response, name: str) -> int:
    """The number that a page marks with its name."""
    found = re.findall(rf'data-number="{name}"[^>]*>\s*(\d+)', response.content.decode())
    assert len(found) == 1, (name, found)
    return int(found[0])


def lines(response) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(response.content.decode("utf-8-sig"))))
