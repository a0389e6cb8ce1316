"""Badges, times and figures of the design."""

from __future__ import annotations

import datetime as dt

import pytest
import time_machine
from django.template import Context, Template
from django.test import RequestFactory
from django.utils import timezone

from outreach.core.templatetags.outreach import ago, compact, day, initials, percent, state_badge
from outreach.jobs.models import Job

NOON = dt.datetime(2026, 3, 2, 12, tzinfo=dt.UTC)


def render(source, **context):
    return Template("{% load outreach %}" + source).render(Context(context))


def test_a_badge_has_the_label_and_colour_of_the_state():
    assert state_badge(Job(state="failed")) == '<span class="status is-red">Failed</span>'


def test_an_unknown_state_is_shown_as_it_is():
    assert state_badge(Job(state="odd")) == '<span class="status is-grey">odd</span>'


def test_text_in_badges_is_escaped():
    assert "<b>" not in render("{% badge text 'blue' %}", text="<b>")


@pytest.mark.parametrize(
    ("shift", "words"),
    [
        (-30, "just now"),
        (-300, "5 minutes ago"),
        (-90_000, "1 day ago"),
        (7200, "in 2 hours"),
        (20, "in a moment"),
    ],
)
def test_times_are_told_from_now(shift, words):
    with time_machine.travel(NOON, tick=False):
        assert f">{words}</time>" in ago(NOON + dt.timedelta(seconds=shift))


def test_no_time_is_a_dash():
    assert ago(None) == "—"


@pytest.mark.parametrize(
    ("part", "whole", "text"),
    [(1, 3, "33%"), (1, 300, "0.3%"), (0, 5, "0%"), (1, 0, "—"), (0.5, None, "50%"), (None, 3, "—")],
)
def test_percentages(part, whole, text):
    assert percent(part, whole) == text


@pytest.mark.parametrize(
    ("number", "text"),
    [(0, "0"), (9999, "9,999"), (12_000, "12k"), (12_340, "12.3k"), (1_234_567, "1.2M"), (None, "—")],
)
def test_compact_numbers(number, text):
    assert compact(number) == text


def test_initials():
    assert [initials(name) for name in ("Ada Lovelace", "olga", "a.b@c", "", "…")] == ["AL", "O", "AB", "?", "?"]


def test_a_meter_has_no_inline_style_and_a_name():
    bar = render("{% meter 3 4 'Sent' 'green' %}")
    assert 'aria-label="Sent"' in bar
    assert "style" not in bar


def paged(query, tag, **context):
    return render(tag, request=RequestFactory().get(f"/outbox/?{query}"), **context)


def test_the_pager_goes_on_and_keeps_what_the_page_is_filtered_by():
    html = paged("tab=done&before=9", "{% pager before=next_before %}", next_before=4)
    assert 'href="?tab=done&amp;before=4"' in html and "Older" in html


def test_the_pager_names_what_the_page_chose_by_itself():
    assert 'href="?tab=waiting&amp;after=7%3A3"' in paged("", '{% pager after="7:3" tab="waiting" %}')


def test_the_last_page_has_no_pager():
    assert paged("tab=done", "{% pager before=next_before tab=tab %}", next_before=None, tab="done").strip() == ""


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, "—"),
        (dt.date(2026, 11, 30), "30 Nov 2026"),
        (dt.datetime(2026, 11, 30, 23, 30, tzinfo=dt.UTC), "1 Dec 2026"),
    ],
)
def test_a_day_is_the_viewers(value, expected):
    with timezone.override("Europe/Berlin"):
        assert day(value) == expected
