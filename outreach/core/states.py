"""State tables: each machine is one table from which buttons, API errors, docs and tests derive.

A change is one conditional UPDATE (`… WHERE state = old`) and an audit row in the same transaction. Zero rows
changed means that someone else was first, which is `Refused`.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any

from django.db import models, transaction
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from outreach.core.errors import Refused

if TYPE_CHECKING:
    from outreach.core.models import Actor

Text = str | Promise


@dataclass(frozen=True)
class State:
    """One state: where it may go next, how it is shown, and which roles may bring a row into it by hand."""

    label: Text
    to: tuple[str, ...] = ()
    colour: str = "grey"
    """One of grey, blue, green, amber, red: the badge classes of the design."""
    roles: tuple[str, ...] = ()
    """Roles that may move a row here by hand; empty means that only the product itself does."""


@dataclass(frozen=True)
class StateMachine:
    """A named table of states. `initial` is the state of a new row."""

    name: str
    initial: str
    states: Mapping[str, State]
    field: str = field(default="state")

    def __post_init__(self) -> None:
        unknown = {t for s in self.states.values() for t in s.to} - set(self.states)
        if unknown or self.initial not in self.states:
            raise ValueError(f"state machine {self.name}: unknown states {sorted(unknown) or self.initial}")

    @cached_property
    def choices(self) -> list[tuple[str, Text]]:
        """(value, label) pairs for a model field."""
        return [(name, state.label) for name, state in self.states.items()]

    @cached_property
    def terminal(self) -> frozenset[str]:
        """States that cannot be left."""
        return frozenset(name for name, state in self.states.items() if not state.to)

    def sources(self, to: str) -> tuple[str, ...]:
        """The states from which `to` may be reached."""
        return tuple(name for name, state in self.states.items() if to in state.to)

    def allows(self, old: str, new: str) -> bool:
        return new in self.states[old].to

    def next_by_hand(self, state: str, role: str) -> list[tuple[str, State]]:
        """What a person with `role` may do with a row in `state`: the buttons."""
        return [(n, self.states[n]) for n in self.states[state].to if role in self.states[n].roles]

    def move(
        self,
        row: models.Model,
        to: str,
        *,
        actor: Actor,
        reason: str = "",
        sources: Iterable[str] | None = None,
        changes: Mapping[str, Any] | None = None,
    ) -> None:
        """Move one row to `to` and write the audit row; `changes` are more columns set in the same UPDATE.

        `row` is refreshed in place. Raises `Refused` when the table forbids it or someone else was first.
        """
        from outreach.core.audit import record

        allowed = [s for s in self.sources(to) if sources is None or s in sources]
        old = getattr(row, self.field)
        if old not in allowed:
            raise Refused(
                _("%(machine)s cannot change from “%(old)s” to “%(new)s”.")
                % {"machine": self.name, "old": self.states[old].label, "new": self.states[to].label},
                code="transition_not_allowed",
            )
        with transaction.atomic():
            changed = (
                type(row)
                ._default_manager.filter(pk=row.pk, **{self.field: old})
                .update(**{self.field: to, **(changes or {})})
            )
            if not changed:
                raise Refused(
                    _("Someone else changed this %(machine)s first. Reload the page and try again.")
                    % {"machine": self.name},
                    code="changed_meanwhile",
                )
            record(f"{self.name}.{to}", subject=row, actor=actor, reason=reason, data={"from": old, "to": to})
        setattr(row, self.field, to)
        for name, value in (changes or {}).items():
            setattr(row, name, value)


@cache
def machine_of(model: type[models.Model]) -> StateMachine:
    """The machine behind a field of `model`; it is defined in the model's own module.

    Raises `LookupError` for a model without one.
    """
    for machine in vars(sys.modules[model.__module__]).values():
        if not isinstance(machine, StateMachine):
            continue
        for column in model._meta.fields:
            if column.name == machine.field and [c[0] for c in column.choices or ()] == list(machine.states):
                return machine
    raise LookupError(f"{model._meta.label} has no state machine")
