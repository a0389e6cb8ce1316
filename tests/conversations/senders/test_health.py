"""Guardrails: nothing is judged below the floor; at a limit the sender is paused with a sentence of numbers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversations.senders import health
from conversations.senders.health import Figures


def test_few_messages_are_not_judged():
    verdict = health.judge("email", Figures(sent=49, bounced=49))
    assert verdict.factor == 1
    assert not verdict.is_judged
    assert "assessed from 50" in verdict.sentence


@pytest.mark.parametrize(
    ("channel", "figures", "words"),
    [
        ("email", Figures(sent=50, bounced=3), ("6.00%", "3 of 50", "5.00%")),
        ("email", Figures(sent=1000, complained=1), ("0.10%", "1 of 1000")),
        ("sms", Figures(sent=100, filtered=3), ("3.00%", "30007")),
        ("sms", Figures(sent=100, bounced=10), ("10.00%",)),
    ],
)
def test_a_limit_that_is_reached_pauses_with_its_numbers(channel, figures, words):
    verdict = health.judge(channel, figures)
    assert verdict.stops
    assert all(word in verdict.sentence for word in words)


def test_near_a_limit_it_slows_down_in_proportion():
    factors = [health.judge("email", Figures(sent=1000, bounced=count)).factor for count in (20, 25, 30, 40, 49)]
    assert factors == sorted(factors, reverse=True)
    assert factors[0] == factors[1] == 1
    assert 0.25 <= factors[-1] < 0.3


def test_bounces_do_not_judge_a_number_by_the_rules_of_mail():
    assert health.judge("sms", Figures(sent=100, bounced=4)).factor == 1
    assert health.judge("network", Figures(sent=100, bounced=90)).factor == 1


@given(
    sent=st.integers(0, 5000),
    bounced=st.integers(0, 5000),
    complained=st.integers(0, 50),
    channel=st.sampled_from(["email", "sms", "network"]),
)
def test_worse_figures_never_make_a_sender_healthier(sent, bounced, complained, channel):
    figures = Figures(sent=sent, bounced=min(sent, bounced), complained=min(sent, complained))
    worse = Figures(sent=sent, bounced=min(sent, bounced + 1), complained=min(sent, complained + 1))
    first, second = health.judge(channel, figures), health.judge(channel, worse)
    assert second.factor <= first.factor
    assert first.factor == 0 or health.SLOWEST <= first.factor <= 1
    assert health.figures_from_json(health.to_json(first)) == figures
