"""Empty the test database between tests that commit and between benchmarks."""

from __future__ import annotations

from django.db import connection

from outreach.prompts.services import sync_packs

MADE_BY_MIGRATE = {"django_content_type", "auth_permission"}
"""Their rows are the same in every test."""


def empty_database() -> bool:
    """Delete the rows of the few tables that have some, and store the shipped packs again. False, with nothing done,
    where the role may not pass over triggers and foreign keys."""
    with connection.cursor() as cursor:
        cursor.execute("SHOW is_superuser")
        if cursor.fetchone() != ("on",):
            return False
        tables = set(connection.introspection.django_table_names(only_existing=True)) - MADE_BY_MIGRATE
        cursor.execute(" UNION ALL ".join(f"(SELECT '{name}' FROM \"{name}\" LIMIT 1)" for name in tables))
        filled = [f'DELETE FROM "{name}"' for (name,) in cursor.fetchall()]
        cursor.execute(";".join(["BEGIN", "SET LOCAL session_replication_role = replica", *filled, "COMMIT"]))
    sync_packs()
    return True
