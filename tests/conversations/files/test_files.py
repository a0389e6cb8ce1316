"""Files that messages enclose: what may be kept, and that an approval is bound to them."""

from __future__ import annotations

import io
import zipfile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from rest_framework.test import APIClient

from conversations.dispatch.gate import examine
from conversations.dispatch.outgoing import outgoing
from conversations.files import inspection
from conversations.files.enclosures import Enclosure, decode, encode
from conversations.files.models import StoredFile
from conversations.files.services import MEGABYTE, check_enclosures, store_file, store_uploads
from conversations.models import Message
from conversations.outbox.content import content_hash
from conversations.planning.plans import MessagePlan
from conversations.planning.services import plan_message
from outreach.access.models import User
from outreach.access.roles import Role
from outreach.core import clock
from outreach.core.errors import Invalid
from tests.conversations.factories import make_conversation, make_message, make_reply, make_sender, make_stream

pytestmark = pytest.mark.django_db
PDF = b"%PDF-1.4 hello"
PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 50


def archive(*names):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        for name in names:
            file.writestr(name, "content")
    return buffer.getvalue()


class TestTheDoor:
    def test_the_same_content_is_kept_once(self):
        first, second = store_file(name="a.pdf", content=PDF), store_file(name="b.pdf", content=PDF)
        assert first == second
        assert (first.media_type, first.size, bytes(first.content)) == ("application/pdf", len(PDF), PDF)

    def test_thirty_megabytes_are_refused_with_a_sentence(self):
        with pytest.raises(Invalid, match="larger than 10 MB") as error:
            store_file(name="film.pdf", content=io.BytesIO(b"0" * (30 * MEGABYTE)))
        assert error.value.code == "file_too_large"
        assert not StoredFile.objects.exists()

    def test_files_that_are_too_large_together_are_refused_before_any_is_kept(self):
        uploads = [SimpleUploadedFile(f"{n}.pdf", PDF + bytes([n]) * (6 * MEGABYTE)) for n in range(2)]
        with pytest.raises(Invalid):
            store_uploads(uploads)
        assert not StoredFile.objects.exists()

    @pytest.mark.parametrize(
        ("name", "content"),
        [
            ("setup.exe", b"anything"),
            ("invoice.pdf.js", b"anything"),
            ("REPORT.SCR", b"anything"),
            ("holiday.jpg", b"MZ\x90\x00"),
            ("run", b"\x7fELF\x02"),
            ("notes.txt", b"#!/bin/sh\nrm -rf /"),
            ("sheet.xlsm", archive("xl/workbook.xml")),
            ("sheet.xlsx", archive("xl/workbook.xml", "xl/vbaProject.bin")),
            ("files.zip", archive("readme.txt", "deep/setup.exe")),
            ("files.zip", b"PK\x03\x04 cut off"),
            ("nothing.pdf", b""),
        ],
    )
    def test_what_runs_something_is_refused(self, name, content):
        with pytest.raises(Invalid) as error:
            store_file(name=name, content=content)
        assert error.value.field == "files"
        assert not StoredFile.objects.exists()

    @pytest.mark.parametrize("name", ["deck.pptx", "sheet.xlsx", "letter.docx", "files.zip"])
    def test_office_documents_and_harmless_archives_are_kept(self, name):
        assert store_file(name=name, content=archive("xl/workbook.txt", "a.txt")).pk

    @pytest.mark.parametrize(
        ("given", "kept"),
        [
            ("../../etc/passwd", "passwd"),
            ("C:\\temp\\offer.pdf", "offer.pdf"),
            ('a"b\r\nX: y.pdf', "a_b__X_ y.pdf"),
            ("invoice\u202efdp.exe", "invoice_fdp.exe"),
            ("  ..", "file"),
            ("x" * 300 + ".pdf", "x" * 116 + ".pdf"),
        ],
    )
    def test_names_are_cleaned(self, given, kept):
        assert inspection.clean_name(given) == kept

    def test_a_picture_is_told_by_its_content(self):
        assert store_file(name="logo.txt", content=PNG).is_image
        assert not store_file(name="logo.png", content=b"just text").is_image


class TestEnclosing:
    def plan(self, *files, **changes):
        conversation = make_conversation()
        return plan_message(
            MessagePlan(
                conversation=conversation,
                sender=changes.pop("sender", None) or make_sender(),
                channel="email",
                address=conversation.lead.address("email"),
                subject="Hello",
                body="See attached.",
                stream=make_stream(),
                scheduled_at=clock.now(),
                approval_rule="tests",
                files=files,
                **changes,
            )
        )

    def test_the_text_of_enclosures_reads_back(self):
        files = [Enclosure("a" * 64, "ä “x”.pdf"), Enclosure("b" * 64, "logo.png", is_inline=True)]
        assert decode(encode(files)) == files
        assert encode([]) == ""

    def test_a_message_without_files_hashes_as_it_always_did(self):
        columns = {
            "channel": "email",
            "sender_id": 1,
            "address": "a@b.de",
            "subject": "s",
            "body": "b",
            "body_html": "",
        }
        assert content_hash(**columns) == content_hash(**columns, enclosures="")
        assert content_hash(**columns) != content_hash(**columns, enclosures="[]")

    def test_the_files_leave_with_the_message(self):
        row = store_file(name="offer.pdf", content=PDF)
        message = self.plan(Enclosure(row.content_hash, "Our offer.pdf"))
        [file] = outgoing(message).attachments
        assert (file.name, file.media_type, file.content) == ("Our offer.pdf", "application/pdf", PDF)

    def test_an_inline_image_brings_the_html_that_shows_it(self):
        row = store_file(name="logo.png", content=PNG)
        enclosure = Enclosure(row.content_hash, "logo.png", is_inline=True)
        message = self.plan(enclosure)
        assert f"cid:{enclosure.content_id}" in message.body_html
        assert outgoing(message).attachments[0].content_id == enclosure.content_id

    def test_the_approval_is_bound_to_the_files(self):
        row = store_file(name="offer.pdf", content=PDF)
        message = self.plan(Enclosure(row.content_hash, "offer.pdf"))
        assert examine(message).passed["approved"]
        other = store_file(name="other.pdf", content=PDF + b"!")
        Message.objects.filter(pk=message.pk).update(enclosures=encode([Enclosure(other.content_hash, "offer.pdf")]))
        assert not examine(message).passed["approved"]
        Message.objects.filter(pk=message.pk).update(enclosures="")
        assert not examine(message).passed["approved"]

    def test_what_is_not_stored_or_no_image_or_too_much_is_refused(self):
        row = store_file(name="offer.pdf", content=PDF)
        for files in (
            [Enclosure("0" * 64, "gone.pdf")],
            [Enclosure(row.content_hash, "offer.pdf", is_inline=True)],
            [Enclosure(row.content_hash, f"{n}.pdf") for n in range(11)],
        ):
            with pytest.raises(Invalid):
                check_enclosures(files)

    def test_a_message_of_a_network_carries_none(self):
        from conversations.planning.checks import checked_enclosures
        from conversations.senders.models import Sender

        with pytest.raises(Invalid, match="only be sent by e-mail and SMS"):
            checked_enclosures("network", [Enclosure("0" * 64, "a.pdf")], Sender())


class TestDoors:
    @pytest.fixture
    def user(self):
        return User.objects.create_user("rita", role=Role.REVIEWER)

    def test_an_answer_from_the_inbox_takes_files_along(self, client, user):
        message = make_message()
        make_reply(message.conversation, sender=message.sender)
        client.force_login(user)
        url = reverse("inbox:answers", args=[message.conversation.pk])
        upload = SimpleUploadedFile("offer.pdf", PDF, content_type="application/pdf")
        client.post(url, {"body": "Gladly.", "channel": "email", "subject": "Re: x", "files": [upload]})
        answer = Message.objects.get(body="Gladly.")
        assert [file.name for file in decode(answer.enclosures)] == ["offer.pdf"]
        page = client.get(reverse("inbox:conversation", args=[message.conversation.pk])).content.decode()
        assert "offer.pdf" in page
        download = client.get(reverse("files:content", args=[decode(answer.enclosures)[0].content_hash]))
        assert download.content == PDF
        assert download["Content-Disposition"] == 'attachment; filename="offer.pdf"'

    def test_a_program_comes_back_with_the_text_and_a_sentence(self, client, user):
        message = make_message()
        make_reply(message.conversation, sender=message.sender)
        client.force_login(user)
        url = reverse("inbox:answers", args=[message.conversation.pk])
        answer = client.post(
            url, {"body": "Gladly.", "channel": "email", "files": [SimpleUploadedFile("a.exe", b"MZ")]}
        )
        assert "Gladly." in answer.content.decode()
        assert "executable files" in answer.content.decode()
        assert not Message.objects.filter(body="Gladly.").exists()

    def test_the_api_keeps_a_file_and_an_answer_names_it(self, user):
        message = make_message()
        make_reply(message.conversation, sender=message.sender)
        api = APIClient()
        api.force_authenticate(user)
        kept = api.post("/api/v1/files/", {"file": SimpleUploadedFile("offer.pdf", PDF)}, format="multipart")
        assert kept.status_code == 201
        sent = api.post(
            f"/api/v1/conversations/{message.conversation.pk}/reply/",
            {"body": "Gladly.", "channel": "email", "files": [kept.data["content_hash"]]},
        )
        assert sent.status_code == 201
        assert decode(Message.objects.get(body="Gladly.").enclosures)[0].name == "offer.pdf"
        refused = api.post("/api/v1/files/", {"file": SimpleUploadedFile("a.exe", b"MZ")}, format="multipart")
        assert (refused.status_code, refused.data["code"]) == (400, "file_executable")
