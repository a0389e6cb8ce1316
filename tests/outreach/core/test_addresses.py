"""E-mail addresses and phone numbers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outreach.core.addresses import is_reserved, mask, normalise_email, normalise_phone
from outreach.core.errors import Invalid


@pytest.mark.parametrize(
    ("written", "normal"),
    [
        (" Ada@Firm.DE ", "ada@firm.de"),
        ("o'neil+tag@mail.firm.co.uk", "o'neil+tag@mail.firm.co.uk"),
        ("joe@northwind.example", "joe@northwind.example"),
        ("анна@почта.рф", "анна@почта.рф"),
    ],
)
def test_an_address_is_written_one_way(written, normal):
    assert normalise_email(written) == normal


@pytest.mark.parametrize(
    "text",
    ["", "ada", "ada@", "@firm.de", "ada@firm", "a b@firm.de", "Ada <ada@firm.de>", "a@firm.de, b@firm.de",
     "ada@firm.de\r\nBcc: all@firm.de", "ada@firm..de", "ada@-firm.de", "x" * 70 + "@firm.de"],
)  # fmt: skip
def test_what_is_not_one_address_is_refused_with_a_reason(text):
    with pytest.raises(Invalid) as caught:
        normalise_email(text)
    assert caught.value.code == "email_invalid"
    assert caught.value.reason


@pytest.mark.parametrize(
    ("written", "country", "normal"),
    [
        ("030 901820", "DE", "+4930901820"),
        ("+49 (0)30 901820", None, "+4930901820"),
        ("8 (495) 123-45-67", "ru", "+74951234567"),
        ("+1 202-555-0143", None, "+12025550143"),
        ("+44 7700 900123", None, "+447700900123"),
    ],
)
def test_a_number_becomes_e164(written, country, normal):
    assert normalise_phone(written, country=country) == normal


@pytest.mark.parametrize(
    ("text", "country"), [("", "DE"), ("12", "DE"), ("030 901820", None), ("call me", "DE"), ("+999 1", None)]
)
def test_what_is_no_number_is_refused(text, country):
    with pytest.raises(Invalid) as caught:
        normalise_phone(text, country=country)
    assert caught.value.code == "phone_invalid"


def test_without_a_country_the_reason_says_what_to_do():
    with pytest.raises(Invalid, match="country code"):
        normalise_phone("030 901820")


@pytest.mark.parametrize(
    ("channel", "address", "reserved"),
    [
        ("email", "a@b.example", True),
        ("email", "a@example.com", True),
        ("email", "a@mail.example.org", True),
        ("email", "a@x.test", True),
        ("email", "a@x.test.", True),
        ("email", "a@myexample.com", False),
        ("email", "a@example.com.de", False),
        ("email", "a@firm.de", False),
        ("sms", "+12025550143", True),
        ("sms", "+12025550243", False),
        ("sms", "+447700900123", True),
        ("sms", "+4915112345678", False),
    ],
)
def test_reserved_addresses_belong_to_nobody(channel, address, reserved):
    assert is_reserved(channel, address) is reserved


@pytest.mark.parametrize(
    ("address", "masked"), [("anna@firm.de", "a…a@firm.de"), ("+4915112345690", "+4915…90"), ("+123", "…")]
)
def test_masks_hide_the_middle(address, masked):
    assert mask(address) == masked


@given(st.text())
def test_any_text_is_an_address_or_invalid_and_normal_stays_normal(text):
    try:
        normal = normalise_email(text)
    except Invalid:
        return
    assert normalise_email(normal) == normal
    assert "\n" not in normal
