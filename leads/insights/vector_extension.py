"""The extension `vector` of Postgres, and what to do when it is missing."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandError
from django.db import ProgrammingError, transaction
from django.db.utils import NotSupportedError, OperationalError

MISSING = (
    "The database server does not have the extension “vector” (pgvector 0.8 or newer). Install it on the server, then run"
    " the migrations again. Where it comes from: the package postgresql-NN-pgvector of Debian 13, Ubuntu 24.04 or, for"
    " Debian 12 and older, of apt.postgresql.org; the image pgvector/pgvector:pg17 in place of postgres:17; the console of"
    " a hosted server (Amazon RDS, Cloud SQL, Azure, Neon and Supabase have it). The Postgres that `up` starts by itself"
    " brings it along."
)
NO_RIGHT = (
    "The database role may not create the extension “vector”. Let an administrator of the server run"
    " `CREATE EXTENSION vector;` in the database “{database}” once, then run the migrations again."
)


def create(apps: Any, schema_editor: Any) -> None:
    """Create the extension if missing. Raises `CommandError` that says what to do."""
    connection = schema_editor.connection
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_extension WHERE extname = 'vector'")
        if cursor.fetchone():
            return
        cursor.execute("SELECT 1 FROM pg_available_extensions WHERE name = 'vector'")
        if not cursor.fetchone():
            raise CommandError(MISSING)
        try:
            with transaction.atomic(using=connection.alias):
                cursor.execute("CREATE EXTENSION IF NOT EXISTS vector")
        except (ProgrammingError, OperationalError, NotSupportedError) as error:
            name = connection.settings_dict["NAME"]
            raise CommandError(f"{NO_RIGHT.format(database=name)} ({error})") from error
