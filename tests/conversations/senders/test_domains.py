"""The domain of a sender is looked at, remembered, and forbids a launch only for what really fails."""

from __future__ import annotations

from datetime import timedelta

import pytest

from conversations.senders import domains
from conversations.senders.deliverability import own_domains
from conversations.senders.deliverability.models import DomainCheck
from outreach.core import clock
from outreach.core.errors import Invalid
from tests.conversations.factories import make_sender

pytestmark = pytest.mark.django_db

GOOD = {
    "ourfirm.de": {"TXT": ["v=spf1 mx -all"], "MX": ["mx.ourfirm.de"]},
    "_dmarc.ourfirm.de": {"TXT": ["v=DMARC1; p=reject"]},
    "s1._domainkey.ourfirm.de": {"TXT": ["v=DKIM1; k=ed25519; p=a2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2s="]},
}


def verdicts(sender):
    return {row.check_name: row.verdict for row in domains.checks_of(sender)}


def test_a_good_domain_passes_everything(settings):
    settings.DNS_TABLE = GOOD
    sender = make_sender(address="me@ourfirm.de")
    domains.examine_sender(sender=sender)
    assert set(verdicts(sender).values()) == {"pass"}
    assert list(verdicts(sender))[:4] == ["spf", "dkim", "dmarc", "mx"]


def test_looking_again_changes_the_row_and_remembers_since_when_it_fails(settings, time_machine):
    settings.DNS_TABLE = GOOD
    sender = make_sender(address="me@ourfirm.de")
    domains.examine_sender(sender=sender)
    time_machine.move_to(clock.now() + timedelta(days=1), tick=False)
    settings.DNS_TABLE = {**GOOD, "ourfirm.de": {"MX": ["mx.ourfirm.de"]}}
    began = clock.now()
    domains.examine_sender(sender=sender)
    row = DomainCheck.objects.get(check_name="spf")
    assert (row.verdict, row.code, row.failing_since) == ("fail", "spf_missing", began)
    assert not own_domains.forbids_launch(row, began + timedelta(hours=71))
    assert own_domains.forbids_launch(row, began + timedelta(hours=73))


def test_what_never_passed_forbids_a_launch_at_once(settings):
    settings.DNS_TABLE = {"ourfirm.de": {"MX": ["mx.ourfirm.de"]}}
    sender = make_sender(address="me@ourfirm.de")
    domains.examine_sender(sender=sender)
    spf, _dkim, dmarc, *_rest = domains.checks_of(sender)
    assert own_domains.forbids_launch(spf, clock.now())
    assert (dmarc.verdict, own_domains.forbids_launch(dmarc, clock.now())) == ("warn", False)


def test_a_name_server_that_is_down_neither_fails_nor_heals(settings):
    settings.DNS_TABLE = {"ourfirm.de": {"MX": ["mx.ourfirm.de"]}}
    sender = make_sender(address="me@ourfirm.de")
    domains.examine_sender(sender=sender)
    settings.DNS_TABLE = {"ourfirm.de": "unknown", "_dmarc.ourfirm.de": "unknown"}
    domains.examine_sender(sender=sender)
    row = DomainCheck.objects.get(check_name="spf")
    assert row.verdict == "unknown"
    assert row.failing_since is not None
    assert not own_domains.forbids_launch(row, clock.now() + timedelta(days=9))


@pytest.mark.parametrize(
    "fields",
    [{"adapter": "sandbox", "address": "me@firm.example"}, {"channel": "sms"}],
    ids=["sandbox", "text messages"],
)
def test_who_has_no_domain_in_the_world_is_told_so(fields):
    with pytest.raises(Invalid, match="with a real domain"):
        domains.examine_sender(sender=make_sender(**fields))


def test_due_domains_are_looked_at_once_a_day(settings, time_machine):
    settings.DNS_TABLE = GOOD
    make_sender(address="me@ourfirm.de")
    make_sender(address="you@ourfirm.de")
    assert [domains.examine_due(), domains.examine_due()] == [1, 0]
    time_machine.move_to(clock.now() + timedelta(hours=25))
    assert domains.examine_due() == 1
