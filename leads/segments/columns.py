"""The columns that conditions compare, as SQL over `l` and `c`: what an index over criteria reads of a lead. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from leads.segments import fields
from leads.segments.compiler import NUMERIC_TEXT, compile_criteria
from leads.segments.fields import Field, Type
from leads.segments.schema import Condition

_PARAMETER = re.compile(r"%\((\w+)\)s")


@dataclass(frozen=True)
class Column:
    """`sql` may hold `%s`, filled by `parameters` in order. `kind`: text, integer, boolean, tags, number or date."""

    sql: str
    kind: str
    parameters: tuple[Any, ...] = ()


def of(field: Field, operator: str) -> Column:
    """The column that `operator` compares for `field`."""
    match field.type:
        case Type.JSON if operator in {"gt", "gte", "lt", "lte"}:
            return number(field)
        case Type.JSON:
            return text(field)
        case Type.NUMBER:
            return Column(f"{field.column}::double precision", "number")
        case Type.DATE:
            return Column(field.column, "date")
        case Type.BOOLEAN:
            return Column(field.column, "boolean")
        case Type.TAGS:
            return Column(field.column, "tags")
        case _:
            return Column(field.column, "integer" if field.name in fields.INTEGERS else "text")


def text(field: Field) -> Column:
    """An attribute as text in lower case."""
    return Column(f'lower(({field.column} ->> %s) COLLATE "default")', "text", (field.attribute,))


def number(field: Field) -> Column:
    """An attribute as number, where its text is one."""
    raw = f"({field.column} ->> %s)"
    return Column(
        f"(CASE WHEN {raw} ~ %s THEN {raw}::double precision END)",
        "number",
        (field.attribute, NUMERIC_TEXT, field.attribute),
    )


def answer(condition: Condition) -> Column:
    """Whether a lead meets `condition`, as the compiler's SQL says: for texts too long to be read."""
    predicate = compile_criteria(condition)
    names = _PARAMETER.findall(predicate.sql)
    values = (predicate.parameters[name] for name in names)
    given = tuple(tuple(value) if isinstance(value, list) else value for value in values)
    return Column(f"({_PARAMETER.sub('%s', predicate.sql)}) IS TRUE", "boolean", given)
