"""Criteria → SQL predicate with named parameters, over `l` (leads_lead) and `c` (leads_company, LEFT JOIN). Pure.

Column expressions come from the registry and values from parameters, never from each other: no text that a user wrote
becomes SQL. Only positive comparisons are compiled; a negation is `IS NOT TRUE`, so that “is not” also holds where
nothing is known, and so that a predicate is never NULL inside another negation.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from leads.segments import fields, lexicon
from leads.segments.canonical import canonical
from leads.segments.fields import Type
from leads.segments.schema import Condition, Group, Node, parse

NUMERIC_TEXT = r"\A[ ]*-?[0-9]{1,15}(\.[0-9]{1,15})?[ ]*\Z"
"""Attribute texts that are compared as numbers."""


TITLE = "l.title_key"
Titles = Callable[[str, dict[str, Any]], list[str] | None]


@dataclass(frozen=True)
class Predicate:
    """The text after WHERE, and the values of its `%(p0)s` parameters (JSON-able unless a moment was given)."""

    sql: str
    parameters: dict[str, Any]


@dataclass
class _Parameters:
    values: dict[str, Any] = field(default_factory=dict)
    titles: Titles | None = None
    listed: int | None = None

    def add(self, value: Any) -> str:
        name = f"p{len(self.values)}"
        self.values[name] = value
        return f"%({name})s"


def compile_criteria(
    criteria: dict[str, Any] | Node,
    *,
    now: datetime | None = None,
    titles: Titles | None = None,
    listed: int | None = None,
) -> Predicate:
    """The predicate of `criteria`. Raises `Invalid` for anything outside the language.

    Relative dates (“within the last 60 days”) count from the server's clock; `now` counts from that moment instead.
    `titles` looks words up in the dictionary of titles (SQL over `t`, parameters → titles, None for too many): for
    queries over all leads, which the planner then judges by the very titles that are wanted. More than
    `listed` are hashed instead, because judging each costs the planner more than it saves; so are too many to be
    fetched, within the query (`IS TRUE` keeps the planner from joining what it takes for rare).
    """
    node = parse(criteria) if isinstance(criteria, dict) else criteria
    parameters = _Parameters(titles=titles, listed=listed)
    moment = "now()"
    if now is not None and _is_relative(canonical(node)):
        parameters.values["now"] = now
        moment = "%(now)s::timestamptz"
    sql = _compile(canonical(node), parameters, moment)
    return Predicate(sql, parameters.values)


def shown(predicate: Predicate) -> str:
    """The predicate with its values in place, for reading only: never to be executed."""
    text = predicate.sql
    for name in sorted(predicate.parameters, key=len, reverse=True):
        value = predicate.parameters[name]
        text = text.replace(f"%({name})s", json.dumps(value, ensure_ascii=False, default=str))
    return text


def _is_relative(node: Node) -> bool:
    if isinstance(node, Group):
        return any(_is_relative(entry) for entry in node.entries)
    return node.operator == "within_days"


def _compile(node: Node, parameters: _Parameters, moment: str) -> str:
    if isinstance(node, Group):
        parts = [_compile(entry, parameters, moment) for entry in node.entries]
        if node.match == "not":
            return f"({parts[0]}) IS NOT TRUE"
        word = " AND " if node.match == "all" else " OR "
        return word.join(f"({part})" for part in parts)
    found = fields.find(node.field)
    assert found is not None, "checked by the schema"
    return _Leaf(found, node, parameters, moment).sql()


@dataclass
class _Leaf:
    """One condition on its way to SQL."""

    field: fields.Field
    condition: Condition
    parameters: _Parameters
    moment: str

    def sql(self) -> str:
        compiled: str = getattr(self, f"_{self.condition.operator}")()
        lookup = self.parameters.titles
        if lookup and self.field.column == TITLE and self.condition.operator in {"any_of", "contains", "starts_with"}:
            fitting = lookup(compiled.replace(TITLE, "t.title_key"), self.parameters.values)
            if fitting is not None:
                given = f"{self.parameters.add(fitting)}::text[]"
                is_short = self.parameters.listed is None or len(fitting) <= self.parameters.listed
                return f"{TITLE} = ANY({given})" if is_short else f"({TITLE} IN (SELECT unnest({given}))) IS TRUE"
            inner = compiled.replace(TITLE, "t.title_key")
            return f"({TITLE} IN (SELECT t.title_key FROM leads_title t WHERE {inner})) IS TRUE"  # noqa: S608 - column texts of the registry
        return compiled

    def _text(self) -> str:
        """SQL of the value as text in the form that is compared."""
        if self.field.type is Type.JSON:
            return f'lower({self._raw()} COLLATE "default")'
        return self.field.column

    def _raw(self) -> str:
        return f"({self.field.column} ->> {self.parameters.add(self.field.attribute)})"

    def _number(self) -> str:
        if self.field.type is Type.JSON:
            raw, form = self._raw(), self.parameters.add(NUMERIC_TEXT)
            return f"(CASE WHEN {raw} ~ {form} THEN {raw}::double precision END)"
        return self.field.column

    def _add(self, value: Any = None) -> str:
        return self.parameters.add(self.condition.value if value is None else value)

    def _equals(self) -> str:
        column = f"({self.field.column})"
        return f"{column} IS {'TRUE' if self.condition.value else 'FALSE'}"

    def _in(self) -> str:
        values: Any = self.condition.value
        texts = [str(v).lower() if isinstance(v, bool) else v for v in values if isinstance(v, bool | str)]
        numbers = [float(v) for v in values if not isinstance(v, bool | str)]
        parts = []
        if self.field.name == "lead.batch":
            parts.append(f"{self.field.column} = ANY({self._add([int(v) for v in texts])}::bigint[])")
        elif len(texts) == 1:
            parts.append(f"{self._text()} = {self._add(texts[0])}")
        elif texts:
            parts.append(f"{self._text()} = ANY({self._add(texts)}::text[])")
        if numbers:
            parts.append(f"{self._number()} = ANY({self._add(numbers)}::double precision[])")
        return parts[0] if len(parts) == 1 else " OR ".join(f"({part})" for part in parts)

    def _contains(self) -> str:
        return f"{self._text()} LIKE {self._add('%' + _escaped(self.condition.value) + '%')}"

    def _starts_with(self) -> str:
        return f"{self._text()} LIKE {self._add(_escaped(self.condition.value) + '%')}"

    def _any_of(self) -> str:
        """A cheap substring search first, the word boundaries after it."""
        words: Any = self.condition.value
        text = self._text()
        near = [f"%{_escaped(part)}%" for part in lexicon.substrings(words)]
        return f"{text} LIKE ANY({self._add(near)}::text[]) AND {text} ~ {self._add(lexicon.pattern(words))}"

    def _gt(self) -> str:
        return f"{self._number()} > {self._add()}"

    def _gte(self) -> str:
        return f"{self._number()} >= {self._add()}"

    def _lt(self) -> str:
        return f"{self._number()} < {self._add()}"

    def _lte(self) -> str:
        return f"{self._number()} <= {self._add()}"

    def _before(self) -> str:
        return f"{self.field.column} < {self._add()}::date::timestamp AT TIME ZONE 'UTC'"

    def _after(self) -> str:
        return f"{self.field.column} >= {self._add()}::date::timestamp AT TIME ZONE 'UTC'"

    def _within_days(self) -> str:
        return f"{self.field.column} >= {self.moment} - make_interval(days => {self._add()}::int)"

    def _has_any_tag(self) -> str:
        return f"{self.field.column} && {self._add()}::text[]"

    def _exists(self) -> str:
        match self.field.type:
            case Type.TAGS:
                return f"cardinality({self.field.column}) > 0"
            case Type.JSON:
                return f"{self._raw()} <> ''"
            case Type.NUMBER | Type.DATE | Type.BOOLEAN:
                return f"{self.field.column} IS NOT NULL"
            case _:
                column = self.field.column
                return f"{column} IS NOT NULL" if self.field.name == "lead.batch" else f"{column} <> ''"


def _escaped(value: Any) -> str:
    """`value` with the wildcards of LIKE taken literally."""
    return str(value).replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
