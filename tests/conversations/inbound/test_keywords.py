"""START takes back what a keyword did and nothing else; HELP is answered once; neither counts as a reply."""

import pytest

from conversations.consent import keywords
from conversations.consent.models import ConsentEntry
from conversations.consent.services import Target, is_suppressed, suppress
from conversations.inbound import handling, services
from conversations.models import Message
from tests.conversations.factories import ACTOR, make_conversation, make_lead, make_message, make_sender

PHONE = "+4915112345699"


@pytest.mark.parametrize(
    ("text", "carrier", "word"),
    [
        ("START", "", "start"),
        (" unstop. ", "", "start"),
        ("Help!", "", "help"),
        ("помощь", "", "help"),
        ("help me understand", "", ""),
        ("yes", "", ""),
        ("YES", "START", "start"),
        ("STOP", "STOP", ""),
    ],
)
def test_keywords_are_whole_messages(text, carrier, word):
    assert keywords.read(text, carrier_says=carrier) == word


@pytest.mark.django_db
class TestTexts:
    @pytest.fixture
    def sender(self):
        return make_sender(channel="sms", display_name="Northwind")

    @pytest.fixture
    def lead(self, sender):
        lead = make_lead(phone=PHONE)
        make_message(conversation=make_conversation(lead), sender=sender)
        return lead

    def write(self, sender, body, *, number=[0], **fields):  # noqa: B006
        number[0] += 1
        event = services.store(
            source="twilio.message",
            external_id=f"SM{number[0]}",
            sender=sender,
            fields={"From": PHONE, "To": sender.address, "Body": body, "MessageSid": f"SM{number[0]}", **fields},
        )
        handling.handle(event)
        assert event.state == "handled", event.error
        return event

    def test_words_after_stop_are_no_start(self, sender, lead):
        """What the carrier marks as START lifts; a sentence that begins with the word does not."""
        self.write(sender, "STOP", OptOutType="STOP")
        talk = self.write(sender, "start with the west ward, what does it cost?")
        assert is_suppressed(channel="email", address="anybody@acme.example", lead=lead)
        assert talk.message.readings.get().intent == "question"
        lead.conversation.refresh_from_db()
        assert (lead.conversation.state, lead.conversation.waiting_since is not None) == ("opted_out", True)
        self.write(sender, "Start", OptOutType="START")
        assert not is_suppressed(channel="sms", address=PHONE, lead=lead)
        assert self.write(sender, "Info on price?").kind == "reply"
        assert not self.answers().exists()

    @pytest.mark.parametrize("body", ["Hello there", "How much is it?"])
    def test_a_message_of_another_channel_is_no_text_message(self, sender, lead, body):
        event = self.write_elsewhere(sender, body)
        assert (event.state, event.kind, event.message) == ("ignored", "whatsapp", None)
        assert not lead.conversation.messages.filter(direction="in").exists()

    def test_an_opt_out_counts_whichever_way_it_comes(self, sender, lead):
        self.write_elsewhere(sender, "STOP")
        assert is_suppressed(channel="sms", address=PHONE, lead=lead)

    def test_a_reaction_that_quotes_our_text_is_no_answer_and_no_opt_out(self, sender, lead):
        event = self.write(sender, "Liked “Hi Kim, it's Tom about your shifts. Reply STOP to opt out.”")
        assert (event.kind, event.message.attributes["kind"]) == ("reaction", "reaction")
        lead.conversation.refresh_from_db()
        assert lead.conversation.waiting_since is None
        assert not is_suppressed(channel="sms", address=PHONE, lead=lead)

    def write_elsewhere(self, sender, body):
        event = services.store(
            source="twilio.message",
            external_id=f"SM-{body}",
            sender=sender,
            fields={"From": f"whatsapp:{PHONE}", "To": f"whatsapp:{sender.address}", "Body": body},
        )
        handling.handle(event)
        return event

    def answers(self):
        return Message.objects.filter(approval_rule="help-answer")

    def test_start_lifts_what_stop_did(self, sender, lead):
        self.write(sender, "STOP")
        assert is_suppressed(channel="sms", address=PHONE, lead=lead)
        self.write(sender, "START")
        assert not is_suppressed(channel="sms", address=PHONE, lead=lead)
        assert ConsentEntry.objects.get(lead=lead).basis == "express"
        lead.conversation.refresh_from_db()
        assert lead.conversation.state == "engaged"

    def test_start_lifts_no_other_opt_out_whichever_came_first(self, sender, lead):
        self.write(sender, "STOP")
        suppress(Target(lead=lead), reason="opt_out", actor=ACTOR, evidence="Unsubscribe link")
        self.write(sender, "START")
        assert is_suppressed(channel="email", address=lead.address("email"), lead=lead)
        assert is_suppressed(channel="sms", address=PHONE, lead=lead)

    def test_a_sentence_is_not_taken_back_by_start(self, sender, lead):
        self.write(sender, "Please stop texting me")
        self.write(sender, "START")
        assert is_suppressed(channel="sms", address=PHONE, lead=lead)

    def test_help_is_answered_once_and_stops_no_follow_up(self, sender, lead, tick_sms, settings):
        settings.OUTREACH.company.sms_program = "Northwind Offers"
        planned = Message.objects.get(direction="out")
        self.write(sender, "HELP")
        self.write(sender, "INFO")
        answer = self.answers().get()
        assert answer.body.startswith("Northwind Offers:")
        planned.refresh_from_db()
        assert planned.state == "scheduled"
        tick_sms()
        answer.refresh_from_db()
        assert answer.state == "sent"

    def test_what_the_carrier_answered_is_not_answered_twice(self, sender, lead):
        self.write(sender, "HELP", OptOutType="HELP")
        assert not self.answers().exists()

    def test_who_opted_out_gets_no_answer(self, sender, lead):
        self.write(sender, "STOP")
        self.write(sender, "HELP")
        assert not self.answers().exists()


@pytest.fixture
def tick_sms():
    from conversations.dispatch.sending import send_due
    from tests.conversations.stub import StubAdapter

    stub = StubAdapter()
    return lambda: send_due(adapter_for=lambda _name: stub)
