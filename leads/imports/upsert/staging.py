"""The staging tables of one import: temporary, filled by COPY, with the columns that the file has."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import repeat
from types import TracebackType
from typing import Any

from django.db import connection

from leads.imports.columns.rows import CleanRow, Key


class Staging:
    """The two staging tables of one import; a context manager that drops them."""

    def __init__(self, *, person_columns: Iterable[str], company_columns: Iterable[str]) -> None:
        self.person_columns = tuple(person_columns)
        self.company_columns = tuple(company_columns)
        self.people: list[str] = []
        self.companies: list[str] = []
        self.person_kinds: set[Key] = set()
        self.company_kinds: set[Key] = set()
        self.has_second: dict[str, bool] = {"email_2": False, "phone_2": False}
        """Whether any row has a second address: most lists do not, and need no look at them."""

    def __enter__(self) -> Staging:
        self._drop()
        person = "".join(f', {name} text COLLATE "C"' for name in self.person_columns)
        company = "".join(f', {name} text COLLATE "C"' for name in self.company_columns)
        run_sql(
            'CREATE TEMP TABLE staged_person (row_number integer, key_kind smallint, key text COLLATE "C",'
            f' company_kind smallint, company_key text COLLATE "C"{person})'
        )
        run_sql(
            f'CREATE TEMP TABLE staged_company (row_number integer, key_kind smallint, key text COLLATE "C"{company})'
        )
        run_sql(
            'CREATE TEMP TABLE company_map (row_number integer, key_kind smallint, key text COLLATE "C",'
            " company_id bigint, is_new boolean DEFAULT false, is_changed boolean DEFAULT false)"
        )
        run_sql(
            "CREATE TEMP TABLE picks (row_number integer, key_kind smallint, lead_id bigint, company_id bigint,"
            " is_new boolean DEFAULT false, is_changed boolean DEFAULT false)"
        )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if not connection.needs_rollback:
            self._drop()

    @staticmethod
    def _drop() -> None:
        run_sql(
            "DROP TABLE IF EXISTS pg_temp.staged_person, pg_temp.staged_company, pg_temp.company_map, pg_temp.picks"
        )

    def add(self, line: int, row: CleanRow) -> None:
        """Keep one row for the next `write`."""
        company = row.company
        if company is not None and row.is_new_company:
            self.company_kinds.add(company.key_kind)
            values = company.values
            self.companies.append(
                _copy_line(
                    [
                        str(line),
                        str(int(company.key_kind)),
                        company.key,
                        *map(values.get, self.company_columns, repeat("")),
                    ]
                )
            )
        person = row.person
        if person is not None:
            self.person_kinds.add(row.key_kind)
            for name in self.has_second:
                if person.get(name):
                    self.has_second[name] = True
            kind, key = (str(int(company.key_kind)), company.key) if company else ("-1", "")
            self.people.append(
                _copy_line(
                    [
                        str(line),
                        str(int(row.key_kind)),
                        row.key,
                        kind,
                        key,
                        *map(person.get, self.person_columns, repeat("")),
                    ]
                )
            )

    def write(self) -> None:
        """COPY what was added since the last call."""
        for table, lines in (("staged_company", self.companies), ("staged_person", self.people)):
            if lines:
                with (
                    connection.cursor() as cursor,
                    cursor.copy(f"COPY {table} {self._columns(table)} FROM STDIN") as copy,
                ):
                    copy.write("".join(lines).encode())
                lines.clear()

    def _columns(self, table: str) -> str:
        if table == "staged_company":
            return f"(row_number, key_kind, key{''.join(', ' + n for n in self.company_columns)})"
        return f"(row_number, key_kind, key, company_kind, company_key{''.join(', ' + n for n in self.person_columns)})"


_ESCAPES = str.maketrans({"\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"})


def _copy_line(values: list[str]) -> str:
    line = "\t".join(values)
    if "\\" in line or "\n" in line or "\r" in line or line.count("\t") != len(values) - 1:
        line = "\t".join(value.translate(_ESCAPES) for value in values)
    return line + "\n"


def run_sql(sql: str, parameters: Mapping[str, Any] | None = None) -> int:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return int(cursor.rowcount)


def fetch(sql: str, parameters: Mapping[str, Any] | None = None) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return list(cursor.fetchall())
