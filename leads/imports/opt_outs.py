"""Where opt-outs that a list brings are handed over: this wing knows leads, the wing above knows what may be said."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from leads.imports.columns.opt_outs import OptOut
from outreach.core.models import Actor
from outreach.core.registry import Point

OPT_OUTS: Point[Callable[[Sequence[OptOut], Actor], None]] = Point("imported opt-outs")
"""Called before the leads of the list are written, so that none of them can be written to for a moment."""


def hand_over(opt_outs: Sequence[OptOut], *, actor: Actor) -> None:
    """Tell those who keep opt-outs. Repeating it changes nothing."""
    for take in OPT_OUTS.entries():
        take(opt_outs, actor)
