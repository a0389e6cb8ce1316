"""Which addresses may be asked."""

from __future__ import annotations

import pytest

from outreach.core.errors import Invalid, Permanent
from outreach.web.addresses import check, locate, networks

PRIVATE = [
    "127.0.0.1", "127.8.8.8", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "255.255.255.255",
    "224.0.0.1", "240.0.0.1", "192.0.2.1", "198.18.0.1", "::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1", "fd12::1", "ff02::1", "::ffff:127.0.0.1",
    "::ffff:10.0.0.1", "::ffff:169.254.169.254", "2002:7f00:1::", "2002:a00:1::", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "::7f00:1", "2001:db8::1",
]  # fmt: skip


@pytest.mark.parametrize("address", PRIVATE)
def test_what_is_not_public_is_refused_in_every_disguise(address: str) -> None:
    with pytest.raises(Permanent) as refused:
        check(address)
    assert refused.value.code == "address_not_allowed"


@pytest.mark.parametrize(
    "address",
    ["93.184.215.14", "8.8.8.8", "2606:2800:21f:cb07:6820:80da:af6b:8b2c", "64:ff9b::808:808", "::ffff:8.8.8.8"],
)
def test_public_addresses_are_let_through(address: str) -> None:
    assert str(check(address)) == address or address.startswith("::ffff")


def test_a_network_that_the_operator_allowed_is_let_through_and_no_other():
    allowed = networks(["10.1.0.0/16"])
    assert str(check("10.1.2.3", allowed=allowed)) == "10.1.2.3"
    with pytest.raises(Permanent):
        check("10.2.0.1", allowed=allowed)


@pytest.mark.parametrize(
    "url",
    ["", "ftp://site.example/", "file:///etc/passwd", "http://", "http://user:secret@site.example/", "http://site.example:25/", "javascript:alert(1)",
     "http://site.example/\r\nX: y", "http://exa mple.com/", "http:\\\\site.example", "http://[::1", "//site.example/", "http://site.example:99999/"],
)  # fmt: skip
def test_what_is_no_plain_web_address_is_invalid(url: str) -> None:
    with pytest.raises(Invalid) as wrong:
        locate(url)
    assert wrong.value.code == "url_invalid"


def test_a_location_knows_its_origin():
    assert locate("HTTP://Berlin.Example.org./a?b#c").origin == "http://berlin.example.org"
    assert locate("https://site.example:8443/").origin == "https://site.example:8443"
    assert locate("http://bücher.example/").host == "xn--bcher-kva.example"
