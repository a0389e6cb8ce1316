from __future__ import annotations

import pytest

from conversations.reading import mail
from conversations.reading.addresses import addresses_in, parse_address, parse_addresses


@pytest.mark.parametrize(
    ("header", "name", "address"),
    [
        ("=?utf-8?Q?nora=40rival.example=2C_via_DeskTool?= <ben@acme.example>", "nora@rival.example, via DeskTool", "ben@acme.example"),
        ("=?utf-8?B?bm9yYUByaXZhbC5leGFtcGxlLA==?= <ben@acme.example>", "nora@rival.example,", "ben@acme.example"),
        ("=?iso-8859-1?Q?Ruiz,_Ben_=28Acme=29?= <ben@acme.example>", "Ruiz, Ben (Acme)", "ben@acme.example"),
        ('"nora@rival.example" <ben@acme.example>', "nora@rival.example", "ben@acme.example"),
        ('"Ruiz, Ben; nora@rival.example" <ben@acme.example>', "Ruiz, Ben; nora@rival.example", "ben@acme.example"),
        ('"=?utf-8?Q?Ruiz=2C_Ben?=" <ben@acme.example>', "Ruiz, Ben", "ben@acme.example"),
        ("ben@acme.example (nora@rival.example)", "nora@rival.example", "ben@acme.example"),
        ("Sales: Ben <ben@acme.example>, c@acme.example;", "Ben", "ben@acme.example"),
        ("=?utf-8?B?QmVuIDxiZW5AYWNtZS5leGFtcGxlPg==?=", "Ben", "ben@acme.example"),
        ("MAILER-DAEMON <>", "MAILER-DAEMON", ""),
        ("Mail Delivery Subsystem", "Mail Delivery Subsystem", ""),
        ("Ben <BEN@Acme.example", "Ben", "ben@acme.example"),
        ("<ben@acme.example>", "", "ben@acme.example"),
        ('"Ben \\"The Boss\\" Ruiz" <ben@acme.example>', 'Ben "The Boss" Ruiz', "ben@acme.example"),
        ("", "", ""),
    ],
)  # fmt: skip
def test_addresses_are_split_before_names_are_decoded(header, name, address):
    found = parse_address([header])
    assert (found.name, found.address) == (name, address)


def test_several_addresses_are_several():
    found = parse_addresses('"Vale, Ann" <ann@x.example>, =?utf-8?Q?B=2C_C?= <b@x.example>; c@x.example')
    assert [a.address for a in found] == ["ann@x.example", "b@x.example", "c@x.example"]


@pytest.mark.parametrize("bracket", ["(", "<", '"', "[", ":"])
def test_open_brackets_without_end_are_survived(bracket):
    parse_addresses(bracket * 500 + "ben@acme.example")
    parse_addresses((bracket + "a@b.example ") * 5_000)


@pytest.mark.parametrize(
    "headers",
    [
        "From: 'Ben Ruiz' via Sales <sales@northwind.example>\nX-Original-From: Ben Ruiz <ben@acme.example>\nList-Id: <sales.northwind.example>\nX-Google-Group-Id: 7\n",
        "From: Ben Ruiz via Sales <sales@lists.northwind.example>\nReply-To: Ben Ruiz <ben@acme.example>\nList-Post: <mailto:sales@lists.northwind.example>\nList-Id: <sales.lists>\n",
    ],
)
def test_a_group_that_puts_itself_in_front_still_tells_who_wrote(headers):
    read = mail.parse(f"{headers}Subject: x\n\nhi".encode())
    assert (read.from_name, read.from_address) == ("Ben Ruiz", "ben@acme.example")


def test_a_forged_original_sender_outside_a_list_counts_for_nothing():
    read = mail.parse(b"From: Ben <ben@acme.example>\nX-Original-From: boss@rival.example\n\nhi")
    assert read.from_address == "ben@acme.example"


def test_addresses_in_running_text():
    text = "Write to <Mary@Acme.example>, mailto:tom@acme.example or “eve@acme.example”. Not a@b, not @x.example."
    assert addresses_in(text) == ["mary@acme.example", "tom@acme.example", "eve@acme.example"]
