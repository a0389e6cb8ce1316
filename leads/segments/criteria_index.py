"""An index over many criteria: which of a thousand definitions each changed lead matches. Pure; numpy.

Instead of asking the database once a campaign, the columns that any of the criteria ask about are read once for the
changed leads, as the compiler's own SQL, and every distinct condition of all criteria is answered for every distinct
value of its column. Answers are kept as rows of bits (a bit a lead); groups are combined level by level with bitwise
AND, OR and NOT, so that the number of campaigns costs next to nothing and a condition that a hundred campaigns share
is answered once. Values are compared after the database has folded them, so the result is the SQL's, bit for bit.

Conditions on long texts are separate columns, which the database answers: reading the texts would cost more.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import numpy.typing as npt

from leads.segments import columns, fields, lexicon
from leads.segments.columns import Column
from leads.segments.fields import Type
from leads.segments.schema import Condition, Node, dump
from outreach.core.hashing import canonical_json

Flags = npt.NDArray[np.bool_]

KEPT_VALUES = 50_000
"""Answers kept a column: a value that was seen lately is not asked again."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_UNKNOWN = np.iinfo(np.int64).min


@dataclass
class _Values:
    """All conditions on one column whose answer depends on the value alone; `answers(value)` is a flag a condition."""

    leaves: list[tuple[int, Condition]] = field(default_factory=list)
    _kept: OrderedDict[Any, Flags] = field(default_factory=OrderedDict)
    _tests: list[Callable[[Any, Flags], None]] = field(default_factory=list)

    def prepare(self) -> None:
        """Arrange the conditions so that one value is answered at once."""
        exact: dict[Any, list[int]] = {}
        known: list[int] = []
        words = _Lexicons()
        texts: list[tuple[int, str, bool]] = []
        for place, (_row, condition) in enumerate(self.leaves):
            value: Any = condition.value
            match condition.operator:
                case "exists":
                    known.append(place)
                case "equals":
                    exact.setdefault(bool(value), []).append(place)
                case "in" | "has_any_tag":
                    for one in value:
                        exact.setdefault(one, []).append(place)
                case "any_of":
                    words.add(value, place)
                case "contains" | "starts_with":
                    texts.append((place, value, condition.operator == "contains"))
                case _:
                    raise AssertionError(f"no column of values has {condition.operator}")
        self._tests = []
        if exact:
            self._tests.append(_exact(exact))
        if known:
            self._tests.append(_known(known))
        if words.terms:
            self._tests.append(words.test)
        if texts:
            self._tests.append(_texts(texts))

    def answers(self, value: Any) -> Flags:
        found = self._kept.get(value)
        if found is not None:
            return found
        flags = np.zeros(len(self.leaves), dtype=bool)
        if value is not None:
            for test in self._tests:
                test(value, flags)
        self._kept[value] = flags
        if len(self._kept) > KEPT_VALUES:
            self._kept.popitem(last=False)
        return flags


def _exact(wanted: dict[Any, list[int]]) -> Callable[[Any, Flags], None]:
    def test(value: Any, flags: Flags) -> None:
        for one in value if isinstance(value, tuple) else (value,):
            places = wanted.get(one)
            if places is not None:
                flags[places] = True

    return test


def _known(places: list[int]) -> Callable[[Any, Flags], None]:
    def test(value: Any, flags: Flags) -> None:
        if value not in ("", ()):
            flags[places] = True

    return test


def _texts(wanted: list[tuple[int, str, bool]]) -> Callable[[Any, Flags], None]:
    def test(value: Any, flags: Flags) -> None:
        for place, text, is_inside in wanted:
            if text in value if is_inside else value.startswith(text):
                flags[place] = True

    return test


class _Lexicons:
    """The words of all lexicons on one column: a text is only compared with terms of which it has a word."""

    def __init__(self) -> None:
        self.terms: dict[str, list[int]] = {}
        self._by_word: dict[str, list[str]] = {}
        self._always: list[tuple[str, str]] = []

    def add(self, terms: Sequence[Any], place: int) -> None:
        for raw in terms:
            term = lexicon.clean(str(raw))
            if not lexicon.is_usable(term):
                continue
            if term not in self.terms:
                whole = lexicon.whole_words(term)
                if whole:
                    self._by_word.setdefault(max(whole, key=len), []).append(term)
                else:
                    self._always.append((term, lexicon.substrings([term])[0]))
            self.terms.setdefault(term, []).append(place)

    def test(self, value: Any, flags: Flags) -> None:
        for word in set(lexicon.words(value)):
            for term in self._by_word.get(word, ()):
                if lexicon.find_cleaned(term, value):
                    flags[self.terms[term]] = True
        for term, part in self._always:
            if part in value and lexicon.find_cleaned(term, value):
                flags[self.terms[term]] = True


@dataclass
class _Bounds:
    """All comparisons of one column of numbers or moments."""

    is_date: bool
    rows: dict[str, list[int]] = field(default_factory=dict)
    limits: dict[str, list[Any]] = field(default_factory=dict)

    def add(self, row: int, condition: Condition) -> None:
        value: Any = condition.value
        match condition.operator:
            case "before" | "after":
                value = _microseconds(datetime.combine(date.fromisoformat(str(value)), datetime.min.time(), tzinfo=UTC))
            case "within_days":
                value = round(timedelta(days=value).total_seconds() * 1_000_000)
            case "in":
                for one in value:
                    self._put("eq", row, float(one))
                return
            case "exists":
                value = 0
            case "gt" | "gte" | "lt" | "lte":
                value = float(value)
            case _:
                raise AssertionError(f"no column of numbers has {condition.operator}")
        self._put(condition.operator, row, value)

    def _put(self, operator: str, row: int, value: Any) -> None:
        self.rows.setdefault(operator, []).append(row)
        self.limits.setdefault(operator, []).append(value)

    def answer(self, values: Sequence[Any], now: datetime, state: Flags) -> None:
        """Set the rows of `state` (conditions × leads)."""
        if self.is_date:
            found = np.array([_UNKNOWN if v is None else _microseconds(v) for v in values], dtype=np.int64)
            known = found != _UNKNOWN
        else:
            found = np.array([np.nan if v is None else float(v) for v in values], dtype=np.float64)
            known = ~np.isnan(found)
        for operator, rows in self.rows.items():
            limits = np.array(self.limits[operator], dtype=found.dtype)[:, None]
            match operator:
                case "exists":
                    flags = np.broadcast_to(known, (len(rows), len(values)))
                case "gt":
                    flags = found > limits
                case "gte" | "after":
                    flags = found >= limits
                case "lt" | "before":
                    flags = found < limits
                case "lte":
                    flags = found <= limits
                case "eq":
                    flags = found == limits
                case _:  # within_days
                    flags = found >= _microseconds(now) - limits
            met = flags & known
            if operator == "eq":  # a row may have several values
                for row, one in zip(rows, met, strict=True):
                    state[row] |= one
            else:
                state[rows] |= met


def _microseconds(moment: datetime) -> int:
    return (moment - _EPOCH) // timedelta(microseconds=1)


@dataclass(frozen=True)
class _Level:
    """Groups by level: rows to fill, rows to combine, where each group starts."""

    match: str
    rows: npt.NDArray[np.intp]
    children: npt.NDArray[np.intp]
    starts: npt.NDArray[np.intp]


class CriteriaIndex:
    """Definitions in canonical form, in the order given."""

    def __init__(self, nodes: Sequence[Node]) -> None:
        self._values: dict[Column, _Values] = {}
        self._bounds: dict[Column, _Bounds] = {}
        self._row_of: dict[bytes, int] = {}
        self._leaf_count = 0
        self._groups: list[tuple[int, str, list[bytes], int]] = []
        self._heights: dict[bytes, int] = {}
        leaves: dict[bytes, Condition] = {}
        groups: dict[bytes, tuple[str, list[bytes]]] = {}
        roots = [self._collect(node, leaves, groups) for node in nodes]
        for key, condition in leaves.items():
            self._row_of[key] = self._leaf_count
            self._add_leaf(self._leaf_count, condition)
            self._leaf_count += 1
        for values in self._values.values():
            values.prepare()
        self._levels = self._arrange(groups)
        self._roots = np.array([self._row_of[key] for key in roots], dtype=np.intp)
        self.columns: tuple[Column, ...] = tuple(dict.fromkeys([*self._values, *self._bounds]))

    def __len__(self) -> int:
        return len(self._roots)

    def _collect(
        self,
        node: Node,
        leaves: dict[bytes, Condition],
        groups: dict[bytes, tuple[str, list[bytes]]],
    ) -> bytes:
        key: bytes = canonical_json(dump(node))
        if isinstance(node, Condition):
            leaves[key] = node
            self._heights[key] = 0
        elif key not in groups:
            children = [self._collect(entry, leaves, groups) for entry in node.entries]
            groups[key] = (node.match, children)
            self._heights[key] = 1 + max(self._heights[child] for child in children)
        return key

    def _add_leaf(self, row: int, condition: Condition) -> None:
        """A list of texts and numbers asks two columns of an attribute; the row holds if either does."""
        found = fields.find(condition.field)
        assert found is not None, "checked by the schema"
        if found.is_long:
            asked = Condition.model_construct(field=condition.field, operator="equals", value=True)
            self._place(columns.answer(condition), row, asked)
            return
        if condition.operator == "in" and found.type is Type.JSON:
            value: Any = condition.value
            numbers = [v for v in value if not isinstance(v, bool | str)]
            texts = [str(v).lower() if isinstance(v, bool) else v for v in value if isinstance(v, bool | str)]
            parts = [(columns.number(found), numbers), (columns.text(found), texts)]
            for column, part in parts:
                if part:
                    self._place(column, row, condition.model_copy(update={"value": part}))
            return
        self._place(columns.of(found, condition.operator), row, condition)

    def _place(self, column: Column, row: int, condition: Condition) -> None:
        if column.kind in {"number", "date"}:
            self._bounds.setdefault(column, _Bounds(column.kind == "date")).add(row, condition)
            return
        if column.kind == "integer":
            value: Any = condition.value
            if condition.operator == "in":
                condition = condition.model_copy(update={"value": [int(v) for v in value]})
        self._values.setdefault(column, _Values()).leaves.append((row, condition))

    def _arrange(self, groups: dict[bytes, tuple[str, list[bytes]]]) -> list[_Level]:
        ordered = sorted(groups, key=lambda key: self._heights[key])
        for number, key in enumerate(ordered, self._leaf_count):
            self._row_of[key] = number
        levels: list[_Level] = []
        for height in sorted({self._heights[key] for key in ordered}):
            for match in ("all", "any", "not"):
                keys = [k for k in ordered if self._heights[k] == height and groups[k][0] == match]
                if not keys:
                    continue
                rows, children, starts = list[int](), list[int](), list[int]()
                for key in keys:
                    rows.append(self._row_of[key])
                    starts.append(len(children))
                    children.extend(self._row_of[child] for child in groups[key][1])
                levels.append(_Level(match, *(np.array(a, dtype=np.intp) for a in (rows, children, starts))))
        self._height = self._leaf_count + len(ordered)
        return levels

    def evaluate(self, values: Mapping[Column, Sequence[Any]], count: int, now: datetime) -> Flags:
        """definitions × leads, true where the lead meets the definition.

        `values` has for each of `columns` the values of all `count` leads, as the database folded them.
        """
        if not count or not len(self):
            return np.zeros((len(self), count), dtype=bool)
        state = np.zeros((self._leaf_count, count), dtype=bool)
        for column, asked in self._values.items():
            rows = np.array([row for row, _c in asked.leaves], dtype=np.intp)
            table, codes = _distinct(asked, values[column])
            state[rows] |= table.T[:, codes]
        for column, bounds in self._bounds.items():
            bounds.answer(values[column], now, state)
        bits = np.zeros((self._height, (count + 7) // 8), dtype=np.uint8)
        bits[: self._leaf_count] = np.packbits(state, axis=1)
        for level in self._levels:
            below = bits[level.children]
            if level.match == "not":
                bits[level.rows] = ~below
            elif level.match == "all":
                bits[level.rows] = np.bitwise_and.reduceat(below, level.starts, axis=0)
            else:
                bits[level.rows] = np.bitwise_or.reduceat(below, level.starts, axis=0)
        return np.unpackbits(bits[self._roots], axis=1, count=count).view(bool)


def _distinct(asked: _Values, values: Sequence[Any]) -> tuple[Flags, npt.NDArray[np.intp]]:
    """Answers of the distinct values, and which of them each lead has."""
    known: dict[Any, int] = {}
    codes = np.empty(len(values), dtype=np.intp)
    for i, value in enumerate(values):
        codes[i] = known.setdefault(value, len(known))
    return np.stack([asked.answers(value) for value in known]), codes
