"""Criteria as they are written: nested groups of conditions, checked against the registry. Pure.

    {"all": [
        {"field": "company.country", "operator": "in", "value": ["RU"]},
        {"any": [
            {"field": "lead.title", "operator": "any_of", "value": ["CTO", "Head of IT"]},
            {"field": "lead.tags", "operator": "has_tag", "value": "decision maker"}]},
        {"not": [{"field": "lead.status", "operator": "equals", "value": "client"}]}]}

`all`: every entry holds; `any`: at least one; `not`: none of them. Whatever is wrong is named by its place
(`all[1].any[0].value`) and by what to write instead.
"""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any, Literal

import orjson
from pydantic import BaseModel, ConfigDict, Field

from leads.segments import fields, lexicon
from leads.segments.fields import OPERATORS, Type, ValueKind
from outreach.core.errors import Invalid

MAX_DEPTH = 8
MAX_CONDITIONS = 200
MAX_VALUES = 500
MAX_TEXT = 200
MAX_DAYS = 36_500
MAX_NUMBER = 10**15
MATCHES = ("all", "any", "not")

Scalar = str | int | float | bool


class Condition(BaseModel):
    """One comparison of a field. `value` is normalised: codes in their case, dates as ISO text, lists without repeats."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    field: str
    operator: str
    value: Scalar | list[Scalar] | None = None


class Group(BaseModel):
    """Several conditions or groups, joined by `match`."""

    model_config = ConfigDict(frozen=True)

    match: Literal["all", "any", "not"]
    entries: Annotated[list[Condition | Group], Field(min_length=1)]


Node = Condition | Group


@dataclass
class _Count:
    conditions: int = 0


def parse(criteria: Any) -> Group:
    """The checked form of `criteria` (decoded JSON). Raises `Invalid` that names the place and the remedy."""
    node = _node(criteria, "", 1, _Count())
    if isinstance(node, Condition):
        return Group(match="all", entries=[node])
    return node


def parse_json(text: str | bytes) -> Group:
    """The same for JSON text."""
    try:
        return parse(orjson.loads(text))
    except orjson.JSONDecodeError as error:
        raise Invalid(
            "criteria", f"This is not valid JSON: {error.msg} (line {error.lineno}, column {error.colno})."
        ) from error


def dump(node: Node) -> dict[str, Any]:
    """The JSON form of a checked node: what `parse` accepts."""
    if isinstance(node, Group):
        return {node.match: [dump(entry) for entry in node.entries]}
    result: dict[str, Any] = {"field": node.field, "operator": node.operator}
    if OPERATORS[node.operator].value is not ValueKind.NONE:
        result["value"] = node.value
    return result


def conditions(node: Node) -> Iterator[Condition]:
    """All conditions of `node`, in order."""
    if isinstance(node, Condition):
        yield node
    else:
        for entry in node.entries:
            yield from conditions(entry)


def _node(raw: Any, path: str, depth: int, count: _Count) -> Node:
    where = path or "criteria"
    if not isinstance(raw, dict):
        raise Invalid(where, 'Write an object: a group such as {"all": […]} or a condition with field and operator.')
    matches = [key for key in raw if key in MATCHES]
    if not matches:
        if "field" in raw or "operator" in raw:
            return _condition(raw, path, count)
        keys = ", ".join(str(key) for key in raw) or "nothing"
        raise Invalid(
            where, f"A group needs “all”, “any” or “not”, and a condition needs “field”. This one has {keys[:80]}."
        )
    if len(raw) > 1:
        other = next(key for key in raw if key != matches[0])
        raise Invalid(where, f"A group has one key. Put “{matches[0]}” and “{str(other)[:40]}” into separate groups.")
    match = matches[0]
    place = f"{path}.{match}" if path else match
    if depth > MAX_DEPTH:
        raise Invalid(place, f"Groups can be nested at most {MAX_DEPTH} levels deep.")
    entries = raw[match]
    if match == "not" and isinstance(entries, dict):
        entries = [entries]
    if not isinstance(entries, list):
        raise Invalid(place, "Write a list of conditions and groups.")
    if not entries:
        raise Invalid(place, "This group is empty: add a condition or remove the group.", code="empty_group")
    children = [_node(entry, f"{place}[{i}]", depth + 1, count) for i, entry in enumerate(entries)]
    if match == "all":
        _refuse_contradictions(children, place)
    return Group(match=match, entries=children)


def _condition(raw: dict[Any, Any], path: str, count: _Count) -> Condition:
    count.conditions += 1
    at = f"{path}." if path else ""
    if count.conditions > MAX_CONDITIONS:
        raise Invalid(path, f"At most {MAX_CONDITIONS} conditions are allowed.")
    for key in raw:
        if key not in {"field", "operator", "value"}:
            raise Invalid(f"{at}{key}", "A condition can only have “field”, “operator” and “value”.")
    name = raw.get("field")
    field = fields.find(name) if isinstance(name, str) else None
    if field is None:
        shown = str(name)[:60]
        hint = fields.closest(name) if isinstance(name, str) else ""
        raise Invalid(
            f"{at}field",
            f"There is no field “{shown}”." + (f" Did you mean “{hint}”?" if hint else ""),
            code="unknown_field",
        )
    operator = raw.get("operator")
    if operator == "between" and field.type is Type.DATE:
        operator = "during"
    if not isinstance(operator, str) or operator not in field.operators:
        raise Invalid(
            f"{at}operator",
            f"“{str(operator)[:40]}” doesn't work with {field.name}. Use one of: {', '.join(field.operators)}.",
            code="unknown_operator",
        )
    kind = OPERATORS[operator].value
    if kind is ValueKind.NONE:
        if raw.get("value") is not None:
            raise Invalid(f"{at}value", f"“{operator}” takes no value.")
        return Condition(field=field.name, operator=operator)
    if raw.get("value") is None:
        raise Invalid(f"{at}value", "Enter a value.", code="value_missing")
    return Condition(field=field.name, operator=operator, value=_value(raw["value"], field, kind, f"{at}value"))


def _value(raw: Any, field: fields.Field, kind: ValueKind, path: str) -> Any:
    """`raw` in normal form for `field`, read as `kind`."""
    if kind is ValueKind.DAYS:
        return _days(raw, path)
    if kind is ValueKind.NUMBER:
        return _number(raw, path)
    if kind is ValueKind.DATE:
        return _date(raw, path)
    if kind in {ValueKind.NUMBER_RANGE, ValueKind.DATE_RANGE}:
        read = _number if kind is ValueKind.NUMBER_RANGE else _date
        if not isinstance(raw, list) or len(raw) != 2:
            raise Invalid(path, "Write a list of two values: from and to.")
        low, high = (read(item, f"{path}[{i}]") for i, item in enumerate(raw))
        if low > high:  # type: ignore[operator]
            raise Invalid(
                path,
                f"From {low} to {high} is empty: the first value must not be greater.",
                code="contradiction",
            )
        return [low, high]
    if kind is ValueKind.ONE:
        return _scalar(raw, field, path)
    return _list(raw, field, kind, path)


def _list(raw: Any, field: fields.Field, kind: ValueKind, path: str) -> list[Scalar]:
    """A list of scalars, or of words, without repeats, in the order written."""
    items = raw if isinstance(raw, list) else [raw]
    if not items:
        raise Invalid(path, "Enter at least one value.", code="value_missing")
    if len(items) > MAX_VALUES:
        raise Invalid(path, f"There are {len(items)} values; the limit is {MAX_VALUES}.", code="too_many_values")
    result: list[Scalar] = []
    for i, item in enumerate(items):
        place = f"{path}[{i}]"
        if kind is ValueKind.WORDS:
            value: Scalar = _text(item, place)
            if not lexicon.is_usable(str(value)):
                raise Invalid(place, "Write a word or a phrase.")
        else:
            value = _scalar(item, field, place)
        if not any(value == known and type(value) is type(known) for known in result):
            result.append(value)
    return result


def _scalar(raw: Any, field: fields.Field, path: str) -> Scalar:
    """One value of the field's own type."""
    if field.type is Type.BOOLEAN:
        if not isinstance(raw, bool):
            raise Invalid(path, f"{field.name} must be true or false, not “{str(raw)[:40]}”.", code="wrong_type")
        return raw
    if field.type is Type.NUMBER:
        return _number(raw, path)
    if field.type is Type.JSON and isinstance(raw, bool):
        return raw
    if field.type is Type.JSON and isinstance(raw, int | float):
        return _number(raw, path)
    if field.name == "lead.batch" and isinstance(raw, int) and not isinstance(raw, bool):
        raw = str(raw)
    raw_text = _text(raw, path)
    try:
        text = field.normalise(raw_text)
    except Invalid as error:
        raise Invalid(path, error.reason, code="wrong_type") from error
    code = fields.CODES.get(field.name)
    if code is not None and not code.fullmatch(text):
        raise Invalid(
            path, f"“{text[:40]}” is not a valid value for {field.name}. {field.help}".strip(), code="wrong_type"
        )
    return text


def _text(raw: Any, path: str) -> str:
    if not isinstance(raw, str):
        raise Invalid(path, f"Write a text, not {_kind_of(raw)}.", code="wrong_type")
    text = raw.strip()
    if not text:
        raise Invalid(path, "Enter a value.", code="value_missing")
    if len(text) > MAX_TEXT:
        raise Invalid(path, f"The text has {len(text)} characters; the limit is {MAX_TEXT}.")
    if "\x00" in text or any("\ud800" <= ch <= "\udfff" for ch in text):
        raise Invalid(path, "The text contains characters that cannot be stored.")
    return text


def _number(raw: Any, path: str) -> int | float:
    if isinstance(raw, bool) or not isinstance(raw, int | float):
        raise Invalid(path, f"Write a number, not {_kind_of(raw)}.", code="wrong_type")
    if not math.isfinite(raw) or abs(raw) > MAX_NUMBER:
        raise Invalid(path, f"The number must be between -{MAX_NUMBER} and {MAX_NUMBER}.")
    return int(raw) if float(raw).is_integer() else raw


def _days(raw: Any, path: str) -> int:
    number = _number(raw, path)
    if not isinstance(number, int) or not 1 <= number <= MAX_DAYS:
        raise Invalid(path, f"Write a whole number of days from 1 to {MAX_DAYS:,}.")
    return number


_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


def _date(raw: Any, path: str) -> str:
    if isinstance(raw, str) and _DATE.fullmatch(raw.strip()):
        try:
            day = dt.date.fromisoformat(raw.strip())
        except ValueError:
            day = dt.date.min
        if 1900 <= day.year <= 2200:
            return day.isoformat()
    raise Invalid(path, "Write a date as year-month-day, such as 2026-03-31.", code="wrong_type")


def _kind_of(raw: Any) -> str:
    names = {
        bool: "true or false",
        int: "a number",
        float: "a number",
        str: "a text",
        list: "a list",
        dict: "an object",
    }
    return names.get(type(raw), "nothing")


def _refuse_contradictions(children: list[Node], path: str) -> None:
    """Bounds of one field in one “all” group that no value can meet."""
    lows: dict[str, tuple[Any, bool, int]] = {}
    highs: dict[str, tuple[Any, bool, int]] = {}
    for i, child in enumerate(children):
        for key, side, value, is_strict in _bounds(child):
            table = lows if side == "low" else highs
            known = table.get(key)
            is_tighter = known is None or (value > known[0] if side == "low" else value < known[0])
            if is_tighter or (known is not None and value == known[0] and is_strict):
                table[key] = (value, is_strict, i)
    for key, (low, is_low_strict, i) in lows.items():
        if key not in highs:
            continue
        high, is_high_strict, j = highs[key]
        if low > high or (low == high and (is_low_strict or is_high_strict)):
            raise Invalid(
                f"{path}[{max(i, j)}].value",
                f"Nothing can match: entries {min(i, j) + 1} and {max(i, j) + 1} exclude each other"
                f" ({key.partition('#')[0]}).",
                code="contradiction",
            )


def _bounds(node: Node) -> list[tuple[str, str, Any, bool]]:
    """(what is bound, side, value, is strict) of the bounds that a condition sets."""
    if not isinstance(node, Condition):
        return []
    value: Any = node.value
    match node.operator:
        case "between" | "during":
            return [(node.field, "low", value[0], False), (node.field, "high", value[1], False)]
        case "equals" if not isinstance(value, bool | str):
            return [(node.field, "low", value, False), (node.field, "high", value, False)]
        case "gt" | "gte" | "after":
            return [(node.field, "low", value, node.operator == "gt")]
        case "lt" | "lte" | "before":
            return [(node.field, "high", value, node.operator != "lte")]
        case "within_days":
            return [(f"{node.field}#age", "high", value, False)]
        case "not_within_days":
            return [(f"{node.field}#age", "low", value, True)]
        case _:
            return []


def json_schema() -> dict[str, Any]:
    """The JSON schema of criteria, drawn from the registry."""
    value = {"description": "Depends on the operator; see the list of fields."}
    condition = {
        "type": "object",
        "required": ["field", "operator"],
        "additionalProperties": False,
        "properties": {
            "field": {
                "anyOf": [
                    {"enum": list(fields.FIELDS)},
                    {"type": "string", "pattern": r"^(lead|company)\.attributes\..+"},
                ]
            },
            "operator": {"enum": list(OPERATORS)},
            "value": value,
        },
    }
    entries = {"type": "array", "minItems": 1, "items": {"$ref": "#/$defs/node"}}
    groups = [
        {"type": "object", "required": [m], "additionalProperties": False, "properties": {m: entries}} for m in MATCHES
    ]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Criteria",
        "$ref": "#/$defs/node",
        "$defs": {"node": {"anyOf": [condition, *groups]}},
    }
