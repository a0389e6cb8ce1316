"""After any history the kept numbers are those of the raw rows, on every breakdown, in every zone and period."""

import json
import random
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import product
from zoneinfo import ZoneInfo

import pytest
from django.core.management import call_command
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from campaigns import outcomes
from campaigns.drafts.models import Draft
from campaigns.models import Campaign, Candidate, Outcome
from campaigns.reports import lines, selectors
from campaigns.reports.behind import FIRST, MESSAGES, VALUE
from campaigns.reports.cohorts import cohorts
from campaigns.reports.dimensions import DIMENSIONS
from campaigns.reports.kept import Kept
from campaigns.reports.lines import Asked
from campaigns.reports.raw import Raw
from campaigns.rollups import services
from campaigns.rollups.models import Change, DayCount, PeopleCount, Zone
from conversations.models import Message
from conversations.senders.models import Sender
from conversations.services import conversation_for
from leads.models import Company, Lead
from outreach.core import clock
from outreach.llm.models import Interaction, Trace
from tests.campaigns.factories import make_campaign, make_candidate, make_lead, make_user

pytestmark = pytest.mark.django_db

ZONES = ("UTC", "Europe/Berlin", "Asia/Kathmandu", "America/New_York", "Asia/Beirut")
CLOCKS_CHANGE = datetime(2026, 3, 28, 12, tzinfo=UTC)
EVENTS = ("send", "send", "send", "result", "result", "bounce late", "correct", "win", "erase", "delete", "stage",
          "move", "resend", "rename", "count", "delete campaign")  # fmt: skip
events = st.lists(st.tuples(st.sampled_from(EVENTS), st.integers(0, 10**6)), min_size=6, max_size=24)


class History:
    """Two campaigns of two messages each, and what may happen to their people."""

    def __init__(self, zone):
        self.campaigns = [make_campaign(steps=("first-contact-email",) * 2) for _ in range(2)]
        self.people = [make_candidate(campaign, stage="approved") for campaign in self.campaigns for _ in range(3)]
        self.users = [make_user() for _ in range(2)]
        self.interaction = Interaction.objects.create(
            trace=Trace.objects.create(name="draft"), step="draft", route="draft", provider="x", input_hash="h",
            model="mini",
        )  # fmt: skip
        Campaign.objects.filter(pk=self.campaigns[0].pk).update(created_by=self.users[0])
        self.zone = services.kept_zone(zone)

    def live(self, kind, seed):
        dice = random.Random(seed)
        people = list(Candidate.objects.order_by("pk"))
        if people:
            getattr(self, kind.replace(" ", "_"))(dice, dice.choice(people))

    def send(self, dice, person):
        step = dice.choice(list(person.campaign.steps.all()))
        at = CLOCKS_CHANGE + timedelta(minutes=dice.randrange(4 * 24 * 60))
        message = Message.objects.create(
            conversation=conversation_for(lead=person.lead), lead=person.lead, direction="out", channel="email",
            state=dice.choice(["sent", "delivered", "scheduled"]), sent_at=at, sender=step.sender,
            attributes=dice.choice([{}, {"arm": 7}, {"arm": 8}]),
        )  # fmt: skip
        Draft.objects.filter(candidate=person, step=step).exclude(state="superseded").update(state="superseded")
        Draft.objects.create(
            candidate=person, step=step, variant=dice.choice("ab"), language=dice.choice(["en", "ru"]), body="x",
            state="handed_over", generated_body="x", content_hash="h", interaction=self.interaction, message=message,
            approved_by=dice.choice([*self.users, None]),
        )  # fmt: skip

    def _message(self, dice, person):
        return dice.choice([None, *Message.objects.filter(draft__candidate=person).order_by("pk")])

    def result(self, dice, person):
        kind = dice.choice(["delivered", "opened", "replied", "booked", "held", "opted_out"])
        outcomes.record(
            candidate=person, kind=kind, occurred_at=clock.now(), message=self._message(dice, person)
        )  # fmt: skip

    def bounce_late(self, dice, person):
        message = self._message(dice, person)
        outcomes.record(candidate=person, kind="bounced", occurred_at=clock.now(), message=message)
        Message.objects.filter(draft__candidate=person, state="sent").update(state="bounced")

    def correct(self, dice, person):
        intent = dice.choice(["positive", "question", "negative", "other"])
        outcomes.class_reply(
            candidate=person, message=self._message(dice, person), intent=intent, occurred_at=clock.now()
        )

    def win(self, dice, person):
        Outcome.objects.update_or_create(
            candidate=person, kind="won", message=self._message(dice, person),
            defaults={"occurred_at": clock.now(), "value": dice.choice([Decimal("1200.50"), Decimal(7), None])},
        )  # fmt: skip

    def erase(self, _dice, person):
        Lead.objects.filter(pk=person.lead_id).update(country="", company=None, full_name="")

    def delete(self, _dice, person):
        Message.objects.filter(draft__candidate=person).update(subject="")
        Draft.objects.filter(candidate=person).delete()
        person.delete()

    def delete_campaign(self, dice, person):
        if dice.random() < 0.3:
            for one in Candidate.objects.filter(campaign=person.campaign_id):
                self.delete(dice, one)

    def stage(self, dice, person):
        Candidate.objects.filter(pk=person.pk).update(stage=dice.choice(["contacted", "replied", "won", "excluded"]))

    def move(self, dice, person):
        Company.objects.filter(pk=person.lead.company_id).update(industry=dice.choice(["Furniture", "Food", ""]))
        Lead.objects.filter(pk=person.lead_id).update(country=dice.choice(["DE", "FR"]))

    def resend(self, dice, person):
        Message.objects.filter(draft__candidate=person).update(
            sent_at=CLOCKS_CHANGE + timedelta(minutes=dice.randrange(9_999)), state=dice.choice(["sent", "failed"])
        )

    def rename(self, dice, person):
        sender = dice.choice(list(Sender.objects.order_by("pk")))
        Sender.objects.filter(pk=sender.pk).update(adapter=dice.choice(["smtp", "sandbox"]))
        person.campaign.steps.filter(number=2).update(number=dice.choice([3, 4]))
        Campaign.objects.filter(pk=person.campaign_id).update(name=f"Campaign {person.campaign_id} {dice.random()}")

    def count(self, dice, _person):
        services.catch_up(most=dice.choice([1, 5_000]))


def lines_by(by):
    return lambda source, asked: sorted(str(row.as_dict()) for row in selectors.rows(asked, by=by, source=source))


def total(source, asked):
    return selectors.total(asked, source=source).as_dict()


def cohorts_by(unit, kind):
    return lambda source, asked: cohorts(
        kind=kind, unit=unit, now=CLOCKS_CHANGE + timedelta(days=60), zone=asked.zone, campaign_id=asked.campaign_id,
        kept=source.zone if isinstance(source, Kept) else None,
    )  # fmt: skip


def chart_by(unit):
    return lambda source, asked: selectors.over_time(asked, unit, source=source)


def chart_of_lines(by):
    def read(source, asked):
        found = source.lines_over_time(asked, "week", by)
        return {key: dict(points) for key, points in found.items()}

    return read


VIEWS = [total, *map(chart_of_lines, DIMENSIONS), *map(lines_by, DIMENSIONS), *(cohorts_by(*one) for one in product(("week", "month"), ("replied", "booked"))),
         *map(chart_by, ("day", "week", "month"))]  # fmt: skip
"""All that is read from either source."""
COUNTED = (*lines.PEOPLE, "contacted", *lines.RESULTS, MESSAGES, VALUE)


def same(view, zone, asked):
    assert view(Kept(zone), asked) == view(Raw(), asked), asked


def pages(line, zone):
    """Everyone behind a number, two at a time."""
    found, after = [], ""
    while some := selectors.behind(line, after=after, most=2, source=Kept(zone)):
        found += [one.candidate for one in some]
        after = some[-1].cursor
    return found


def same_people(zone, asked, by, dice):
    """A number of some line opens exactly the people that it counts, each once."""
    row = dice.choice(selectors.rows(asked, by=by, source=Kept(zone)) or [None])
    is_of_people = DIMENSIONS[by].of_people and not asked.has_period
    numbers = COUNTED if is_of_people else COUNTED[len(lines.PEOPLE) :]
    for number in dice.sample(numbers, 4) if row else ():
        line = selectors.Line(asked, number, by, row.key)
        found = pages(line, zone)
        assert set(found) == set(selectors.people_behind(line).values_list("pk", flat=True)), line
        assert number == VALUE or len(found) == (selectors.number_of(line, source=Kept(zone)) or 0), line
        assert number in (MESSAGES, VALUE) or len(found) == len(set(found)), line
    line = selectors.Line(asked, FIRST, answer=dice.choice(["", "replied", "booked"]), weeks=dice.choice([1, 5]))
    found = pages(line, zone)
    assert sorted(found) == sorted(selectors.people_behind(line).values_list("pk", flat=True)), line


def periods(zone, dice):
    first = date(2026, 3, 27) + timedelta(days=dice.randrange(5))
    after = first + timedelta(days=dice.randrange(1, 4))
    return [
        Asked(zone=zone),
        Asked(since=lines.midnight(first, zone), until=lines.midnight(after, zone), zone=zone),
        dice.choice([Asked(since=lines.midnight(first, zone), zone=zone),
                     Asked(until=lines.midnight(after, zone), zone=zone)]),
    ]  # fmt: skip


def compare(history, dice):
    """Every view is compared in one of the periods, of one campaign or of all."""
    chosen = [
        lines.replace(asked, campaign_id=campaign)
        for asked in periods(ZoneInfo(history.zone.name), dice)
        for campaign in (None, dice.choice(history.campaigns).pk)
    ]
    for view in VIEWS:
        same(view, history.zone, dice.choice(chosen))
    for by in dice.sample(list(DIMENSIONS), 6):
        same_people(history.zone, dice.choice(chosen), by, dice)


@pytest.mark.long
@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(zone=st.sampled_from(ZONES), happened=events, seed=st.integers(0, 10**6))
def test_kept_numbers_are_those_of_the_raw_rows(zone, happened, seed):
    history = History(zone)
    for kind, number in happened:
        history.live(kind, number)
    services.catch_up(most=10**6)
    assert not Change.objects.exists()
    compare(history, random.Random(seed))


@pytest.fixture
def counted():
    history = History("Europe/Berlin")
    for number in range(40):
        history.live(EVENTS[number % 9], number)
    services.catch_up(most=10**6)
    return history


def state_of(model):
    columns = [field.attname for field in model._meta.concrete_fields if field.name != "id"]
    return sorted(model.objects.values_list(*columns))


def test_counting_again_changes_nothing(counted):
    before = state_of(DayCount), state_of(PeopleCount)
    assert len(before[0]) > 50
    assert services.rebuild() == Candidate.objects.count()
    assert (state_of(DayCount), state_of(PeopleCount)) == before


def test_a_day_is_counted_again_whatever_was_wrong_with_it(counted):
    before = state_of(DayCount)
    day = DayCount.objects.latest("day").day
    DayCount.objects.filter(day=day, dimension="").delete()
    DayCount.objects.filter(day=day, dimension="hour").update(replied=99)
    assert services.rebuild_day(day) > 0
    assert state_of(DayCount) == before


def test_a_second_zone_is_counted_when_it_is_first_asked_for(counted):
    asked = Asked(zone=ZoneInfo("Asia/Tokyo"))
    source = selectors.source_of(asked)
    assert isinstance(source, Kept) and Zone.objects.count() == 2
    for view in VIEWS:
        same(view, source.zone, asked)


def test_a_period_that_is_not_made_of_days_is_read_from_the_rows(counted):
    noon = datetime(2026, 3, 29, 12, tzinfo=UTC)
    assert isinstance(selectors.source_of(Asked(since=noon)), Raw)


def test_a_day_without_a_midnight_is_still_a_day():
    zone = ZoneInfo("Asia/Beirut")  # on 29 March 2026 clocks leap from 00:00 to 01:00
    asked = Asked(since=lines.midnight(date(2026, 3, 29), zone), zone=zone)
    assert asked.days == (date(2026, 3, 29), None)


def test_nothing_is_counted_twice_while_somebody_else_counts(counted, monkeypatch):
    make_candidate(counted.campaigns[0], lead=make_lead())
    monkeypatch.setattr(services, "_lock", lambda **_options: False)
    assert services.catch_up() == 0 and Change.objects.exists()


def test_the_command_counts_again_and_tells_how_much_is_kept(counted, capsys):
    call_command("rollups", "rebuild", "--json")
    call_command("rollups", "rebuild", "--day", "2026-03-29", "--json")
    call_command("rollups", "show", "--json")
    everyone, _day, shown = (json.loads(line) for line in capsys.readouterr().out.splitlines())
    assert everyone["people"] == shown["people"] == Candidate.objects.count()
    assert shown["waiting"] == 0 and shown["zones"] == "Europe/Berlin"
