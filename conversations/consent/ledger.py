"""Lines of the consent ledger from files, and many at once. The ledger is append-only: the newest line counts."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from django.utils.dateparse import parse_date, parse_datetime

from conversations.consent.digests import normalise
from conversations.consent.models import ConsentEntry
from conversations.consent.services import record_consent
from leads.models import Channel, Identity, Lead
from outreach.core.addresses import EMAIL, SMS
from outreach.core.errors import Invalid, OutreachError
from outreach.core.models import Actor
from outreach.core.words import gettext as _

COLUMNS = ("address", "channel", "basis", "source", "evidence", "text_shown", "expires_at")
MAX_ROWS = 100_000
BATCH = 2_000


@dataclass(frozen=True)
class Fault:
    line: int
    text: str
    reason: str


@dataclass
class Imported:
    count: int = 0
    faults: list[Fault] = field(default_factory=list)


def import_consents(*, text: str, actor: Actor, source: str = "") -> Imported:
    """Append an entry per row of a CSV file with the columns of `COLUMNS`; `address` and `basis` are required.

    `source` stands in where a row names none. A row that cannot be taken is told with its line and stops no other.
    Raises `Invalid` for a file without those columns and for one that is too long.
    """
    reader = csv.DictReader(io.StringIO(text), dialect=_dialect(text))
    names = {(name or "").strip().lower(): name for name in reader.fieldnames or ()}
    if not {"address", "basis"} <= set(names):
        raise Invalid("file", _("The file needs the columns address and basis."), code="columns_missing")
    result = Imported()
    for number, row in enumerate(reader, start=2):
        if number > MAX_ROWS + 1:
            raise Invalid(
                "file", _("At most %(count)s rows are allowed at once.") % {"count": MAX_ROWS}, code="too_long"
            )
        values = {name: (row.get(names[name]) or "").strip() if name in names else "" for name in COLUMNS}
        try:
            _append(values, source=source, actor=actor)
        except OutreachError as error:
            result.faults.append(Fault(number, values["address"], error.reason))
        else:
            result.count += 1
    return result


def _append(values: dict[str, str], *, source: str, actor: Actor) -> ConsentEntry:
    channel = values["channel"].lower() or (EMAIL if "@" in values["address"] else SMS)
    lead = lead_of(channel=channel, address=values["address"])
    return record_consent(
        lead=lead,
        channel=channel,
        basis=values["basis"].lower().replace(" ", "_"),
        source=values["source"] or source,
        actor=actor,
        evidence=values["evidence"],
        text_shown=values["text_shown"],
        expires_at=read_moment(values["expires_at"]),
    )


def lead_of(*, channel: str, address: str) -> Lead:
    """The lead with this address. Raises `Invalid` for an invalid address and for one that no lead has."""
    if channel not in Channel.values:
        raise Invalid("channel", _("There is no channel “%(name)s”.") % {"name": channel}, code="wrong_choice")
    normal = normalise(channel, address)
    identity = Identity.objects.select_related("lead").filter(channel=channel, address=normal).first()
    if identity is None:
        raise Invalid("address", _("No lead has this address."), code="not_found")
    return identity.lead


def read_moment(text: str) -> datetime | None:
    """An ISO date or time; a date alone means its end, in UTC. Raises `Invalid` for anything else."""
    if not text:
        return None
    try:
        moment = parse_datetime(text) if len(text) > 10 else None
        day = parse_date(text) if moment is None else None
    except ValueError:
        moment = day = None
    if moment is not None:
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    if day is None:
        raise Invalid(
            "expires_at", _("“%(text)s” is not a date. Use the form 2027-12-31.") % {"text": text}, code="no_date"
        )
    return datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(days=1)


def _dialect(text: str) -> type[csv.Dialect]:
    first = text.splitlines()[0] if text.strip() else ""
    if not first:
        raise Invalid("file", _("The file is empty."), code="empty")

    class Found(csv.excel):
        delimiter = max(",;\t", key=first.count)

    return Found
