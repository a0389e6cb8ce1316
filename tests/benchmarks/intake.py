"""Intake of people and companies beside the limit (COPY of the same rows) and two rivals (the ORM's own ways)."""

from __future__ import annotations

import gc
import io
import random
import tempfile
import time
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

from django.db import connection

from leads.imports import services
from leads.imports.models import Batch
from leads.models import Company, Identity, Lead
from outreach.core.models import Actor
from tests.benchmarks import Row

ACTOR = Actor.system("bench")
HEADER = "Name,E-mail,Phone,Title,Company,TIN,Country,City,Language\n"
TITLES = ["CTO", "Head of IT", "CEO", "VP Engineering", "Data Lead", "COO", "Head of Sales", "Founder"]


def make_file(rows: int, *, changed: float = 0.0) -> bytes:
    """`rows` people of `rows / 8` companies, half with a phone; `changed` is the share with another city."""
    dice = random.Random(7)
    lines = [HEADER]
    for n in range(rows):
        firm = int(dice.random() ** 2 * rows / 8)
        phone = f"+7000{n % 10_000_000:07d}" if n % 2 else ""
        city = f"City {n % 90}" if dice.random() >= changed else f"Town {n % 90}"
        lines.append(
            f"Person{n % 997} Name{n},p{n}@firm{firm}.example,{phone},{TITLES[n % 8]},Firm {firm} GmbH,{10_000_000 + firm},DE,{city},de\n"
        )
    return "".join(lines).encode()


def import_bytes(data: bytes, *, rule: str = "fill_empty") -> tuple[float, Batch]:
    batch = services.receive(file=io.BytesIO(data), file_name="bench.csv", kind="people", options={"update_rule": rule})
    connection.ensure_connection()
    gc.collect()
    start = time.perf_counter()
    services.run_now(batch=batch, actor=ACTOR)
    return time.perf_counter() - start, batch


def empty() -> None:
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE leads_lead, leads_company, leads_identity, imports_batch, imports_rejectedrow CASCADE")
        cursor.execute("VACUUM ANALYZE leads_lead")
        cursor.execute("VACUUM ANALYZE leads_identity")
        cursor.execute("VACUUM ANALYZE leads_company")


def copy_limit() -> float:
    """Seconds of a bare COPY of what stands in the tables: into a staging table, and into the indexed tables."""
    tables = ["leads_company", "leads_lead", "leads_identity"]
    dumps = {}
    with connection.cursor() as cursor:
        for table in tables:
            with cursor.copy(f"COPY {table} TO STDOUT") as copy:
                dumps[table] = b"".join(bytes(part) for part in copy)
        cursor.execute("TRUNCATE leads_identity, leads_lead, leads_company CASCADE")
        cursor.execute("CREATE TEMP TABLE bare (LIKE leads_lead)")
        start = time.perf_counter()
        _copy(cursor, "bare", dumps["leads_lead"])
        cursor.execute("BEGIN")
        for table in tables:
            _copy(cursor, table, dumps[table])
        cursor.execute("COMMIT")
        seconds = time.perf_counter() - start
        cursor.execute("DROP TABLE bare")
    return seconds


def _copy(cursor: object, table: str, data: bytes) -> None:
    with cursor.copy(f"COPY {table} FROM STDIN") as copy:  # type: ignore[attr-defined]
        view = memoryview(data)
        for offset in range(0, len(data), 1 << 16):
            copy.write(view[offset : offset + (1 << 16)])


def update_or_create(rows: int) -> float:
    """Rows a second of the textbook way: look up, save, one row at a time."""
    start = time.perf_counter()
    for n in range(rows):
        company, _new = Company.objects.update_or_create(
            country="DE", tax_id=f"T{n // 8}", defaults={"name": f"Firm {n // 8}", "name_key": f"firm {n // 8}"}
        )
        identity = (
            Identity.objects.filter(channel="email", address=f"rival{n}@x.example").select_related("lead").first()
        )
        lead, _new = Lead.objects.update_or_create(
            pk=identity.lead_id if identity else None,
            defaults={
                "full_name": f"Person {n}",
                "name_key": f"person {n}",
                "title": "CTO",
                "company": company,
                "country": "DE",
            },
        )
        Identity.objects.update_or_create(channel="email", address=f"rival{n}@x.example", defaults={"lead": lead})
    return rows / (time.perf_counter() - start)


def bulk_create(rows: int) -> float:
    """Rows a second of `bulk_create(update_conflicts)`, given ready-made values and ids in the source."""
    start = time.perf_counter()
    for first in range(0, rows, 1000):
        part = range(first, min(rows, first + 1000))
        Company.objects.bulk_create(
            [
                Company(country="DE", tax_id=f"B{n}", name=f"Firm {n}", name_key=f"firm {n}")
                for n in sorted({n // 8 for n in part})
            ],
            ignore_conflicts=True,
        )
        ids = dict(Company.objects.filter(tax_id__in=[f"B{n // 8}" for n in part]).values_list("tax_id", "pk"))
        leads = Lead.objects.bulk_create(
            [
                Lead(
                    full_name=f"Person {n}", name_key=f"person {n}", title="CTO", title_key="cto", country="DE", city="Bonn",
                    language="de", company_id=ids[f"B{n // 8}"],
                )
                for n in part
            ]
        )  # fmt: skip
        Identity.objects.bulk_create(
            [
                Identity(lead=lead, channel="email", address=f"bulk{n}@x.example")
                for n, lead in zip(part, leads, strict=True)
            ],
            update_conflicts=True,
            unique_fields=["channel", "address"],
            update_fields=["lead"],
        )
    return rows / (time.perf_counter() - start)


@contextmanager
def peak_memory() -> Iterator[Callable[[], float]]:
    """MiB that Python held at most while the block ran, beyond what it held before."""
    gc.collect()
    tracemalloc.start()
    start = tracemalloc.get_traced_memory()[0]
    tracemalloc.reset_peak()
    yield lambda: (tracemalloc.get_traced_memory()[1] - start) / 2**20
    tracemalloc.stop()


def run(scale: int) -> list[Row]:
    """First import, no-op re-run, a tenth changed, rivals, memory at two sizes."""
    rows = scale
    empty()
    import_bytes(make_file(2_000))  # warm: plans, imports, caches
    empty()
    data = make_file(rows)
    firsts, limits = [], []
    for _round in range(3):  # in turns, so that a busy machine is busy for both
        empty()
        seconds, batch = import_bytes(data)
        assert batch.counts["created"] == rows, batch.counts
        firsts.append(seconds)
        limits.append(copy_limit())
    first, limit = median(firsts), rows / median(limits)
    again, batch = import_bytes(data)
    assert (batch.counts["unchanged"], batch.counts["companies_updated"]) == (rows, 0), batch.counts
    tenth, batch = import_bytes(make_file(rows, changed=0.1), rule="overwrite")
    assert rows * 0.05 < batch.counts["updated"] < rows * 0.2, batch.counts
    bulk = bulk_create(min(rows, 10_000))
    one = update_or_create(min(rows, 500))
    table = [
        Row(
            "intake: first import",
            rows / first,
            "rows/s",
            limit,
            rows / first / limit,
            "≥ 0.5 of COPY",
            rows / first >= 0.5 * limit,
        ),
        Row(
            "intake: the same again",
            rows / again,
            "rows/s",
            limit,
            rows / again / limit,
            "≥ 1 × COPY",
            rows / again >= limit,
        ),
        Row(
            "intake: a tenth changed",
            rows / tenth,
            "rows/s",
            limit,
            rows / tenth / limit,
            "≥ 0.5 of COPY",
            rows / tenth >= 0.5 * limit,
        ),
        Row(
            "intake: beside bulk_create",
            rows / first,
            "rows/s",
            bulk,
            rows / first / bulk,
            "≥ 4 ×",
            rows / first >= 4 * bulk,
        ),
        Row(
            "intake: beside update_or_create",
            rows / first,
            "rows/s",
            one,
            rows / first / one,
            "≥ 70 ×",
            rows / first >= 70 * one,
        ),
    ]
    return [*table, memory_row(rows)]


def memory_row(rows: int) -> Row:
    """Peak growth of a file four times as large beside that of the smaller one; the file stands on disk."""
    grown = []
    for size in (rows, rows * 4):
        empty()
        path = Path(tempfile.gettempdir()) / f"outreach-bench-{size}.csv"
        path.write_bytes(make_file(size))
        with path.open("rb") as file:
            batch = services.receive(file=file, file_name="bench.csv", kind="people")
        path.unlink()
        with peak_memory() as peak:
            services.run_now(batch=batch, actor=ACTOR)
            grown.append(peak())
    empty()
    small, large = grown
    return Row(
        "intake: memory of 4 × the rows",
        large,
        "MiB",
        small,
        large / max(small, 1),
        "≤ 16 MiB more",
        large - small <= 16,
    )
