"""`up --only`: what one of several machines runs."""

import pytest

from outreach.core.errors import Permanent
from outreach.jobs.policy import LANES
from outreach.ops.selection import Selection


@pytest.mark.parametrize(
    ("parts", "has_web", "lanes"),
    [
        ((), True, LANES),
        (("web",), True, ()),
        (("workers",), False, LANES),
        (("sms", "email"), False, ("email", "sms")),
        (("web", "llm"), True, ("llm",)),
        (("lane-web",), False, ("web",)),
    ],
)
def test_a_machine_runs_what_is_named(parts, has_web, lanes):
    selection = Selection(parts)
    assert (selection.has_web, selection.lanes) == (has_web, lanes)


def test_an_unknown_part_is_refused():
    with pytest.raises(Permanent, match="Unknown part “pigeons”"):
        Selection(("pigeons",))


def test_selections_on_one_machine_do_not_sweep_each_other():
    assert Selection(("web",)).name != Selection(("email",)).name != Selection().name
