"""The canonical form of criteria and its hash: equal meaning, however it was written, gives equal hashes. Pure.

Opposites become `not` of their operator, synonyms become one operator, groups of one entry disappear, nested groups
of one kind become one, lists and entries are sorted and lose their repeats, texts lose their case where case is not
compared.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from leads.segments import fields, lexicon
from leads.segments.fields import OPERATORS, Type
from leads.segments.schema import Condition, Group, Node, dump
from outreach.core.hashing import canonical_hash, canonical_json

CASE_MATTERS = (Type.LIST, Type.TAGS)


def canonical(node: Node) -> Node:
    """`node` in canonical form: a condition with a positive operator, or a group of at least two (`not`: one) entries."""
    if isinstance(node, Condition):
        return _condition(node)
    if node.match == "not":
        return _negated(_joined("any", [canonical(e) for e in node.entries]))
    return _joined(node.match, [canonical(e) for e in node.entries])


def criteria_hash(node: Node) -> str:
    """Hex SHA-256 of the canonical form."""
    return canonical_hash(dump(canonical(node)))


def _joined(match: str, entries: Iterable[Node]) -> Node:
    flat: list[Node] = []
    for entry in entries:
        if isinstance(entry, Group) and entry.match == match:
            flat.extend(entry.entries)
        else:
            flat.append(entry)
    if match == "any":
        flat = _merged(flat)
    unique = {canonical_json(dump(entry)): entry for entry in flat}
    ordered = [unique[key] for key in sorted(unique)]
    return ordered[0] if len(ordered) == 1 else Group(match=match, entries=ordered)


def _merged(entries: list[Node]) -> list[Node]:
    """Lists of one field asked by one operator become one list: “is A or is B” is “is one of A, B”."""
    lists: dict[tuple[str, str], list[Any]] = {}
    rest: list[Node] = []
    for entry in entries:
        if isinstance(entry, Condition) and entry.operator in {"in", "any_of", "has_any_tag"}:
            lists.setdefault((entry.field, entry.operator), []).extend(entry.value)  # type: ignore[arg-type]
        else:
            rest.append(entry)
    for (field, operator), values in lists.items():
        unique = {canonical_json(v): v for v in values}
        rest.append(Condition(field=field, operator=operator, value=[unique[k] for k in sorted(unique)]))
    return rest


def _negated(node: Node) -> Node:
    if isinstance(node, Group) and node.match == "not":
        return node.entries[0]
    return Group(match="not", entries=[node])


def _condition(node: Condition) -> Node:
    operator = OPERATORS[node.operator]
    if operator.negates:
        return _negated(_condition(Condition(field=node.field, operator=operator.negates, value=node.value)))
    field = fields.find(node.field)
    assert field is not None, "checked by the schema"
    value: Any = node.value
    match node.operator:
        case "equals" if field.type is Type.NUMBER:
            return _bounds(node.field, "gte", value, "lte", value)
        case "equals" if field.type is not Type.BOOLEAN:
            return Condition(field=node.field, operator="in", value=_values([value], field))
        case "in":
            return Condition(field=node.field, operator="in", value=_values(value, field))
        case "any_of":
            return Condition(
                field=node.field, operator="any_of", value=sorted({lexicon.clean(v) for v in value}, key=canonical_json)
            )
        case "contains" | "starts_with":
            return Condition(field=node.field, operator=node.operator, value=value.lower())
        case "between":
            return _bounds(node.field, "gte", value[0], "lte", value[1])
        case "during":
            until = (date.fromisoformat(value[1]) + timedelta(days=1)).isoformat()
            return _bounds(node.field, "after", value[0], "before", until)
        case "has_tag":
            return Condition(field=node.field, operator="has_any_tag", value=[value])
        case "has_all_tags" if len(value) > 1:
            tags: list[Node] = [Condition(field=node.field, operator="has_any_tag", value=[v]) for v in value]
            return _joined("all", tags)
        case "has_any_tag" | "has_all_tags":
            return Condition(field=node.field, operator="has_any_tag", value=sorted(set(value), key=canonical_json))
        case _:
            return node


def _bounds(field: str, low: str, low_value: Any, high: str, high_value: Any) -> Node:
    return _joined(
        "all",
        [
            Condition(field=field, operator=low, value=low_value),
            Condition(field=field, operator=high, value=high_value),
        ],
    )


def _values(values: list[Any], field: fields.Field) -> list[Any]:
    """Sorted, without repeats; texts in lower case unless the field is compared exactly."""
    folded = [v.lower() if isinstance(v, str) and field.type not in CASE_MATTERS else v for v in values]
    unique = {canonical_json(v): v for v in folded}
    return [unique[key] for key in sorted(unique)]
