"""Attribution, prediction and the writing of values."""

from datetime import timedelta

import pytest

from campaigns.dashboard import attribution, prediction
from campaigns.dashboard.figures import duration, share, written


def test_each_model_of_attribution_gives_away_the_whole_value():
    found = attribution.attribute([(1200, [1, 1, 2]), (300, [2]), (50, [])])
    assert (found[1].first, found[1].last, found[1].linear) == (1200, 0, 800)
    assert (found[2].first, found[2].last, found[2].linear) == (300, 1500, 700)


def test_a_prediction_is_the_rate_with_room_for_what_is_not_known_of_it():
    few, many = prediction.predict(3, 60, 200), prediction.predict(50, 1000, 200)
    assert few and many
    assert many.mean == pytest.approx(10.1, abs=0.1)
    assert few.high - few.low > many.high - many.low


def test_nothing_is_predicted_from_a_handful():
    assert prediction.predict(2, 29, 100) is None
    assert prediction.predict(0, 500, 0) == prediction.Prediction(0.0, 0, 0)


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [(None, "usd", "—"), (0.034, "percent", "3.4%"), (0.5, "percent", "50%"), (1234.5, "value", "1,234"),
     (0.0012, "usd", "$0.0012"), (12.5, "usd", "$12.50"), (1.5, "hours", "1 h 30 min"), (7, "count", "7")],
)  # fmt: skip
def test_values_are_written_with_their_unit(value, unit, text):
    assert written(value, unit) == text


def test_a_long_time_is_told_in_days():
    assert duration(timedelta(days=3, hours=4, minutes=50)) == "3 days 4 h"


def test_a_share_of_nothing_is_no_share():
    assert share("x", "X", "", 0, 0).value is None
    assert share("x", "X", "", 3, 5, least=10).note == "Not enough data"
