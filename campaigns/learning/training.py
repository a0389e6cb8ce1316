"""Training sets: one row for each person judged or written to, with what was known then and what came of it.

Time-correct: the verdict and the features are those of before the first message, never later ones. The text of the
profile is left out where the profile has changed since the verdict.
"""

from __future__ import annotations

import csv
import tempfile
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, cast

import orjson
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import FileResponse, HttpResponse

from campaigns.models import Campaign, Candidate, Outcome
from campaigns.scoring.features import FEATURES
from conversations.models import Message
from leads.cleaning.cells import neutralise
from leads.imports.exports.downloads import csv_response
from leads.imports.exports.services import count_export
from leads.imports.reports import Echo
from leads.qualification.factors import NAMES
from leads.qualification.models import Verdict
from leads.qualification.profile import profile_of
from outreach.core import audit, clock
from outreach.core.errors import Invalid
from outreach.core.models import Actor
from outreach.core.words import gettext as _

CHUNK = 500
FORMATS = ("csv", "parquet")
PARQUET = "application/vnd.apache.parquet"
HORIZON = timedelta(days=14)
"""Silence counts as no answer after this."""
OUTCOMES = ("replied", "positive", "information", "negative", "booked", "won", "lost", "opted_out", "bounced")
COLUMNS: dict[str, str] = {
    "candidate": "BIGINT",
    "lead": "BIGINT",
    "campaign": "BIGINT",
    "brief": "BIGINT",
    "accepted": "BOOLEAN",
    "verdict_source": "VARCHAR",
    "verdict_score": "DOUBLE",
    "verdict_coverage": "DOUBLE",
    "verdict_at": "TIMESTAMP",
    **{f"factor_{name}": "DOUBLE" for name in NAMES},
    **{f"feature_{name}": "DOUBLE" for name in FEATURES},
    "contacted_at": "TIMESTAMP",
    "channel": "VARCHAR",
    **{f"outcome_{name}": "BOOLEAN" for name in OUTCOMES},
    "converted": "BOOLEAN",
    "profile_text": "VARCHAR",
}
"""Column → DuckDB type. `converted`: a positive reply, a booking or a win; empty while an answer may still come."""
CONVERSIONS = (Outcome.Kind.POSITIVE, Outcome.Kind.BOOKED, Outcome.Kind.WON)


def rows(campaign: Campaign | None = None) -> Iterator[dict[str, Any]]:
    """The training set, of one campaign or of all, in chunks: a few queries for 500 people."""
    people = _people(campaign)
    last = 0
    while chunk := list(people.filter(pk__gt=last)[:CHUNK]):
        last = chunk[-1].pk
        verdicts = _verdicts(chunk)
        yield from (_row(candidate, verdicts.get(candidate.pk)) for candidate in chunk)


def _people(campaign: Campaign | None) -> QuerySet[Candidate]:
    sent = Message.objects.filter(draft__candidate=OuterRef("pk"), sent_at__isnull=False).order_by("sent_at", "pk")
    found = Candidate.objects.annotate(
        contacted_at=Subquery(sent.values("sent_at")[:1]), channel=Subquery(sent.values("channel")[:1])
    )
    if campaign is not None:
        found = found.filter(campaign=campaign)
    return (
        found.filter(lead__erased_at=None)
        .select_related("campaign", "lead__company", "scored_features")
        .prefetch_related("outcomes")
        .order_by("pk")
    )


def _verdicts(chunk: list[Candidate]) -> dict[int, Verdict]:
    """The newest verdict of each candidate's brief from before its first message, by candidate; one query."""
    by_pair: dict[tuple[int, int], list[Verdict]] = {}
    stored = Verdict.objects.filter(
        lead__in=[c.lead_id for c in chunk], brief__in={c.campaign.brief_id for c in chunk if c.campaign.brief_id}
    )
    for verdict in stored.order_by("pk"):
        by_pair.setdefault((verdict.lead_id, verdict.brief_id), []).append(verdict)
    found: dict[int, Verdict] = {}
    for candidate in chunk:
        until: datetime | None = candidate.contacted_at  # type: ignore[attr-defined]
        for verdict in by_pair.get((candidate.lead_id, candidate.campaign.brief_id or 0), []):
            if until is None or verdict.created_at < until:
                found[candidate.pk] = verdict
    return found


def _row(candidate: Candidate, verdict: Verdict | None) -> dict[str, Any]:
    profile = profile_of(candidate.lead)
    contacted_at: datetime | None = candidate.contacted_at  # type: ignore[attr-defined]
    kept = getattr(candidate, "scored_features", None)
    is_before = kept is not None and (contacted_at is None or kept.taken_at <= contacted_at)
    kinds = {outcome.kind for outcome in candidate.outcomes.all()}
    factors = verdict.factors if verdict else {}
    return {
        "candidate": candidate.pk,
        "lead": candidate.lead_id,
        "campaign": candidate.campaign_id,
        "brief": candidate.campaign.brief_id,
        "accepted": verdict.is_qualified if verdict else None,
        "verdict_source": verdict.source if verdict else None,
        "verdict_score": verdict.score if verdict else None,
        "verdict_coverage": verdict.coverage if verdict else None,
        "verdict_at": _moment(verdict.created_at if verdict else None),
        **{f"factor_{name}": (factors.get(name) or {}).get("value") for name in NAMES},
        **{f"feature_{name}": kept.values.get(name) if kept and is_before else None for name in FEATURES},
        "contacted_at": _moment(contacted_at),
        "channel": candidate.channel,  # type: ignore[attr-defined]
        **{f"outcome_{name}": name in kinds if contacted_at else None for name in OUTCOMES},
        "converted": _converted(contacted_at, kinds),
        "profile_text": _text(profile) if verdict and verdict.lead_hash == profile.hash else None,
    }


def _converted(contacted_at: datetime | None, kinds: set[str]) -> bool | None:
    if contacted_at is None:
        return None
    if kinds & set(CONVERSIONS):
        return True
    is_settled = kinds & {"negative", "lost", "opted_out", "bounced"} or contacted_at < clock.now() - HORIZON
    return False if is_settled else None


def _text(profile: Any) -> str:
    title = profile.get("title") or ""
    return f"{title}\n{profile.text}".strip()


def _moment(at: datetime | None) -> str | None:
    return at.strftime("%Y-%m-%d %H:%M:%S") if at else None


def as_csv(campaign: Campaign | None = None) -> Iterator[str]:
    """The training set as CSV, line by line; cells that a spreadsheet would run are neutralised."""
    writer = csv.writer(Echo())
    yield writer.writerow(COLUMNS)
    for row in rows(campaign):
        yield writer.writerow(_cell(row[name]) for name in COLUMNS)


def _cell(value: Any) -> Any:
    if isinstance(value, bool):
        return int(value)
    return neutralise(value) if isinstance(value, str) else value


def write_parquet(path: Path, campaign: Campaign | None = None) -> int:
    """The training set as Parquet; returns the number of rows. Raises `Invalid` without DuckDB (`uv sync --extra parquet`)."""
    try:
        import duckdb
    except ImportError as error:
        raise Invalid("format", _("Parquet needs DuckDB: install the extra “parquet”."), code="no_parquet") from error
    types = ", ".join(f"'{name}': '{kind}'" for name, kind in COLUMNS.items())
    query = f"SELECT * FROM read_json($1, format = 'newline_delimited', columns = {{{types}}})"  # noqa: S608
    with tempfile.NamedTemporaryFile("wb", suffix=".ndjson") as plain:
        count = 0
        for row in rows(campaign):
            plain.write(orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE))
            count += 1
        plain.flush()
        with duckdb.connect() as database:
            database.sql(query, params=[plain.name]).write_parquet(str(path))
    return count


def download(*, campaign: Campaign | None, format: str, actor: Actor) -> HttpResponse:  # noqa: A002
    """The training set as an answer: counted against the day's exports and audited. Raises `Invalid` and `Refused`."""
    if format not in FORMATS:
        raise Invalid("format", _("The format must be csv or parquet."), code="format_unknown")
    name = f"training-set-{campaign.pk if campaign else 'all'}.{format}"
    if format == "parquet":
        with tempfile.TemporaryDirectory() as folder:
            write_parquet(Path(folder) / name, campaign)
            file = (Path(folder) / name).open("rb")  # the open file outlives its name
        count_export(actor)
        answer: Any = FileResponse(file, as_attachment=True, filename=name, content_type=PARQUET)
    else:
        count_export(actor)
        answer = csv_response(as_csv(campaign), name)
    record_export(campaign=campaign, format=format, actor=actor)
    return cast("HttpResponse", answer)


def record_export(*, campaign: Campaign | None, format: str, actor: Actor) -> None:  # noqa: A002
    """Who took which training set."""
    audit.record(
        "training.exported",
        subject=campaign or Campaign(pk=0),
        actor=actor,
        data={"campaign": campaign.pk if campaign else None, "format": format},
    )
