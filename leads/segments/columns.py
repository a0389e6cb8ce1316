"""The columns that conditions compare, as SQL over `l` and `c`: what an index over criteria reads of a lead. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from leads.segments import fields
from leads.segments.compiler import NUMERIC_TEXT
from leads.segments.fields import Field, Type


@dataclass(frozen=True)
class Column:
    """`sql` may hold `%s`, filled by `parameters` in order. `kind`: text, integer, boolean, tags, number or date."""

    sql: str
    kind: str
    parameters: tuple[str, ...] = ()


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
