from __future__ import annotations

from email.message import EmailMessage

from hypothesis import given, settings
from hypothesis import strategies as st

from conversations.reading import html, mail, mime, text


def test_headers_are_decoded_and_ids_come_without_brackets():
    read = mail.parse(
        b"From: =?utf-8?b?0JjQstCw0L0=?= <Ivan@Romashka.example>\r\nTo: Dana <dana@outreach.example>, b@x.example\r\n"
        b"Subject: =?koi8-r?B?8NLJ18XU?=\r\n =?koi8-r?B?IQ==?=\r\nMessage-ID: <a@b>\r\nIn-Reply-To: <c@d>\r\nReferences: <x@y>\r\n <c@d>\r\n"
        b"Date: Mon, 3 Mar 2025 16:12:00 +0300\r\n\r\nhi\r\n"
    )
    assert (read.from_name, read.from_address) == ("Иван", "ivan@romashka.example")
    assert read.subject == "Привет!"
    assert read.message_id == "a@b"
    assert read.thread_ids == ("c@d", "x@y")
    assert read.to == ("dana@outreach.example", "b@x.example")
    assert read.date and read.date.isoformat() == "2025-03-03T16:12:00+03:00"


def test_text_is_preferred_to_html_and_attachments_are_named():
    message = EmailMessage()
    message.set_content("plain words")
    message.add_alternative("<p>html words</p>", subtype="html")
    message.add_attachment(b"%PDF", maintype="application", subtype="pdf", filename="прайс.pdf")
    read = mail.parse(message.as_bytes())
    assert read.text == "plain words"
    assert read.attachments == ("прайс.pdf",)


def test_html_alone_becomes_text_without_scripts():
    read = mail.parse(
        b"Content-Type: text/html; charset=utf-8\n\n<style>p{}</style><p>One</p><script>x()</script><ul><li>two<li>three</ul><br>end"
    )
    assert read.text == "One\n\n- two\n- three\n\nend"


def test_a_wrong_charset_is_survived():
    for body, label in (
        ("Добрый день, пришлите прайс".encode("cp1251"), "utf-8"),
        ("Добрый день, пришлите прайс".encode("koi8-r"), "x-unknown"),
        ("Добрый день".encode(), "us-ascii"),
    ):
        read = mail.parse(b"Content-Type: text/plain; charset=" + label.encode() + b"\n\n" + body)
        assert read.text.startswith("Добрый день"), label


def test_a_huge_or_deep_mail_is_cut_not_refused():
    read = mail.parse(b"Subject: x\n\n" + b"a" * (mime.MAX_BYTES + 10))
    assert read.is_truncated and len(read.text) <= text.MAX_TEXT
    assert "deep" in html.html_to_text("<div>" * 5_000 + "deep")


@given(st.binary(max_size=2_000))
@settings(max_examples=200, deadline=None)
def test_any_bytes_are_read(raw):
    mail.parse(raw)
    mail.parse(b"Content-Type: multipart/mixed; boundary=x\n\n--x\n" + raw)


def test_raw_eight_bit_headers_are_read():
    for charset in ("cp1251", "koi8-r", "utf-8"):
        read = mail.parse("From: Иван <i@x.example>\nSubject: Привет\n\nhi".encode(charset))
        assert (read.from_name, read.subject) == ("Иван", "Привет"), charset
    assert mail.parse("From: Zoë <z@x.example>\n\nhi".encode("latin-1")).from_name == "Zoë"
