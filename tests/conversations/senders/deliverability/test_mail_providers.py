"""Which provider takes a domain's mail, by MX host names, and the cache that is filled outside of the sending path."""

from datetime import timedelta

import pytest

from conversations.senders.deliverability import dns, services
from conversations.senders.deliverability.mail_providers import provider_of_domain, provider_of_hosts
from conversations.senders.deliverability.models import MailDomain
from conversations.senders.deliverability.selectors import provider_of_address
from outreach.core import clock
from tests.conversations.factories import make_conversation, make_lead, make_message

TABLE = {
    "firm.de": {"MX": ["aspmx.l.google.com", "alt1.aspmx.l.google.com"]},
    "house.de": {"MX": ["house-de.mail.protection.outlook.com"]},
    "plain.de": {"A": ["192.0.2.1"]},
    "nomail.de": {"MX": ["."]},
    "nothing.de": {},
    "slow.de": "unknown",
}


@pytest.mark.parametrize(
    ("hosts", "provider"),
    [
        (["ASPMX.L.Google.com."], "google"),
        (["smtp.google.com"], "google"),
        (["firm-de.mail.protection.outlook.com"], "microsoft"),
        (["firm-de.i-v1.mx.microsoft"], "microsoft"),
        (["mta5.am0.yahoodns.net"], "yahoo"),
        (["mx1.firm.de", "aspmx.l.google.com"], "google"),
        (["mx.notgoogle.com"], "other"),
        (["google.com.evil.example"], "other"),
        ([], "other"),
    ],
)
def test_providers_are_told_by_the_names_of_their_hosts(hosts, provider):
    assert provider_of_hosts(hosts) == provider


@pytest.mark.parametrize(
    ("domain", "provider"),
    [("Gmail.com", "google"), ("hotmail.co.uk", "microsoft"), ("live.de", "microsoft"), ("yahoo.fr", "yahoo"),
     ("aol.com", "yahoo"), ("live.example.firm.de", None), ("firm.de", None), ("yahoo", None)],
)  # fmt: skip
def test_free_mail_domains_are_known_without_asking(domain, provider):
    assert provider_of_domain(domain) == provider


class TestDns:
    def test_mail_goes_to_the_mx_or_to_the_address_itself(self, settings):
        settings.DNS_TABLE = TABLE
        assert dns.mail_hosts("firm.de").values[0] == "aspmx.l.google.com"
        assert dns.mail_hosts("plain.de").values == ("plain.de",)
        assert dns.mail_hosts("nomail.de").status is dns.Status.NO_RECORDS
        assert dns.mail_hosts("nothing.de").status is dns.Status.NO_RECORDS
        assert dns.mail_hosts("gone.de").status is dns.Status.NO_SUCH_NAME
        assert dns.mail_hosts("slow.de").status is dns.Status.UNKNOWN

    def test_names_beyond_ascii_are_asked_for_in_punycode(self, settings):
        settings.DNS_TABLE = {"xn--mnchen-3ya.de": {"MX": ["mx.muenchen.de"]}}
        assert dns.query("münchen.de", "MX").values == ("mx.muenchen.de",)
        assert dns.query("ü" * 300 + ".de", "MX").status is dns.Status.UNKNOWN

    def test_a_resolver_without_an_answer_is_unknown_and_never_an_exception(self, settings):
        from dns import resolver

        system = dns.SystemResolver()
        system._resolver = resolver.Resolver(configure=False)
        system._resolver.nameservers, system._resolver.port = ["127.0.0.1"], 9
        system._resolver.lifetime = 0.2
        assert system.query("firm.de", "MX").status is dns.Status.UNKNOWN
        assert system.query("a" * 300, "MX").status is dns.Status.UNKNOWN


@pytest.mark.django_db
class TestCache:
    def planned(self, domain):
        return make_message(conversation=make_conversation(make_lead(email=f"p@{domain}")))

    def test_domains_of_planned_mail_are_noted_once_and_looked_up(self, settings):
        settings.DNS_TABLE = TABLE
        for domain in ("firm.de", "house.de", "gmail.com", "slow.de"):
            self.planned(domain)
        assert services.note_planned() >= 4
        services.note_planned()
        assert MailDomain.objects.count() == 4
        assert services.look_up_due() == 3
        assert provider_of_address("x@firm.de") == "google"
        assert provider_of_address("x@house.de") == "microsoft"
        assert provider_of_address("x@gmail.com") == "google"
        assert provider_of_address("x@slow.de") == "other"
        assert services.look_up_due() == 0

    def test_no_answer_keeps_what_was_known_and_asks_again_soon(self, settings):
        settings.DNS_TABLE = TABLE
        services.note_domains(["firm.de"])
        services.look_up_due()
        settings.DNS_TABLE = {"firm.de": "unknown"}
        row = services.look_up(MailDomain.objects.get())
        assert (row.provider, row.status) == ("google", "unknown")
        assert row.next_look_at < clock.now() + timedelta(hours=2)

    def test_reserved_domains_are_never_asked_for(self):
        services.note_domains(["example.com", "firm.example"])
        assert services.look_up_due() == 0
