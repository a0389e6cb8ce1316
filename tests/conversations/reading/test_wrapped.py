"""Messages inside other formats: winmail.dat, S/MIME; and what is said when a text cannot be read."""

from __future__ import annotations

import struct
from base64 import b64decode

import pytest

from conversations.reading import rtf, smime, tnef
from tests.conversations.reading.letters import letter, parts, read

TEXT = "Yes, please send me the price list.\r\n\r\nBen\r\n"
WANTED = "Yes, please send me the price list.\n\nBen"


def attribute(tag: int, data: bytes) -> bytes:
    return struct.pack("<BII", 1, tag, len(data)) + data + struct.pack("<H", sum(data) % 65_536)


def property_of(kind: int, key: int, data: bytes) -> bytes:
    padded = data + b"\0" * (-len(data) % 4)
    return struct.pack("<HHII", kind, key, 1, len(data)) + padded


def winmail(*attributes: bytes) -> bytes:
    return struct.pack("<IH", tnef.SIGNATURE, 1) + b"".join(attributes)


def properties(*told: bytes) -> bytes:
    return attribute(0x00069003, struct.pack("<I", len(told)) + b"".join(told))


def uncompressed(text: bytes) -> bytes:
    return struct.pack("<IIII", len(text) + 12, len(text), 0x414C454D, 0) + text


HTML_IN_RTF = rb"{\rtf1\ansi\ansicpg1252\fromhtml1 \deff0{\fonttbl{\f0\fswiss Arial;}}{\*\htmltag64 <p>}\htmlrtf \par \htmlrtf0 Yes, please send me the price list.{\*\htmltag72 </p>}{\*\htmltag64 <p>}Ben{\*\htmltag72 </p>}}"


@pytest.mark.parametrize(
    "data",
    [
        winmail(attribute(0x0002800C, TEXT.encode() + b"\0")),
        winmail(properties(property_of(0x1E, 0x1000, TEXT.encode() + b"\0"))),
        winmail(properties(property_of(0x1F, 0x1000, TEXT.encode("utf-16-le") + b"\0\0"))),
        winmail(properties(property_of(0x0102, 0x1013, b"<p>Yes, please send me the price list.</p><p>Ben</p>"))),
        winmail(properties(property_of(0x0102, 0x1009, uncompressed(rb"{\rtf1\ansi{\fonttbl{\f0 Arial;}}\f0 Yes, please send me the price list.\par\par Ben\par}")))),
        winmail(properties(property_of(0x0102, 0x1009, uncompressed(HTML_IN_RTF)))),
    ],
    ids=["body", "string", "unicode", "html", "rtf", "html in rtf"],
)  # fmt: skip
@pytest.mark.parametrize(
    "head", ['application/ms-tnef; name="winmail.dat"', 'application/octet-stream; name="winmail.dat"']
)
def test_the_text_in_a_winmail_dat_is_read(data, head):
    found = read(parts(("text/plain", "\n"), (head, data)))
    assert (found.kind, found.reply) == ("person", WANTED)
    assert found.mail.attachments == ()


def test_files_and_answers_in_a_winmail_dat_are_told():
    accepted = attribute(0x00078008, b"IPM.Microsoft Schedule.MtgRespP\0")
    assert read(parts(("application/ms-tnef", winmail(accepted)))).calendar.answer == "accepted"
    with_file = winmail(attribute(0x0002800C, b"See file\0"), attribute(0x00018010, b"offer.pdf\0"))
    assert read(parts(("application/ms-tnef", with_file))).mail.attachments == ("offer.pdf",)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"nonsense",
        winmail(attribute(0x0002800C, b"x"))[:-4],
        winmail(b"\xff" * 50),
        winmail(properties(b"\x01\x00\xff")),
    ],
)
def test_a_damaged_winmail_dat_is_no_fault(data):
    read(parts(("application/ms-tnef", data)))


def test_a_winmail_dat_that_says_nothing_is_said_to_be_unreadable():
    found = read(parts(("application/ms-tnef; name=winmail.dat", b"broken")))
    assert found.mail.unreadable == "winmail.dat" and found.mail.attachments == ("winmail.dat",)


def test_compressed_rich_text_is_unpacked():
    # the example of Microsoft's MS-OXRTFCP, section 3.1
    packed = bytes.fromhex(
        "2d0000002b0000004c5a4675f1c5c7a703000a007263706731323542320af3206865 6c090020627705b06c647d0a800fa0".replace(
            " ", ""
        )
    )
    assert rtf.decompress(packed) == b"{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n"


# `openssl smime -sign -nodetach` of the entity below with a throw-away key, cut behind the content; and in pieces
ENTITY = b"Content-Type: text/plain; charset=utf-8\r\n\r\nYes, call me on Tuesday.\r\n"
SIGNED_HEAD = bytes.fromhex("06092a864886f70d010702")
DATA = bytes.fromhex("06092a864886f70d010701")


def octets(data: bytes) -> bytes:
    return b"\x04\x82" + struct.pack(">H", len(data)) + data


@pytest.mark.parametrize(
    "content",
    [
        b"\xa0\x82" + struct.pack(">H", len(octets(ENTITY))) + octets(ENTITY),
        b"\xa0\x80\x24\x80" + octets(ENTITY[:20]) + octets(ENTITY[20:]) + b"\0\0\0\0",
        b"\xa0\x80" + octets(ENTITY) + b"\0\0",
    ],
    ids=["whole", "pieces", "indefinite"],
)
def test_an_opaque_signed_mail_is_read(content):
    signed = b"\x30\x80" + SIGNED_HEAD + b"\xa0\x80\x30\x80\x02\x01\x01\x31\x00\x30\x80" + DATA + content + b"\0\0" * 4
    assert smime.signed_content(signed) == ENTITY
    found = read(letter_of_bytes(signed))
    assert (found.kind, found.reply) == ("person", "Yes, call me on Tuesday.")


def letter_of_bytes(data: bytes) -> bytes:
    return parts(("application/pkcs7-mime; smime-type=signed-data; name=smime.p7m", data))


def test_an_encrypted_mail_is_said_to_be_unreadable():
    assert read(letter_of_bytes(b64decode("MIIB") + b"\0" * 50)).mail.unreadable == "encrypted"
    pgp = parts(
        ("application/pgp-encrypted", "Version: 1"),
        ("application/octet-stream; name=encrypted.asc", "-----BEGIN PGP MESSAGE-----"),
        kind="encrypted",
    )
    assert read(pgp).mail.unreadable == "encrypted"


def test_a_clear_signed_mail_is_read_as_it_is():
    raw = parts(("text/plain", "Yes"), ("application/pkcs7-signature; name=smime.p7s", b"x"), kind="signed")
    assert (read(raw).reply, read(raw).mail.attachments) == ("Yes", ())


def test_letters_of_other_charsets():
    assert read(letter("hi", kind='text/plain; charset="x-nonsense"')).reply == "hi"
