"""Insert many rows with one statement: columns that differ come as JSON, columns that are equal are given once."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db import connection, models
from django.db.models import Field


def as_records(rows: Iterable[Mapping[str, Any]]) -> str:
    """The rows as one JSON parameter; dates and ids become texts that Postgres reads back."""
    return json.dumps(list(rows), default=str, ensure_ascii=False)


def record_columns(model: type[models.Model], columns: Sequence[str]) -> str:
    """What `json_to_recordset` is told: the columns with the types that `model` gives them."""
    return ", ".join(f"{name} {_field(model, name).db_type(connection)}" for name in columns)


def insert_of(
    model: type[models.Model], columns: Sequence[str], *, source: str, alike: Mapping[str, Any]
) -> tuple[str, list[Any]]:
    """`INSERT … SELECT` into the model's table: `columns` (its key may be one) from `source`, all others as `alike` or by default.

    Returns the statement and its parameters. A column that the model gets later is written with its default.
    """
    names, values, parameters = list(columns), [f"{source}.{name}" for name in columns], []
    for field in model._meta.concrete_fields:
        column = field.column
        if column is None or column in columns or field.primary_key:
            continue
        value = alike[column] if column in alike else field.get_default()
        names.append(column)
        values.append(f"CAST(%s AS {field.db_type(connection)})")
        parameters.append(field.get_db_prep_save(value, connection))
    table = model._meta.db_table
    listed = ", ".join(names)
    statement = f"INSERT INTO {table} ({listed}) SELECT {', '.join(values)} FROM {source}"  # noqa: S608  (names of a model; values are parameters)
    return statement, parameters


def by_index_only() -> None:
    """For the rest of the transaction, look rows up one by one: right for a few hundred known rows in tables of any size.

    What a planner takes for a cheap scan or hash today, before it has statistics, grows with every import.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('enable_seqscan', 'off', true), set_config('enable_hashjoin', 'off', true),"
            " set_config('enable_mergejoin', 'off', true), set_config('jit', 'off', true)"
        )


def _field(model: type[models.Model], column: str) -> Field[Any, Any]:
    return next(field for field in model._meta.concrete_fields if field.column == column)
