"""What follows from mail that is neither a reply nor a bounce: receipts, reactions, reports, answers of calendars."""

from __future__ import annotations

import pytest

from conversations.consent.models import Suppression
from conversations.consent.services import is_suppressed
from conversations.models import Conversation, Message, MessageEvent
from conversations.replies.models import Reading
from leads.models import Company, Identity
from outreach.events.models import Event
from tests.conversations.factories import make_lead, make_message
from tests.conversations.inbound.arriving import answer, receive
from tests.conversations.reading.held_out.notices import dsn, plain
from tests.conversations.reading.test_calendars import event as invitation

pytestmark = pytest.mark.django_db


def mail(sent: Message, body: str, *, kind: str, subject: str = "Re: hi", number: int = 1) -> str:
    return answer(sent, body, headers=f"MIME-Version: 1.0\nX-Test: {subject}\n", number=number).replace(
        "Content-Type: text/plain; charset=utf-8", f"Content-Type: {kind}"
    )


def state_of(sent: Message, planned: Message) -> tuple[str, str, Conversation]:
    sent.refresh_from_db()
    planned.refresh_from_db()
    return sent.state, planned.state, Conversation.objects.get(pk=sent.conversation_id)


@pytest.mark.parametrize(("disposition", "event"), [("displayed", "opened"), ("deleted", "deleted_unread")])
def test_a_read_receipt_is_an_event_and_stops_nothing(sent, planned, disposition, event):
    told = f"--b\nContent-Type: text/plain\n\nwas read\n--b\nContent-Type: message/disposition-notification\n\nOriginal-Message-ID: <{sent.rfc_message_id}>\nDisposition: automatic-action/MDN-sent-automatically; {disposition}\n--b--"
    row = receive(mail(sent, told, kind="multipart/report; report-type=disposition-notification; boundary=b"))
    _state, next_state, conversation = state_of(sent, planned)
    assert (row.kind, row.state) == ("receipt", "handled")
    assert MessageEvent.objects.filter(message=sent, kind=event).exists()
    assert next_state == "scheduled" and conversation.waiting_since is None
    assert not Message.objects.filter(direction="in").exists()


def test_a_reaction_is_shown_and_stops_nothing(sent, planned):
    row = receive(answer(sent, "👍\n\nSam reacted via Gmail"))
    state, next_state, conversation = state_of(sent, planned)
    assert row.kind == "reaction" and row.message.body == "👍"
    assert (state, next_state) == ("sent", "scheduled")
    assert conversation.waiting_since is None and conversation.state == "new"
    assert not Event.objects.filter(kind="reply.received").exists()


def test_a_machines_report_makes_no_conversation(sent):
    row = receive(plain("noreply-dmarc@mailgiant.de", "Report domain: ourfirm.de Submitter: mailgiant.de", "data"))
    assert (row.kind, row.state) == ("report", "ignored")
    assert Conversation.objects.count() == 1


def test_an_accepted_invitation_is_a_booked_call_with_its_time(sent, planned):
    row = receive(mail(sent, invitation(), kind="text/calendar; method=REPLY"))
    state, next_state, conversation = state_of(sent, planned)
    assert row.kind == "calendar"
    assert (state, next_state, conversation.state) == ("replied", "cancelled", "booked")
    assert conversation.waiting_since is None
    booked = Event.objects.get(kind="conversation.booked")
    assert booked.payload["starts_at"] == "2026-03-10T09:00:00+00:00"
    assert row.message.attributes["calendar"]["answer"] == "accepted"
    assert "Intro call" in row.message.body


@pytest.mark.parametrize(
    ("method", "status"),
    [("REPLY", "DECLINED"), ("REPLY", "TENTATIVE"), ("COUNTER", "TENTATIVE"), ("CANCEL", "DECLINED")],
)
def test_any_other_answer_is_for_a_person(sent, planned, method, status):
    Conversation.objects.filter(pk=sent.conversation_id).update(state="booked")
    receive(mail(sent, invitation(method, status), kind=f"text/calendar; method={method}"))
    _state, next_state, conversation = state_of(sent, planned)
    assert next_state == "cancelled"
    assert conversation.state == "engaged" and conversation.waiting_since is not None
    assert conversation.handler == "person"
    assert not Event.objects.filter(kind="conversation.booked").exists()


def test_a_forwarded_notice_hurts_nobody(sent, planned):
    inner = dsn("5.1.1", "550 User unknown", recipient="carla@acme.de").replace(
        "ours.1@outreach.example", sent.rfc_message_id
    )
    body = f"--o\nContent-Type: text/plain\n\nPlease write to carla.moss@acme.de instead.\n--o\nContent-Type: message/rfc822\n\n{inner}\n--o--"
    row = receive(mail(sent, body, kind="multipart/mixed; boundary=o"))
    state, _next, conversation = state_of(sent, planned)
    assert (row.kind, state) == ("reply", "replied")
    assert not Suppression.objects.exists() and conversation.waiting_since
    assert Identity.objects.get(address="sam@acme.de").status == "unknown"


def test_a_notice_about_somebody_whom_they_passed_it_to_kills_nobody(sent, planned):
    raw = dsn("5.1.1", "550 User unknown", recipient="carla@other.de").replace(
        "ours.1@outreach.example", sent.rfc_message_id
    )
    row = receive(raw)
    state, next_state, _conversation = state_of(sent, planned)
    assert row.kind == "bounce" and (state, next_state) == ("sent", "scheduled")
    assert MessageEvent.objects.filter(message=sent, kind="bounced_elsewhere").exists()
    assert not Suppression.objects.exists()


def test_a_subject_opts_out(sent, planned):
    receive(answer(sent, "\nSent from my iPhone").replace(f"Subject: Re: {sent.subject}", "Subject: UNSUBSCRIBE"))
    assert is_suppressed(channel="email", address="sam@acme.de")
    assert state_of(sent, planned)[1] == "cancelled"


def test_an_opt_out_inside_an_absence_note_counts(sent, planned):
    note = "I am out of the office until further notice. Please remove me from your mailing list."
    receive(answer(sent, note, headers="Auto-Submitted: auto-replied\n"))
    assert is_suppressed(channel="email", address="sam@acme.de")


def test_an_opt_out_below_an_unmarked_quote_counts_and_our_own_footer_does_not(sent, planned):
    Message.objects.filter(pk=sent.pk).update(body="Hi Sam,\n\nshall we talk? Reply stop if not.\n\nAnn")
    quote = "On 3 March 2026 at 16:02, Ann wrote:\n\nHi Sam,\n\nshall we talk? Reply stop if not.\n\nAnn\n\n"
    row = receive(answer(sent, quote + "Please remove me from your mailing list."))
    assert row.message.body == "Please remove me from your mailing list."
    assert is_suppressed(channel="email", address="sam@acme.de")


def test_a_quote_without_a_word_of_theirs_opts_nobody_out(sent):
    Message.objects.filter(pk=sent.pk).update(body="Hi Sam,\n\nshall we talk?\n\nReply stop if not.")
    receive(answer(sent, "On 3 March 2026 at 16:02, Ann wrote:\n\nHi Sam,\n\nshall we talk?\n\nReply stop if not."))
    assert not Suppression.objects.exists()


def test_an_absence_that_is_over_snoozes_nobody(sent, planned):
    before = planned.scheduled_at
    receive(
        answer(
            sent,
            "I was on leave until 3 March 2024 and am working through my inbox.",
            headers="Auto-Submitted: auto-replied\n",
        )
    )
    planned.refresh_from_db()
    assert planned.scheduled_at == before
    assert Conversation.objects.get(pk=sent.conversation_id).snoozed_until is None
    assert Reading.objects.get().intent == "out_of_office"


def test_a_person_behind_a_mailing_list_is_read(sent, planned):
    row = receive(answer(sent, "Yes, call me", headers="Precedence: list\nList-Id: <team.acme.de>\n"))
    assert row.kind == "reply" and state_of(sent, planned)[1] == "cancelled"


@pytest.fixture
def at_acme(sent):
    """Sam works at a company that we know by its domain."""
    company = Company.objects.create(name="Acme", domain="acme.de")
    sent.lead.company = company
    sent.lead.save()
    return sent


def colleagues(subject: str, body: str, sender: str = "carla@acme.de") -> str:
    return plain(sender, subject, body)


def test_a_colleague_without_thread_headers_is_known_by_our_subject(at_acme, planned):
    row = receive(colleagues(f"Re: {at_acme.subject}", "Sam asked me to answer: yes."))
    assert row.message.conversation == at_acme.conversation
    assert row.message.attributes["matched_by"] == "company"
    assert state_of(at_acme, planned)[1] == "cancelled"


def test_a_colleague_is_known_by_our_words_below_the_answer(at_acme):
    words = "Your three sites plan their rotas by hand, I hear. Would a look at ours help?"
    Message.objects.filter(pk=at_acme.pk).update(body=words)
    row = receive(colleagues("Rotas", f"Yes.\n\nOn 3 March 2026 at 16:02, Me <me@ourfirm.de> wrote:\n> {words}"))
    assert row.message.conversation == at_acme.conversation


@pytest.mark.parametrize(
    ("subject", "sender"),
    [("Something else", "carla@acme.de"), ("Re: {ours}", "carla@other.de"), ("Re: {ours}", "carla@gmail.com")],
)
def test_anybody_else_stays_a_contact_of_their_own(at_acme, subject, sender):
    row = receive(colleagues(subject.format(ours=at_acme.subject), "Hello there", sender))
    assert row.message.conversation != at_acme.conversation


def test_two_people_of_a_company_leave_it_open(at_acme):
    other = make_lead(email="eve@acme.de", company=at_acme.lead.company)
    message = make_message(conversation=Conversation.objects.create(lead=other), subject=at_acme.subject)
    Message.objects.filter(pk=message.pk).update(state="sent")
    row = receive(colleagues(f"Re: {at_acme.subject}", "Yes."))
    assert row.message.conversation not in {at_acme.conversation, message.conversation}
