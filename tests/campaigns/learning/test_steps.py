"""One night's step: towards what the outcomes say, never too far, never on too little."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from campaigns.learning.outcomes import Contact
from campaigns.learning.steps import step
from outreach.learned import Learning

NOW = datetime(2026, 5, 20, tzinfo=UTC)
NAMES = ["decision_maker", "described"]


def contact(number: int, *, rate: float, **features: float) -> Contact:
    """One of many: every so many of them succeed."""
    sent = NOW - timedelta(days=8 + number % 5)
    is_success = int(number * rate) != int((number + 1) * rate)
    return Contact(1, features, sent, sent + timedelta(days=2) if is_success else None, False)


def telling(count: int = 100) -> list[Contact]:
    """Those who decide answer one in two, the others one in twenty."""
    return [contact(i, rate=0.5, decision_maker=1.0) for i in range(count)] + [
        contact(i, rate=0.05) for i in range(count)
    ]


def stepped(contacts, days=None, **rules):
    return step(days=days or {}, names=NAMES, contacts=contacts, now=NOW, rules=Learning(**rules))


def test_what_tells_gains_weight_and_what_is_missing_does_not():
    found = stepped(telling()).days
    assert found["decision_maker"] > 0
    assert "described" not in found


def test_what_goes_with_failure_loses_weight():
    contacts = [contact(i, rate=0.02, described=1.0) for i in range(100)] + [contact(i, rate=0.4) for i in range(100)]
    assert stepped(contacts).days["described"] < 0


def test_a_night_goes_no_farther_than_the_cap():
    assert stepped(telling(1_000), learning_rate=1.0).days["decision_maker"] == pytest.approx(3.0)


def test_night_after_night_stops_at_the_most():
    days: dict[str, float] = {}
    for _night in range(60):
        days = stepped(telling(300), days, most_days=20).days
    assert days["decision_maker"] == 20


def test_with_the_same_outcomes_weights_settle():
    days: dict[str, float] = {}
    seen = []
    for _night in range(120):
        days = stepped(telling(), days).days
        seen.append(days["decision_maker"])
    assert seen == sorted(seen)
    assert seen[-1] - seen[-10] < 1.5


def test_a_step_too_small_to_matter_is_not_made():
    before = {"decision_maker": 5.0}
    assert stepped(telling(), before, smallest_step_days=2.9, learning_rate=0.001).days == before


@pytest.mark.parametrize("contacts", [[], telling(5), [contact(i, rate=0.0, decision_maker=1.0) for i in range(200)]])
def test_too_little_changes_nothing(contacts):
    assert stepped(contacts).days is None


def test_silence_after_the_horizon_counts_more_than_silence_of_yesterday():
    def silent(days: int) -> list[Contact]:
        quiet = [Contact(1, {"described": 1.0}, NOW - timedelta(days=days), None, False) for _ in range(80)]
        return quiet + [contact(i, rate=0.3) for i in range(100)]

    assert stepped(silent(10)).days["described"] < stepped(silent(1)).days.get("described", 0.0)


def test_a_no_counts_at_once():
    def fresh(*, has_failed: bool) -> list[Contact]:
        rows = [Contact(1, {"described": 1.0}, NOW - timedelta(days=1), None, has_failed) for _ in range(80)]
        return rows + [contact(i, rate=0.3) for i in range(100)]

    assert stepped(fresh(has_failed=True)).days["described"] < stepped(fresh(has_failed=False)).days.get(
        "described", 0.0
    )


def test_the_figures_say_what_was_learned_from():
    found = stepped(telling())
    assert (found.contacted, found.successes) == (200, 55)
    assert found.evidence["decision_maker"] == (100, 50)


def test_the_same_outcomes_give_the_same_step():
    assert stepped(telling()) == stepped(telling())
