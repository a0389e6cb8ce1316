"""The walk through the steps of a campaign, without a database."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.journey.walk import Behind, Past, Planned, behind_of, next_step

AT = datetime(2030, 1, 7, 9, tzinfo=UTC)
LATER = AT + timedelta(days=3)
MAIL, FOLLOW_UP, LAST = Planned(1, 1), Planned(2, 2), Planned(3, 3)
TASK = Planned(2, 2, is_task=True)
IF_BOUNCED = Planned(2, 2, condition="bounced")
LEFT = Past("handed_over", "left", AT)


@pytest.mark.parametrize(
    ("plan", "history", "state", "number", "behind"),
    [
        ([MAIL], {}, "over", None, Behind()),
        ([MAIL], {1: Past("undecided")}, "undecided", 1, Behind()),
        ([MAIL], {1: Past("approved")}, "ready", 1, Behind()),
        ([MAIL, FOLLOW_UP], {1: Past("handed_over", "under_way"), 2: Past("approved")}, "under_way", 1, Behind()),
        ([MAIL, FOLLOW_UP], {1: LEFT, 2: Past("approved")}, "ready", 2, Behind(1, AT, AT)),
        ([MAIL, FOLLOW_UP], {2: Past("approved")}, "early", 2, Behind()),
        ([MAIL, FOLLOW_UP, LAST], {1: LEFT, 3: Past("approved")}, "ready", 3, Behind(1, AT, AT)),
        ([MAIL, TASK], {1: LEFT}, "ready", 2, Behind(1, AT, AT)),
        ([MAIL, TASK], {1: LEFT, 2: Past(turn="open", due_at=LATER)}, "open", 2, Behind(1, AT, AT)),
        (
            [MAIL, TASK, LAST],
            {1: LEFT, 2: Past(turn="done", settled_at=LATER), 3: Past("approved")},
            "ready",
            3,
            Behind(1, LATER, AT),
        ),
        (
            [MAIL, FOLLOW_UP, LAST],
            {1: LEFT, 2: Past("undecided", turn="skipped", due_at=LATER), 3: Past("approved")},
            "ready",
            3,
            Behind(1, LATER, AT),
        ),
        ([MAIL, IF_BOUNCED], {1: LEFT, 2: Past("approved")}, "over", None, Behind(1, AT, AT)),
        (
            [MAIL, IF_BOUNCED],
            {1: Past("handed_over", "bounced", AT), 2: Past("approved")},
            "ready",
            2,
            Behind(None, AT, AT),
        ),
        ([MAIL, FOLLOW_UP], {1: Past("handed_over", "bounced", AT), 2: Past("approved")}, "stopped", 1, Behind()),
    ],
)
def test_the_walk_stops_where_something_is_open(plan, history, state, number, behind):
    found = next_step(plan, history)
    assert (found.state, found.step.number if found.step else None, found.behind) == (state, number, behind)


def test_a_turn_that_came_up_knows_what_lies_behind_it():
    plan = [MAIL, Planned(2, 2, condition="opened"), LAST]
    history = {1: LEFT, 2: Past("approved", turn="waiting", due_at=LATER), 3: Past("approved")}
    assert next_step(plan, history).state == "waiting"
    assert behind_of(plan[1], plan, history) == Behind(1, AT, AT)


moments = st.integers(0, 100).map(lambda n: AT + timedelta(hours=n))
pasts = st.one_of(
    st.builds(Past, st.sampled_from(["", "undecided", "approved"])),
    st.builds(Past, st.just("handed_over"), st.sampled_from(["under_way", "left", "bounced"]), moments),
    st.builds(
        Past,
        st.sampled_from(["", "approved", "handed_over"]),
        turn=st.sampled_from(["waiting", "open", "done", "skipped", "cancelled"]),
        due_at=moments,
        settled_at=moments,
    ),
)
plans = st.lists(
    st.tuples(st.booleans(), st.sampled_from(["always", "opened", "bounced"])), min_size=1, max_size=6
).map(
    lambda steps: [
        Planned(n, n, is_task, condition if n > 1 else "always") for n, (is_task, condition) in enumerate(steps, 1)
    ]
)


@given(plans, st.dictionaries(st.integers(1, 6), pasts))
def test_nothing_behind_the_next_step_is_still_open(plan, history):
    found = next_step(plan, history)
    earlier = plan if found.step is None else plan[: plan.index(found.step)]
    for step in earlier:
        past = history.get(step.key, Past())
        assert past.turn not in ("waiting", "open")
        assert (
            past.message != "under_way"
            or past.turn in ("skipped", "cancelled")
            or step.is_task
            or step.condition == "bounced"
        )
    if found.is_ready and found.step.number > 1:
        assert found.behind.anchor is not None
