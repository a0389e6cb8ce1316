"""What every adapter promises, tested once for all of them. A new adapter subclasses `AdapterContract` and its `Bench`."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from conversations.channels.base import Accepted, Account, Adapter, Fault, Finding, NotSent, OutcomeUnknown, Outgoing
from conversations.channels.registry import info
from outreach.core.errors import Invalid


class Bench:
    """An adapter with an account that works, and the ways to make its carrier misbehave."""

    adapter: Adapter
    account: Account
    outgoing: Outgoing
    good, refused, passing, lost = "", "", "", ""
    """Addresses that the carrier takes, refuses for good, defers, and takes without saying so."""

    def delivered(self) -> int:
        """How many messages the carrier took."""
        raise NotImplementedError

    def break_sender(self) -> tuple[Account, Outgoing]:
        """An account that the carrier does not accept, and what to send with it."""
        raise NotImplementedError

    def to(self, address: str) -> Outgoing:
        return replace(self.outgoing, address=address, attempted_at=datetime.now(UTC) - timedelta(hours=1))


class AdapterContract:
    @pytest.fixture
    def bench(self) -> Bench:
        raise NotImplementedError

    def test_its_settings_are_described_and_accepted(self, bench):
        described = info(bench.adapter.name)
        assert described.channels == bench.adapter.channels
        bench.adapter.check_settings(bench.account)

    def test_a_setting_that_nobody_knows_is_named(self, bench):
        with pytest.raises(Invalid) as error:
            bench.adapter.check_settings(replace(bench.account, settings={**bench.account.settings, "colour": "red"}))
        assert error.value.field == "colour"

    def test_required_settings_are_asked_for_by_name(self, bench):
        described = info(bench.adapter.name)
        for field in described.settings:
            if field.required:
                settings = {**bench.account.settings, field.name: ""}
                with pytest.raises(Invalid) as error:
                    bench.adapter.check_settings(replace(bench.account, settings=settings))
                assert error.value.field == field.name

    def test_verify_answers_with_a_sentence(self, bench):
        assert bench.adapter.verify(bench.account).endswith(".")

    def test_an_accepted_message_arrives_once(self, bench):
        assert isinstance(bench.adapter.send(bench.account, bench.to(bench.good)), Accepted)
        assert bench.delivered() == 1

    def test_a_refused_address_is_certain_and_about_the_address(self, bench):
        with pytest.raises(NotSent) as error:
            bench.adapter.send(bench.account, bench.to(bench.refused))
        assert error.value.fault == Fault.ADDRESS
        assert error.value.code and error.value.reason
        assert bench.delivered() == 0

    def test_a_passing_fault_says_when_to_try_again(self, bench):
        with pytest.raises(NotSent) as error:
            bench.adapter.send(bench.account, bench.to(bench.passing))
        assert error.value.fault == Fault.PASSING
        assert error.value.retry_after is not None
        assert bench.delivered() == 0

    def test_a_fault_of_the_account_is_about_the_sender(self, bench):
        account, outgoing = bench.break_sender()
        with pytest.raises(NotSent) as error:
            bench.adapter.send(account, outgoing)
        assert error.value.fault == Fault.SENDER
        assert bench.delivered() == 0

    def test_an_answer_that_never_came_is_unknown(self, bench):
        with pytest.raises(OutcomeUnknown) as error:
            bench.adapter.send(bench.account, bench.to(bench.lost))
        assert error.value.code and error.value.reason
        assert bench.delivered() == 1

    def test_an_unknown_message_is_never_declared_unsent_when_it_was_taken(self, bench):
        with pytest.raises(OutcomeUnknown):
            bench.adapter.send(bench.account, bench.to(bench.lost))
        evidence = bench.adapter.find(bench.account, bench.to(bench.lost))
        assert evidence.finding in {Finding.FOUND, Finding.CANNOT_TELL}
        assert evidence.detail

    def test_it_goes_on_after_trouble(self, bench):
        for address in (bench.refused, bench.passing):
            with pytest.raises(NotSent):
                bench.adapter.send(bench.account, bench.to(address))
        bench.adapter.send(bench.account, bench.to(bench.good))
        bench.adapter.close()
        again = replace(bench.to(bench.good), rfc_message_id="again@firm.example", body="And again.")
        bench.adapter.send(bench.account, again)
        assert bench.delivered() == 2

    def test_credentials_never_show(self, bench):
        for secret in bench.account.credentials.values():
            assert secret not in repr(bench.account)
