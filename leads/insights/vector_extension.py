"""The extension `vector` of Postgres: similar leads are searched with it. Where it is missing all else works.

Vectors are made either way, for learners need them. Without the extension they are plain arrays.
"""

from __future__ import annotations

from typing import Any

from django.db import DatabaseError, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from outreach.llm.embeddings import DIMENSIONS

CONSEQUENCE = "There is no search for similar leads; everything else works."
MISSING = (
    "The database server does not have the extension “vector” (pgvector 0.8 or newer). Where it comes from: the package"
    " postgresql-NN-pgvector of Debian 13, Ubuntu 24.04 or, for Debian 12 and older, of apt.postgresql.org; the image"
    " pgvector/pgvector:pg17 in place of postgres:17; the console of a hosted server (Amazon RDS, Cloud SQL, Azure, Neon"
    " and Supabase have it). The Postgres that `up` starts by itself brings it along. Then run `manage.py embeddings enable`."
)
NO_RIGHT = (
    "The database role may not create the extension “vector”. Let an administrator of the server run"
    " `CREATE EXTENSION vector;` in this database once, then run `manage.py embeddings enable`."
)
UNUSED = "The extension “vector” is there, but not used yet. Run `manage.py embeddings enable`."

_TYPE = """
SELECT atttypid::regtype::text FROM pg_attribute
WHERE attrelid = to_regclass('insights_leadembedding') AND attname = 'vector'
"""
_ENABLE = f"""
ALTER TABLE insights_leadembedding ALTER COLUMN vector TYPE halfvec({DIMENSIONS}) USING vector::halfvec({DIMENSIONS});
CREATE INDEX lead_embedding_hnsw ON insights_leadembedding
    USING hnsw (vector halfvec_cosine_ops) WITH (m = 16, ef_construction = 64);
"""


def enable(connection: BaseDatabaseWrapper) -> str:
    """Create the extension if missing and let the vectors of leads use it; what stands in the way, empty when it does."""
    with connection.cursor() as cursor:
        if _scalar(cursor, _TYPE) == "halfvec":
            return ""
        if not _scalar(cursor, "SELECT 1 FROM pg_available_extensions WHERE name = 'vector'"):
            return MISSING
        try:
            with transaction.atomic(using=connection.alias):
                cursor.execute("CREATE EXTENSION IF NOT EXISTS vector")
        except DatabaseError:
            return NO_RIGHT
        with transaction.atomic(using=connection.alias):
            cursor.execute(_ENABLE)
    return ""


def obstacle(connection: BaseDatabaseWrapper) -> str:
    """Why similar leads cannot be searched in a migrated database; empty when they can, or when it is not migrated yet."""
    with connection.cursor() as cursor:
        if _scalar(cursor, _TYPE) in {None, "halfvec"}:
            return ""
        if _scalar(cursor, "SELECT 1 FROM pg_extension WHERE extname = 'vector'"):
            return UNUSED
        return NO_RIGHT if _scalar(cursor, "SELECT 1 FROM pg_available_extensions WHERE name = 'vector'") else MISSING


def _scalar(cursor: Any, sql: str) -> Any:
    cursor.execute(sql)
    row = cursor.fetchone()
    return row[0] if row else None
