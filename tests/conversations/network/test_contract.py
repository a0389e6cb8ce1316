"""The contract of all adapters, kept against the made-up network."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from conversations.channels.base import Account, NotSent, Outgoing
from conversations.network.adapter import NetworkAdapter
from leads.sources.network import links
from tests.conversations.channels.contract import AdapterContract, Bench
from tests.leads.sources.network.conftest import somebody


class NetworkBench(Bench):
    def __init__(self, site, account):
        self.world = site.world
        slugs = {name: somebody(site.world, name) for name in ("warm", "gone", "ignores", "slow")}
        addresses = {n: links.identity_address(slug, base_url=site.url) for n, slug in slugs.items()}
        self.good, self.refused = addresses["warm"], addresses["gone"]
        self.passing, self.lost = addresses["ignores"], addresses["slow"]
        site.world.invite(slugs["ignores"], "An invitation that waits.")
        site.world.options.before_answer = self._answer
        self.slow = slugs["slow"]
        self.adapter = NetworkAdapter(was_invited=lambda **_invitation: False)
        self.outgoing = Outgoing(id=1, channel="network", address=self.good, subject="", body="Hello, a short note.")
        self.account = Account(1, "network", "", "", {"account": account.name, "settle_seconds": 0}, {})

    def _answer(self, kind):
        if self.world.invitations[-1].slug == self.slow:
            raise ConnectionAbortedError

    def delivered(self):
        return len(self.world.said) + len(self.world.invitations) - 1

    def break_sender(self):
        self.world.logins = ()
        return self.account, self.to(self.good)


@pytest.mark.browser
@pytest.mark.django_db
class TestNetwork(AdapterContract):
    @pytest.fixture
    def bench(self, site, account):
        return NetworkBench(site, account)

    def test_it_goes_on_after_trouble(self, bench):
        for address in (bench.refused, bench.passing):
            with pytest.raises(NotSent):
                bench.adapter.send(bench.account, bench.to(address))
        bench.adapter.send(bench.account, bench.to(bench.good))
        bench.adapter.close()
        bench.world.advance(timedelta(hours=3))  # accepted meanwhile: now it is a message
        bench.adapter.send(bench.account, replace(bench.to(bench.good), body="And again."))
        assert [said.text for said in bench.world.said] == ["Hello, a short note.", "And again."]
