"""Messages as bytes: structure, files, signature, and headers that nobody can add."""

from __future__ import annotations

import base64
from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import default

import dkim
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from hypothesis import given
from hypothesis import strategies as st

from conversations.channels.base import Account, Attachment, NotSent, Outgoing
from conversations.channels.email import html, mime, signing
from conversations.channels.email.adapter import SmtpAdapter
from outreach.core.errors import Invalid

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
PLAIN = Outgoing(
    id=1,
    channel="email",
    address="anna@firm.example",
    subject="A question",
    body="Hello Anna.\n",
    rfc_message_id="a@b.example",
)
PDF = Attachment("offer.pdf", "application/pdf", b"%PDF-1.4 " + b"x" * 5_000)
LOGO = Attachment("logo.png", "image/png", b"\x89PNG\r\n\x1a\n" + b"y" * 200, content_id="c1@image.outreach")


def built(outgoing, **changes):
    raw = mime.build(replace(outgoing, **changes), address="me@ourfirm.de", display_name="Jane Doe", now=NOW)
    return message_from_bytes(raw, policy=default)


def shape(message):
    if not message.is_multipart():
        return message.get_content_type()
    return [message.get_content_subtype(), *(shape(part) for part in message.iter_parts())]


class TestStructure:
    def test_text_alone(self):
        assert shape(built(PLAIN)) == "text/plain"

    def test_text_and_html(self):
        assert shape(built(PLAIN, body_html="<p>Hi</p>")) == ["alternative", "text/plain", "text/html"]

    def test_a_file_beside_the_text(self):
        message = built(PLAIN, attachments=(PDF,))
        assert shape(message) == ["mixed", "text/plain", "application/pdf"]
        [part] = message.iter_attachments()
        assert (part.get_filename(), part.get_payload(decode=True)) == ("offer.pdf", PDF.content)
        assert part.get_content_disposition() == "attachment"

    def test_an_image_that_the_html_shows_lies_beside_it(self):
        message = built(PLAIN, body_html=html.of_text("Hi", image_ids=[LOGO.content_id]), attachments=(LOGO, PDF))
        assert shape(message) == [
            "mixed", ["alternative", "text/plain", ["related", "text/html", "image/png"]], "application/pdf",
        ]  # fmt: skip
        image = next(part for part in message.walk() if part.get_content_type() == "image/png")
        assert (image["Content-ID"], image.get_content_disposition()) == ("<c1@image.outreach>", "inline")
        assert image.get_payload(decode=True) == LOGO.content

    def test_an_image_that_no_html_shows_is_attached(self):
        assert shape(built(PLAIN, attachments=(LOGO,))) == ["mixed", "text/plain", "image/png"]

    def test_a_name_in_another_script_survives(self):
        [part] = built(PLAIN, attachments=(replace(PDF, name="предложение „Ä“.pdf"),)).iter_attachments()
        assert part.get_filename() == "предложение „Ä“.pdf"

    def test_no_line_is_longer_than_the_rules_allow(self):
        references = tuple(f"{'r' * 40}{number}@firm.example" for number in range(20))
        raw = mime.build(
            replace(PLAIN, references=references, attachments=(PDF,)), address="me@ourfirm.de", display_name="", now=NOW
        )
        assert max(len(line) for line in raw.split(b"\r\n")) <= 998
        assert b"\n" not in raw.replace(b"\r\n", b"")

    def test_the_whole_chain_of_the_thread_is_in_references(self):
        message = built(PLAIN, in_reply_to="c@b.example", references=("x@b.example", "y@b.example", "c@b.example"))
        assert message["References"].split() == ["<x@b.example>", "<y@b.example>", "<c@b.example>"]
        assert message["In-Reply-To"] == "<c@b.example>"


ANY = st.text(max_size=60)
EXPECTED = {
    *("From", "To", "Subject", "Date", "Message-ID", "In-Reply-To", "References", "List-Unsubscribe", "MIME-Version"),
    *("Content-Type", "Content-Transfer-Encoding"),
}


@given(
    subject=ANY,
    name=ANY,
    address=ANY,
    message_id=ANY,
    reply_to=ANY,
    header=ANY,
    file_name=ANY,
    media_type=ANY,
    body=ANY,
)
def test_no_field_can_add_a_header(subject, name, address, message_id, reply_to, header, file_name, media_type, body):
    outgoing = Outgoing(
        id=1, channel="email", address=f"{address}@firm.example", subject=subject, body=body, rfc_message_id=message_id,
        in_reply_to=reply_to, headers={"List-Unsubscribe": header},
        attachments=(Attachment(file_name, media_type, b"content"),) if file_name else (),
    )  # fmt: skip
    try:
        raw = mime.build(outgoing, address="me@ourfirm.de", display_name=name, now=NOW)
    except Invalid:
        return
    message = message_from_bytes(raw)
    assert set(message.keys()) <= EXPECTED
    assert len(message.keys()) == len(set(message.keys()))
    for part in message.walk():
        assert set(part.keys()) <= EXPECTED | {"Content-Disposition", "Content-ID"}


@pytest.mark.parametrize("text", ["a\r\nBcc: eve@evil.example", "a\nX: y", "a\x00", "a\u2028X: y", "a\x85b"])
@pytest.mark.parametrize("field", ["subject", "rfc_message_id", "in_reply_to"])
def test_a_line_break_is_refused_and_never_cleaned_away(field, text):
    with pytest.raises(Invalid):
        built(PLAIN, **{field: text})


def rsa_pem(bits=2048, form=serialization.PrivateFormat.PKCS8):
    key = rsa.generate_private_key(public_exponent=65537, key_size=bits)
    pem = key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()).decode()
    public = key.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return pem, b"v=DKIM1; k=rsa; p=" + base64.b64encode(public)


class TestSigning:
    @pytest.fixture(scope="class")
    def key(self):
        return rsa_pem()

    def account(self, pem, **settings):
        return Account(
            1, "email", "me@mail.ourfirm.de", "Jane", {"dkim_selector": "s1", **settings}, {"dkim_private_key": pem}
        )

    def signed(self, account, **changes):
        raw = mime.build(replace(PLAIN, **changes), address=account.address, display_name="Jane", now=NOW)
        return signing.signature_of(account).sign(raw)

    def verified(self, data, record, name=b"s1._domainkey.mail.ourfirm.de."):
        return dkim.verify(data, dnsfunc=lambda asked, timeout=5: record if asked == name else b"")

    def test_the_signature_verifies_against_the_dns_record(self, key):
        pem, record = key
        assert self.verified(
            self.signed(self.account(pem), body="Grüße\n", body_html="<p>Grüße</p>", attachments=(PDF,)), record
        )

    def test_the_unsubscribe_headers_are_under_it(self, key):
        pem, record = key
        headers = {"List-Unsubscribe": "<https://a.example/u>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
        data = self.signed(self.account(pem), headers=headers)
        assert self.verified(data, record)
        assert not self.verified(data.replace(b"https://a.example/u", b"https://b.example/u"), record)

    def test_a_changed_subject_breaks_it(self, key):
        pem, record = key
        assert not self.verified(self.signed(self.account(pem)).replace(b"A question", b"An offer"), record)

    def test_it_may_be_of_a_domain_above(self, key):
        pem, record = key
        data = self.signed(self.account(pem, dkim_domain="ourfirm.de"))
        assert self.verified(data, record, b"s1._domainkey.ourfirm.de.")

    @pytest.mark.parametrize(
        "mangle",
        [lambda pem: pem.replace("\n", ""), lambda pem: pem.replace("\n", " "), lambda pem: pem.replace("\n", "\\n")],
    )
    def test_a_key_that_lost_its_line_breaks_is_mended(self, key, mangle):
        pem, record = key
        assert self.verified(self.signed(self.account(mangle(pem))), record)

    def test_what_is_wrong_is_said_at_its_field(self, key):
        pem, _record = key
        elliptic = ec.generate_private_key(ec.SECP256R1()).private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        cases = [
            (self.account("no key"), "dkim_private_key"),
            (self.account(elliptic.decode()), "dkim_private_key"),
            (self.account(""), "dkim_private_key"),
            (self.account(pem, dkim_selector=""), "dkim_selector"),
            (self.account(pem, dkim_domain="other.de"), "dkim_domain"),
        ]
        for account, field in cases:
            with pytest.raises(Invalid) as error:
                signing.signature_of(account)
            assert error.value.field == field

    def test_a_mailbox_without_a_key_is_not_signed(self):
        assert signing.signature_of(Account(1, "email", "me@ourfirm.de", "", {}, {})) is None

    def test_what_reaches_the_server_is_signed(self, key, smtp_sink):
        pem, record = key
        settings = {"host": "127.0.0.1", "port": smtp_sink.port, "security": "plain", "dkim_selector": "s1"}
        account = Account(1, "email", "me@mail.ourfirm.de", "Jane", settings, {"dkim_private_key": pem})
        adapter = SmtpAdapter()
        adapter.check_settings(account)
        adapter.send(account, PLAIN)
        adapter.close()
        assert len(smtp_sink.messages) == 1
        assert self.verified(smtp_sink.raw[-1], record)


def test_a_forged_recipient_is_a_certain_refusal(smtp_sink):
    account = Account(
        1, "email", "me@ourfirm.de", "", {"host": "127.0.0.1", "port": smtp_sink.port, "security": "plain"}, {}
    )
    with pytest.raises(NotSent):
        SmtpAdapter().send(account, replace(PLAIN, address="a@b.example\r\nRCPT TO:<c@d.example>"))
