"""Never a dead end: every state with every reason says what is happening, why, and offers one button."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse

from campaigns.models import CAMPAIGN, Campaign
from campaigns.overview.situation import situation
from campaigns.overview.terms import Action, Facts, Obstacle, Stuck, moment
from campaigns.overview.views import shown

NOW = datetime(2027, 5, 2, 10, 0, tzinfo=UTC)
"""A Sunday."""
MONDAY = datetime(2027, 5, 3, 9, 0, tzinfo=UTC)
EVERYONE = {"matching": 17, "suppressed": 0, "unreachable": 0, "elsewhere": 0}
BRIEF = {"brief": "Revenue", "brief_number": 7}
OBSTACLE = Obstacle(
    "Step 1: the sender “Ada” is not active.", Action("Verify the sender", page="senders:detail", number=3)
)
STUCK = Stuck("Ada", "It is “Paused”. Too many bounces.", 3)
UNVERIFIED = Stuck("Ada", "It is “Not verified”.", 3, is_unverified=True)

BEFORE = [
    ("no audience yet", {"is_frozen": False, "segment": "CTOs"}, "CTOs", "Find the people"),
    ("no one matches", {"segment": "CTOs", "segment_number": 4}, "No one matches “CTOs”", "Change the segment"),
    (
        "all suppressed",
        {"left_out": {**EVERYONE, "suppressed": 17}, "segment_number": 4},
        "17 opted out",
        "Change the segment",
    ),
    (
        "no address",
        {"left_out": {**EVERYONE, "unreachable": 17}, "segment_number": 4},
        "17 have no usable",
        "Change the segment",
    ),
    (
        "all elsewhere",
        {"left_out": {**EVERYONE, "elsewhere": 17}, "segment_number": 4},
        "17 are in another",
        "Take them anyway",
    ),
    ("waits for the brief", {"stages": {"matched": 17}, **BRIEF}, "Revenue", "Qualify"),
    (
        "no model for the brief",
        {"stages": {"matched": 17}, **BRIEF, "is_model_missing": True},
        "none is set up",
        "Qualify",
    ),
    ("brief changed", {"stages": {"disqualified": 17}, **BRIEF, "is_brief_changed": True}, "was changed", "Qualify"),
    (
        "no one qualified",
        {"stages": {"disqualified": 17}, **BRIEF, "refusal": "Country is DE, wanted US."},
        "Country is DE",
        "Change the brief",
    ),
    (
        "all unclear",
        {"stages": {"shortlisted": 5, "disqualified": 12}, **BRIEF},
        "Too little is known about 5",
        "Decide unclear cases",
    ),
    ("no offer", {"stages": {"qualified": 17}, "has_offer": False}, "offer", "Write the offer"),
    ("no drafts", {"stages": {"qualified": 17}}, "17 people have no draft", "Write drafts"),
    ("writing failed", {"stages": {"qualified": 17}, "failed": 17, "problem": "No name."}, "No name.", "Try again"),
    (
        "writing stopped",
        {"stages": {"qualified": 17}, "job_error": "The model is down."},
        "The model is down.",
        "Try again",
    ),
    ("drafts unread", {"stages": {"drafted": 17}, "unread": 17}, "17 people", "Review drafts"),
    (
        "some unread",
        {"stages": {"drafted": 16, "approved": 1}, "unread": 16},
        "16 people's drafts are not reviewed",
        "Review the rest",
    ),
    ("all approved", {"stages": {"approved": 17}}, "17 people are approved", "Start sending"),
    ("sender unverified", {"stages": {"approved": 17}, "obstacles": (OBSTACLE,)}, "not active", "Verify the sender"),
    (
        "two obstacles",
        {"stages": {"approved": 17}, "obstacles": (OBSTACLE, OBSTACLE)},
        "1 more problem",
        "Verify the sender",
    ),
    (
        "everyone excluded",
        {"stages": {"excluded": 17}, "left_out": EVERYONE, "segment_number": 4},
        "",
        "Change the segment",
    ),
    ("writing", {"stages": {"qualified": 17}, "working_on": "Writing drafts: 4 of 17"}, "by itself", "See the people"),
    (
        "writing, some ready",
        {"stages": {"drafted": 4}, "unread": 4, "working_on": "Writing drafts"},
        "already",
        "Review drafts",
    ),
]
RUNNING = {
    "contacted": 10,
    "stages": {"approved": 7, "contacted": 10},
    "planned": 7,
    "plans_first": True,
    "next_at": NOW + timedelta(hours=1),
}
SENDING = [
    (
        "a daily campaign without a model",
        {"is_daily": True, "contacted": 3, "waits_because": "openai/gpt: the spend cap of $5.00 a day is reached"},
        "the spend cap of $5.00 a day is reached. It is tried again every hour.",
        "Try again now",
    ),
    (
        "going while new people wait for a model",
        {**RUNNING, "is_daily": True, "waits_because": "openai/gpt: 503"},
        "New people wait for a model: openai/gpt: 503.",
        "See what leaves next",
    ),
    ("going", RUNNING, "10 contacted", "See what leaves next"),
    ("closed until Monday", {**RUNNING, "next_at": MONDAY, "held_by": "hours"}, "Monday 09:00", "Send now"),
    (
        "follow-ups closed until Monday",
        {**RUNNING, "plans_first": False, "next_at": MONDAY, "held_by": "hours"},
        "Monday 09:00",
        "See what leaves next",
    ),
    (
        "starts on Monday",
        {**RUNNING, "next_at": MONDAY, "held_by": "start", "why_held": "Not before its date."},
        "Not before",
        "See what leaves next",
    ),
    (
        "quota used up",
        {**RUNNING, "held_by": "quota", "why_held": "Used up: 15 of 15."},
        "Limit reached: continues 11:00. Used up: 15 of 15.",
        "See what leaves next",
    ),
    (
        "the gap between two messages",
        {**RUNNING, "held_by": "quota", "next_at": NOW + timedelta(minutes=2), "why_held": "3 of 20."},
        "Sending: next message 10:02. 3 of 20.",
        "See what leaves next",
    ),
    (
        "due, held by something",
        {**RUNNING, "next_at": NOW, "held_by": "other", "why_held": "The mailbox was not read."},
        "mailbox",
        "See what leaves next",
    ),
    ("sender paused", {**RUNNING, "stuck": STUCK}, "Too many bounces", "Open the sender"),
    ("sender unverified", {**RUNNING, "stuck": UNVERIFIED}, "Not verified", "Verify the sender"),
    (
        "sender deleted",
        {**RUNNING, "stuck": Stuck("Ada", "It is “Stopped”. Deleted.", 3)},
        "Deleted",
        "Open the sender",
    ),
    ("replies wait", {**RUNNING, "answers_waiting": 2}, "2 replies wait", "Answer"),
    ("drafts unread", {**RUNNING, "unread": 33}, "33 people's drafts", "Review drafts"),
    ("waiting for replies", {"contacted": 10}, "Everyone approved was contacted", "Open the inbox"),
    ("nothing at all", {"stages": {"excluded": 10}}, "Nothing is approved", "See the people"),
    ("planning", {**RUNNING, "working_on": "Planning messages"}, "by itself", "See the people"),
]
OTHERS = [
    ("paused", "paused", {**RUNNING, "paused_because": "Ann paused it. Holiday"}, "Holiday", "Resume"),
    ("paused, sender stuck", "paused", {**RUNNING, "stuck": STUCK}, "7 planned messages wait", "Resume"),
    (
        "completed",
        "completed",
        {"contacted": 49, "replied": 9, "booked": 2},
        "9 replied, 2 booked",
        "See the results",
    ),
    ("completed, no one contacted", "completed", {}, "No one was contacted", "See the results"),
    ("archived", "archived", {"contacted": 40, "replied": 3}, "3 replied", "See the results"),
]
DAILY = [
    ("daily, not started", "drafting", {"is_daily": True, "is_frozen": False, "segment": "CTOs"}, "CTOs", "Start"),
    ("daily, sender unverified", "drafting", {"is_daily": True, "obstacles": (OBSTACLE,)}, "not active", "Verify the sender"),
    ("daily, nothing planned", "sending", {"is_daily": True}, "every hour", "Look for today's best now"),
]  # fmt: skip
TABLE = [
    *((f"{state}: {name}", state, facts, words, button) for state in CAMPAIGN.editable for name, facts, words, button in BEFORE),
    *((f"sending: {name}", "sending", facts, words, button) for name, facts, words, button in SENDING),
    *OTHERS,
    *DAILY,
]  # fmt: skip


@pytest.mark.parametrize(("name", "state", "facts", "words", "button"), TABLE, ids=[row[0] for row in TABLE])
def test_every_state_and_reason_says_one_thing_and_offers_one_button(name, state, facts, words, button):
    found = situation(Facts(state=state, **facts), now=NOW)
    assert found.action.label == button
    assert words in f"{found.title}. {found.text}"
    assert found.title and found.text and not found.title.endswith(".")
    for action in (found.action, *found.others):
        assert shown(action, Campaign(pk=5)).url.startswith("/")
        assert bool(action.post) != bool(action.page)


def test_the_table_has_every_state():
    assert {row[1] for row in TABLE} == set(CAMPAIGN.states)


def test_where_a_brief_refused_everyone_they_can_all_be_taken():
    found = situation(Facts(state="drafting", stages={"disqualified": 17}, brief="Revenue", brief_number=7), now=NOW)
    assert shown(found.action, Campaign(pk=5)).url == reverse("briefs:edit", args=[7])
    assert [other.label for other in found.others] == ["Take everyone"] and found.others[0].confirm


def test_outside_its_hours_a_campaign_can_send_now_or_open_wider():
    facts = Facts(state="sending", planned=7, plans_first=True, next_at=MONDAY, held_by="hours")
    found = situation(facts, now=NOW)
    assert (found.action.post, found.others[0].post) == ("campaigns:send-now", "campaigns:widen-hours")
    soon = situation(replace(facts, next_at=NOW + timedelta(minutes=5)), now=NOW)
    assert soon.action.page == "campaigns:timeline", "a wait of minutes needs no button"


def test_a_start_while_drafts_are_unread_says_for_how_many_and_asks():
    found = situation(Facts(state="ready", stages={"approved": 4, "drafted": 13}, unread=13), now=NOW)
    (start,) = found.others
    assert start.label == "Start with 4 people" and "13 people's drafts" in start.confirm


def test_times_are_told_as_one_says_them():
    assert moment(NOW + timedelta(hours=8, minutes=15), NOW) == "18:15"
    assert moment(MONDAY, NOW) == "Monday 09:00"
    assert moment(NOW + timedelta(days=30), NOW) == "1 Jun 10:00"
