"""The IMAP collector against a real server: every message once, whatever happens in between."""

from datetime import timedelta

import pytest

from conversations.inbound import mailboxes
from conversations.inbound.models import InboundEvent, MailboxCursor
from outreach.jobs.models import QueueItem
from tests.conversations.factories import make_sender
from tests.servers.cut import CutLine


def raw(number, *, message_id=None, body="Hello"):
    header = "" if message_id == "" else f"Message-ID: <{message_id or f'{number}@firm.example'}>\r\n"
    return f"From: anna@firm.example\r\nSubject: {number}\r\n{header}\r\n{body}\r\n".encode()


@pytest.fixture
def sender(mailbox):
    sender = make_sender(address=mailbox.user, settings={"host": "127.0.0.1", "port": 25, **mailbox.settings})
    sender.set_credentials({"imap_password": mailbox.password})
    sender.save()
    return sender


def poll(sender):
    result = mailboxes.poll(sender=sender)
    sender.refresh_from_db()
    return result


@pytest.mark.django_db
class TestPolling:
    def test_new_mail_is_stored_raw_and_stays_unseen(self, sender, mailbox):
        mailbox.deliver(raw(1))
        mailbox.deliver(raw(2), "Junk")
        assert poll(sender).stored_count == 2
        events = {event.fields["folder"]: event for event in InboundEvent.objects.all()}
        assert bytes(events["INBOX"].body) == raw(1)
        assert events["Junk"].sender == sender
        assert "S" not in "".join(mailbox.flags())
        assert QueueItem.objects.filter(task="conversations.inbound.tasks.handle").count() == 2

    def test_a_second_look_fetches_nothing_again(self, sender, mailbox):
        for number in range(23):
            mailbox.deliver(raw(number))
        assert poll(sender).fetched_count == 23
        assert poll(sender).fetched_count == 0
        mailbox.deliver(raw(99))
        assert poll(sender) == mailboxes.Poll(stored_count=1, fetched_count=1)

    def test_a_successful_look_is_noted(self, sender):
        assert sender.last_polled_at is None
        poll(sender)
        assert sender.last_polled_at is not None
        assert sender.last_poll_error == ""

    def test_renumbered_mailboxes_are_read_again_and_stored_once(self, sender, mailbox):
        for number in range(3):
            mailbox.deliver(raw(number))
        poll(sender)
        before = MailboxCursor.objects.get(folder="INBOX")
        mailbox.renumber()
        mailbox.deliver(raw(3))
        result = poll(sender)
        after = MailboxCursor.objects.get(folder="INBOX")
        assert before.uid_validity != after.uid_validity
        assert (result.fetched_count, result.stored_count) == (4, 1)
        assert InboundEvent.objects.count() == 4

    def test_the_same_message_in_two_folders_is_one_event(self, sender, mailbox):
        mailbox.deliver(raw(1))
        mailbox.deliver(raw(1), "Junk")
        assert poll(sender).stored_count == 1

    def test_mail_without_a_usable_id_is_told_apart_by_its_content(self, sender, mailbox):
        mailbox.deliver(raw(1, message_id=""))
        mailbox.deliver(raw(1, message_id="", body="Another"))
        mailbox.deliver(raw(1, message_id="nonsense"))
        assert poll(sender).stored_count == 3

    def test_a_crash_between_fetch_and_commit_loses_nothing(self, sender, mailbox, monkeypatch):
        for number in range(12):
            mailbox.deliver(raw(number))
        calls = []

        def dies(cursor, **changes):
            calls.append(changes)
            if len(calls) == 2:
                raise RuntimeError("killed")
            return advance(cursor, **changes)

        advance = mailboxes._advance
        monkeypatch.setattr(mailboxes, "_advance", dies)
        with pytest.raises(RuntimeError):
            poll(sender)
        assert InboundEvent.objects.count() == mailboxes.FETCH_COUNT
        sender.refresh_from_db()
        assert sender.last_polled_at is None
        monkeypatch.setattr(mailboxes, "_advance", advance)
        assert poll(sender) == mailboxes.Poll(stored_count=2, fetched_count=2)

    def test_a_line_that_dies_in_mid_fetch_loses_and_doubles_nothing(self, sender, mailbox):
        for number in range(12):
            mailbox.deliver(raw(number, body="Hello " * 2_000))
        with CutLine(mailbox.server.port, limit=60_000, cuts=2) as line:
            sender.settings["imap_port"] = line.port
            sender.save()
            assert poll(sender).stored_count < 12
            assert sender.last_polled_at is None and sender.last_poll_error
            poll(sender)  # it dies once more
            poll(sender)
            assert sender.last_polled_at is not None and sender.last_poll_error == ""
        assert InboundEvent.objects.count() == 12
        assert {bytes(event.body).count(b"Hello") for event in InboundEvent.objects.all()} == {2_000}

    def test_a_large_message_is_cut_but_its_text_is_there(self, sender, mailbox):
        mailbox.deliver(raw(1, body="The text.\r\n" + "x" * 70 + ("\r\n" + "y" * 70) * 40_000))
        poll(sender)
        event = InboundEvent.objects.get()
        assert len(event.body) == mailboxes.MAXIMUM_BYTES
        assert event.fields["is_cut"]
        assert b"The text." in bytes(event.body)[:300]

    def test_old_mail_of_a_new_sender_is_no_news(self, sender, mailbox):
        type(sender).objects.filter(pk=sender.pk).update(created_at=sender.created_at + timedelta(days=5))
        sender.refresh_from_db()
        mailbox.deliver(raw(1))
        assert poll(sender).stored_count == 0


@pytest.mark.django_db
class TestTrouble:
    def test_a_mailbox_that_is_down_keeps_its_error_and_its_last_success(self, sender):
        poll(sender)
        polled_at = sender.last_polled_at
        sender.settings["imap_port"] = 1
        sender.save()
        assert poll(sender).stored_count == 0
        assert sender.last_polled_at == polled_at
        assert "cannot be reached" in sender.last_poll_error
        sender.settings["imap_port"] = 0
        sender.save()

    def test_a_wrong_password_says_so(self, sender):
        sender.set_credentials({"imap_password": "wrong"})
        sender.save()
        poll(sender)
        assert "rejected the user name or password" in sender.last_poll_error

    def test_the_error_goes_away_with_the_next_success(self, sender):
        type(sender).objects.filter(pk=sender.pk).update(last_poll_error="It was down")
        poll(sender)
        assert sender.last_poll_error == ""


@pytest.mark.django_db
def test_each_mailbox_is_woken_once(sender):
    make_sender(settings={"host": "127.0.0.1"})
    make_sender(channel="sms")
    assert mailboxes.poll_all() == 1
    assert mailboxes.poll_all() == 1
    items = QueueItem.objects.filter(task="conversations.inbound.tasks.poll_mailbox")
    assert [item.arguments for item in items] == [[sender.pk]]
