"""The sections of `outreach.toml` about what is learned from outcomes: nightly weights and predictions."""

from __future__ import annotations

from pydantic import Field

from outreach.operating import Section


class Learning(Section):
    """How far a night may move the weights of a campaign's score. A weight is in days of recency."""

    window_days: int = Field(default=14, ge=3, le=90)
    """People written to in the last so many days are learned from."""
    learning_rate: float = Field(default=0.1, gt=0, le=1)
    """Share of the way to what their outcomes alone would say."""
    days_per_logit: float = Field(default=30, gt=0, le=365)
    """What multiplies the odds of success by 2.7 is worth this many days."""
    most_step_days: float = Field(default=3, gt=0, le=90)
    """The most that one night may move a weight."""
    smallest_step_days: float = Field(default=0.05, ge=0, le=10)
    """A smaller change isn't made, so that weights do not tremble."""
    least_days: float = Field(default=-60, ge=-90, le=0)
    """The lowest value that a weight can reach."""
    most_days: float = Field(default=60, ge=0, le=90)
    """The highest value that a weight can reach."""
    fewest_contacted: int = Field(default=30, ge=1)
    """With fewer people written to in the window nothing is learned."""
    fewest_successes: int = Field(default=5, ge=1)
    """With fewer in the window nothing is learned."""


class Predictions(Section):
    """From how much history predictions are made. With less, nothing is said at all."""

    window_days: int = Field(default=365, ge=30, le=3650)
    """People written to in the last so many days count."""
    most_people: int = Field(default=200_000, ge=1_000, le=2_000_000)
    """Of more people or messages in the window the newest count."""
    horizon_days: int = Field(default=21, ge=3, le=90)
    """An answer counts so many days after the first message; people written to later than that aren't learned from yet."""
    fewest_people: int = Field(default=300, ge=50)
    """With fewer people written to nothing is predicted about people."""
    fewest_successes: int = Field(default=30, ge=5)
    """The same for people who answered or booked."""
    fewest_campaigns: int = Field(default=3, ge=2)
    """For a forecast: how much campaigns differ is learned from these."""
    fewest_messages: int = Field(default=500, ge=50)
    """With fewer messages nothing is said about the best time."""
    fewest_segment_messages: int = Field(default=100, ge=20)
    """For the best time of a segment; of all segments together `fewest_messages`, with `fewest_successes` replies."""
    fewest_silences: int = Field(default=50, ge=10)
    """Silences of at least the same length, of people who had answered before."""
    disengaged_below: float = Field(default=0.1, gt=0, lt=1)
    """A person with a smaller chance to answer again has stopped answering."""
    held_out_share: float = Field(default=0.2, ge=0.05, le=0.5)
    """People whose order and time follow no prediction, so that its effect is measured."""
