"""State tables: each machine is one table from which buttons, API errors, docs and tests derive.

A change is one conditional UPDATE (`… WHERE state = old`) and an audit row in the same transaction. Zero rows
changed means that someone else was first, which is `Refused`.
"""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any, overload

from django.db import models, transaction
from django.utils.functional import Promise

from outreach.core.audit import record, record_alike
from outreach.core.errors import Refused
from outreach.core.models import Actor
from outreach.core.words import gettext as _

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
    """A named table of states. `initial` is the state of a new row.

    States and named sets are attributes: `MESSAGE.UNKNOWN` is one state, `MESSAGE.waiting` a set of them.
    """

    name: str
    initial: str
    states: Mapping[str, State]
    field: str = "state"
    sets: Mapping[str, tuple[str, ...]] = dataclasses.field(default_factory=dict)
    """Named sets of states. Every question about several states has its name here."""

    def __post_init__(self) -> None:
        named = {t for s in self.states.values() for t in s.to} | {n for names in self.sets.values() for n in names}
        unknown = named - set(self.states)
        if unknown or self.initial not in self.states:
            raise ValueError(f"state machine {self.name}: unknown states {sorted(unknown) or self.initial}")

    def __getattr__(self, name: str) -> Any:
        if not name.startswith("_") and name not in ("sets", "states"):
            if name in self.sets:
                return self.sets[name]
            if name.isupper() and name.lower() in self.states:
                return name.lower()
        raise AttributeError(name)

    def predicate(self, *names: str) -> Predicate:
        """A property of the model: whether a row is in one of these states. `is_over = JOB.predicate(*JOB.over)`."""
        if unknown := set(names) - set(self.states):
            raise ValueError(f"state machine {self.name}: unknown states {sorted(unknown)}")
        return Predicate(self.field, frozenset(names))

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
        allowed = [s for s in self.sources(to) if sources is None or s in sources]
        old = getattr(row, self.field)
        if old not in allowed:
            raise Refused(
                _("This is now “%(old)s” and can't become “%(new)s”. Reload the page to see the latest.")
                % {"old": self.states[old].label, "new": self.states[to].label},
                code="transition_not_allowed",
            )
        with transaction.atomic(savepoint=False):
            changed = (
                type(row)
                ._default_manager.filter(pk=row.pk, **{self.field: old})
                .update(**{self.field: to, **(changes or {})})
            )
            if changed:
                record(f"{self.name}.{to}", subject=row, actor=actor, reason=reason, data={"from": old, "to": to})
        if not changed:
            raise Refused(
                _("Someone else changed this %(machine)s first. Reload the page to see the latest version.")
                % {"machine": self.name},
                code="changed_meanwhile",
            )
        setattr(row, self.field, to)
        for name, value in (changes or {}).items():
            setattr(row, name, value)

    def move_where(
        self,
        rows: models.QuerySet[Any],
        to: str,
        *,
        actor: Actor | None,
        reason: str = "",
        sources: Iterable[str] | None = None,
        changes: Mapping[str, Any] | None = None,
    ) -> list[int]:
        """Move every row of `rows` that may go to `to` in one UPDATE; the primary keys of those that moved.

        Rows in another state stay as they are. One audit row each is written in the same transaction; `actor` is None
        for rows that keep their own trail (message events), which the caller writes.
        """
        allowed = [s for s in self.sources(to) if sources is None or s in sources]
        with transaction.atomic(savepoint=False):
            found = rows.filter(**{f"{self.field}__in": allowed}).order_by("pk").select_for_update(of=("self",))
            ids: list[int] = list(found.values_list("pk", flat=True))
            rows.model._default_manager.filter(pk__in=ids).update(**{self.field: to, **(changes or {})})
            if actor is not None:
                record_alike(
                    f"{self.name}.{to}", model=rows.model, ids=ids, actor=actor, reason=reason, data={"to": to}
                )
        return ids

    def constraint(self) -> models.CheckConstraint:
        """The database's own guard: the column holds a state of this table."""
        return one_of(self.field, list(self.states))


@dataclass(frozen=True)
class Predicate:
    """Whether a row's state is one of `states`; read on the row, as a property."""

    field: str
    states: frozenset[str]

    @overload
    def __get__(self, row: None, owner: type) -> Predicate: ...
    @overload
    def __get__(self, row: models.Model, owner: type) -> bool: ...
    def __get__(self, row: models.Model | None, owner: type) -> Predicate | bool:
        return self if row is None else getattr(row, self.field) in self.states


def one_of(column: str, values: Iterable[Any]) -> models.CheckConstraint:
    """A constraint of a model: `column` holds one of `values` (strings or the pairs of a `choices`)."""
    known = sorted({str(value[0] if isinstance(value, tuple) else value) for value in values})
    return models.CheckConstraint(
        condition=models.Q(**{f"{column}__in": known}), name=f"%(app_label)s_%(class)s_{column}_known"
    )


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
