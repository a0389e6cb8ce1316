"""Numbers that are kept, what they were counted from, and what has changed since."""

from __future__ import annotations

from django.db import models

from campaigns.rollups.cells import RARE

EVERYTHING = 0
"""The campaign of rows that hold all campaigns together."""


class Change(models.Model):
    """Somebody in a campaign whose numbers may have changed. Written by triggers only; see `migrations/0002_sql.py`."""

    candidate_id = models.BigIntegerField()


class Known(models.Model):
    """What was counted of somebody in a campaign, so that it can be taken back.

    Erasure: follows the candidate and its lead; holds country, industry and ids, no name and no text.
    """

    candidate_id = models.BigIntegerField(primary_key=True)
    campaign = models.BigIntegerField()
    stage = models.TextField(db_collation="C")
    industry = models.TextField(db_collation="C")
    country = models.TextField(db_collation="C")
    outcomes = models.IntegerField(default=0, help_text="Bits of what came of them at all")
    cents = models.BigIntegerField(default=0)
    replied_at = models.DateTimeField(null=True)
    positive_at = models.DateTimeField(null=True)
    booked_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["campaign", "candidate_id"], name="known_campaign"),
            models.Index(fields=["country", "candidate_id"], name="known_country"),
            models.Index(fields=["industry", "candidate_id"], name="known_industry"),
            models.Index(fields=["candidate_id"], condition=models.Q(outcomes__gte=RARE), name="known_rare"),
        ]


class KnownMessage(models.Model):
    """What was counted of a message that left. Erasure: as `Known`."""

    message_id = models.BigIntegerField(primary_key=True)
    candidate_id = models.BigIntegerField(db_index=True)
    at = models.DateTimeField()
    sender = models.TextField(db_collation="C")
    provider = models.TextField(db_collation="C")
    channel = models.TextField(db_collation="C")
    step = models.TextField(db_collation="C")
    text = models.TextField(db_collation="C")
    variant = models.TextField(db_collation="C")
    language = models.TextField(db_collation="C")
    model = models.TextField(db_collation="C")
    reviewer = models.TextField(db_collation="C")
    arm = models.TextField(db_collation="C")
    outcomes = models.IntegerField(default=0, help_text="Bits of what came of this message")
    cents = models.BigIntegerField(default=0)

    class Meta:
        indexes = [
            models.Index(fields=["at"], name="known_message_at"),
            models.Index(fields=["at"], condition=models.Q(outcomes__gte=RARE), name="known_message_rare"),
        ]


class Zone(models.Model):
    """A time zone in whose days numbers are kept, because somebody reads reports in it."""

    name = models.TextField(unique=True)
    built_at = models.DateTimeField(null=True, blank=True, help_text="Empty: not counted yet")

    def __str__(self) -> str:
        return self.name


class Counts(models.Model):
    """The numbers of one row, each person once; see `campaigns.counts`."""

    messages = models.IntegerField(default=0)
    contacted = models.IntegerField(default=0)
    delivered = models.IntegerField(default=0)
    bounced = models.IntegerField(default=0)
    opened = models.IntegerField(default=0)
    clicked = models.IntegerField(default=0)
    replied = models.IntegerField(default=0)
    positive = models.IntegerField(default=0)
    information = models.IntegerField(default=0)
    negative = models.IntegerField(default=0)
    booked = models.IntegerField(default=0)
    held = models.IntegerField(default=0)
    opted_out = models.IntegerField(default=0)
    won = models.IntegerField(default=0)
    cents = models.BigIntegerField(default=0, help_text="Value of what was won")

    class Meta:
        abstract = True


class DayCount(Counts):
    """The messages of one local day that have one value of a dimension, and what came of them.

    A person who is counted here was counted under the same key on the day `before` last (0001-01-01: never), so that
    each person counts once in any period: sum the days of the period whose `before` lies before its beginning.
    `messages` and `cents` have no such day and stand in the rows of 0001-01-01.
    """

    zone = models.ForeignKey(Zone, on_delete=models.CASCADE, related_name="+", db_index=False)
    dimension = models.TextField(db_collation="C", help_text="Empty: not divided")
    campaign = models.BigIntegerField(help_text="0: all campaigns")
    day = models.DateField()
    key = models.TextField(db_collation="C")
    before = models.DateField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["zone", "dimension", "campaign", "day", "key", "before"], name="rollup_day_once"
            )
        ]


class PeopleCount(Counts):
    """People in one stage of a campaign that have one value of a dimension, written to or not; without any day."""

    dimension = models.TextField(db_collation="C", help_text="Empty: not divided")
    campaign = models.BigIntegerField()
    key = models.TextField(db_collation="C")
    stage = models.TextField(db_collation="C")
    people = models.IntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["dimension", "campaign", "key", "stage"], name="rollup_people_once")
        ]
