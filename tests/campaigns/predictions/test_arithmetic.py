"""The arithmetic of predictions: calibrated where there is something to learn, silent where there is not."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pytest

from campaigns.predictions.arithmetic import estimating, forecasting, silence, timing
from campaigns.predictions.arithmetic.shrinkage import shrink
from campaigns.predictions.arithmetic.timing import Sent, Slot, better_moment
from leads.learning import metrics

NAMES = [f"column {n}" for n in range(4)]


def people_of(count: int, *, seed: int = 1, drop: float = 1.0, telling: float = 1.0) -> estimating.People:
    """People of ten campaigns that differ; with `drop` the newest fifth succeed that much less often."""
    random = np.random.default_rng(seed)
    cells = (random.random((count, 4)) < 0.4).astype(float)
    campaign, effects = random.integers(1, 11, count), random.normal(0, 0.4, 11)
    logit = -2.2 + telling * cells @ np.array([1.2, 0.6, -0.6, 0.0]) + effects[campaign]
    rate = 1 / (1 + np.exp(-logit))
    rate[round(0.8 * count) :] *= drop
    return estimating.People(cells, random.random(count) < rate, campaign)


def test_an_estimator_is_calibrated_in_a_world_that_stays():
    people = people_of(4_000)
    found = estimating.learn(NAMES, people)
    assert found.is_calibrated and found.figures["auc"] > 0.65
    assert found.predict(people.cells, people.campaign.tolist()).mean() == pytest.approx(people.outcome.mean(), rel=0.1)
    assert found.reasons(np.array([1.0, 0, 0, 0]))[0][0] == "column 0"
    again = estimating.Estimator.from_json(found.as_json())
    assert np.allclose(
        again.predict(people.cells, [1] * len(people)), found.predict(people.cells, [1] * len(people)), atol=1e-4
    )


def test_it_is_not_called_calibrated_after_a_drop_or_without_a_signal():
    assert not estimating.learn(NAMES, people_of(4_000, drop=0.4)).is_calibrated
    random = np.random.default_rng(2)
    noise = people_of(2_000)
    noise = estimating.People(noise.cells, random.random(2_000) < 0.1, np.ones(2_000, int))
    assert not estimating.learn(NAMES, noise).is_calibrated


def test_right_probabilities_are_called_wrong_at_the_level_promised_and_wrong_ones_nearly_always():
    random = np.random.default_rng(5)
    refused = {1.0: 0, 47 / 32: 0}
    for factor in refused:
        for _world in range(400):
            said = 1 / (1 + np.exp(-random.normal(-2.3, 0.7, 1_000)))
            came = random.random(1_000) < np.clip(said * factor, 0, 1)
            refused[factor] += min(metrics.disagreement(came, said)) < estimating.LEVEL / 2
    assert refused[1.0] / 400 == pytest.approx(estimating.LEVEL, abs=0.03)
    assert refused[47 / 32] / 400 > 0.95


def test_47_successes_where_32_were_expected_are_not_what_was_said():
    said = np.full(400, 32 / 400)
    assert min(metrics.disagreement(np.arange(400) < 47, said)) < estimating.LEVEL / 2
    assert min(metrics.disagreement(np.arange(400) % 10 == 0, said)) > estimating.LEVEL / 2


def test_one_outcome_only_teaches_nothing():
    people = people_of(500)
    assert estimating.learn(NAMES, estimating.People(people.cells, np.zeros(500, bool), people.campaign)) is None


def test_a_campaign_with_few_people_is_nearly_average_and_one_with_many_is_itself():
    ratios = shrink(np.array([4.0, 400.0]), np.array([2.0, 200.0]), strength=50)
    assert ratios.mean[0] == pytest.approx(1.04, abs=0.01) and ratios.mean[1] == pytest.approx(1.8, abs=0.01)


def test_groups_that_differ_by_chance_only_are_shrunk_together():
    random = np.random.default_rng(3)
    expected = np.full(200, 20.0)
    assert np.ptp(shrink(random.poisson(expected), expected).mean) < 0.2
    assert np.ptp(shrink(random.poisson(expected * random.gamma(4, 0.25, 200)), expected).mean) > 0.8


def sent_in(hours: np.ndarray, answered: np.ndarray, segment: np.ndarray) -> Sent:
    return Sent(segment, np.arange(len(hours)) % 5, hours, answered)


def test_no_time_is_called_the_best_in_worlds_without_one():
    found = 0
    for seed in range(60):
        random = np.random.default_rng(seed)
        hours, segment = random.integers(9, 17, 3_000), random.integers(1, 3, 3_000)
        timings = timing.learn(sent_in(hours, random.random(3_000) < 0.06, segment), fewest=300)
        assert set(timings) == {0, 1, 2}
        found += any(one.best_weekday or one.best_hour for one in timings.values())
    assert found <= 3


def test_the_best_hour_is_named_where_it_is_clear_and_otherwise_not():
    random = np.random.default_rng(4)
    hours, segment = random.integers(9, 17, 6_000), random.integers(0, 3, 6_000)
    clear = timing.learn(sent_in(hours, random.random(6_000) < np.where(hours == 10, 0.15, 0.06), segment), fewest=100)
    assert clear[timing.WHOLE].best_hour.number == 10 and clear[timing.WHOLE].best_weekday is None
    assert set(clear) == {0, 1, 2}
    even = timing.learn(sent_in(hours, random.random(6_000) < 0.06, segment), fewest=100)
    assert even[timing.WHOLE].best_hour is None
    assert timing.learn(sent_in(hours, np.zeros(6_000, bool), segment), fewest=100) == {}


def test_a_segment_of_its_own_kind_is_told_apart_from_the_whole():
    random = np.random.default_rng(5)
    hours, segment = random.integers(9, 17, 9_000), random.integers(1, 4, 9_000)
    rate = np.where((segment == 2) & (hours == 16), 0.25, 0.06)
    found = timing.learn(sent_in(hours, random.random(9_000) < rate, segment), fewest=100)
    assert found[2].best_hour.number == 16
    assert found[1].hours[16].ratio < found[2].hours[16].ratio


def hours_with(best: int, ratio: float) -> list[Slot]:
    return [Slot(n, 100, 10, ratio if n == best else 1.0, 0.99 if n == best else 0.4) for n in range(24)]


@pytest.mark.parametrize(
    ("due", "best", "moved"),
    [
        ("09:20", 14, "14:07"),
        ("15:00", 14, "15:00"),  # it is over for today
        ("09:20", 20, "09:20"),  # outside the window
        ("14:30", 14, "14:30"),  # it is that hour
    ],
)
def test_a_moment_moves_only_to_a_later_hour_within_the_window(due, best, moved):
    day = "2026-03-02T"
    found = better_moment(
        datetime.fromisoformat(f"{day}{due}+00:00"), zone=UTC, hours=hours_with(best, 1.5), opens=540, closes=1020, minute=7
    )  # fmt: skip
    assert found == datetime.fromisoformat(f"{day}{moved}+00:00")


def test_four_of_five_campaigns_end_within_the_forecast():
    random = np.random.default_rng(6)
    hits = 0
    for _world in range(200):
        counts = random.integers(50, 400, 20)
        prior = forecasting.prior_of(counts, random.binomial(counts, random.beta(4, 46, 20)))
        rate, wrote, waiting = random.beta(4, 46), int(random.integers(0, 100)), int(random.integers(50, 400))
        came = random.binomial(wrote, rate)
        found = forecasting.forecast(prior, ages=[30] * wrote, successes=came, waiting=waiting, share=np.ones(22))
        hits += found.low <= came + random.binomial(waiting, rate) <= found.high
    assert 0.75 <= hits / 200 <= 0.92


def test_answers_that_are_still_on_their_way_are_expected():
    prior = forecasting.prior_of([1_000, 900, 1_100], [100, 90, 110])
    share = forecasting.arrived([50, 30, 20])
    fresh = forecasting.forecast(prior, ages=[0] * 100, successes=5, waiting=0, share=share)
    old = forecasting.forecast(prior, ages=[9] * 100, successes=5, waiting=0, share=share)
    assert fresh.expected == pytest.approx(10, abs=1) and old.expected == pytest.approx(5, abs=0.5)


def test_who_is_silent_for_long_hardly_answers_again():
    random = np.random.default_rng(7)
    answers = random.random(3_000) < 0.5
    found = silence.learn(np.where(answers, random.exponential(5, 3_000), 120.0), answers)
    assert found.chance_after(0) == pytest.approx(0.5, abs=0.04)
    assert found.chance_after(10) == pytest.approx(0.12, abs=0.03)
    assert found.chance_after(60) < 0.02 < found.known(60)
