"""A campaign that has written to nine people and hears from most of them, by real mail."""

from __future__ import annotations

from campaigns import outcomes
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
