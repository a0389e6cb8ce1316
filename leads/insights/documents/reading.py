"""Fetch and read what a lead has of pictures and documents, and write the combined signal into its attributes."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

from django.conf import settings

from leads import services as leads
from leads.insights.documents import entities, signal
from leads.insights.documents.reader import kind_of
from leads.insights.models import Document
from leads.models import Lead
from leads.sources.models import RawRecord
from outreach.core import clock
from outreach.core.errors import OutreachError
from outreach.core.models import Actor
from outreach.core.words import gettext as _
from outreach.web.services import fetch_safely

ACTOR = Actor.system("insights")
MOST_FILES = 6
SECONDS = 60
"""For one file, with the start of its process."""
_ADDRESSES = ("image_urls", "images", "photos", "documents", "attachments", "files", "pdf_urls")


def addresses(lead: Lead) -> list[str]:
    """Addresses of pictures and PDFs: of the lead's attributes and of the pages that it was found on."""
    found: list[str] = []
    for name in _ADDRESSES:
        found += list(_urls(lead.attributes.get(name)))
    for record in RawRecord.objects.filter(lead=lead).only("features").order_by("-last_seen_at")[:3]:
        found += list(_urls(record.features.get("images")))
        found += [url for url in _urls(record.features.get("links")) if url.lower().partition("?")[0].endswith(".pdf")]
    return list(dict.fromkeys(found))[:MOST_FILES]


def _urls(value: Any) -> Iterator[str]:
    for part in value if isinstance(value, list) else [value]:
        url = part.get("url") if isinstance(part, dict) else part
        if isinstance(url, str) and url.startswith(("http://", "https://")) and len(url) < 2_000 and url.isprintable():
            yield url


def read_all(*, lead: Lead) -> list[Document]:
    """Read the files of a lead, each once for as long as its bytes stay the same, and write the signal.

    What cannot be fetched or read says why on its row and holds nothing else up. Waits: not inside a transaction.
    """
    rows = [_read(lead, url) for url in addresses(lead)]
    Document.objects.filter(lead=lead).exclude(url__in=[row.url for row in rows]).delete()
    found = entities.find("\n".join([lead.description, *(row.text for row in rows)]))
    combined = signal.combine(
        text=lead.description,
        entities=entities.find(lead.description),
        qualities=[row.quality for row in rows if row.quality is not None],
        document_texts=[row.text for row in rows if row.kind == Document.Kind.PDF],
    )
    if rows and combined.score is not None:
        attributes = {
            **lead.attributes,
            "media_score": combined.score,
            "media_reasons": combined.reasons,
            "media_keywords": found.keywords,
        }
        if attributes != lead.attributes:
            leads.update_lead(lead=lead, actor=ACTOR, fields={"attributes": attributes})
            lead.attributes = attributes
    return rows


def _read(lead: Lead, url: str) -> Document:
    known = Document.objects.filter(lead=lead, url=url).first()
    most = int(settings.OUTREACH.research.max_file_megabytes * 1024 * 1024)
    values: dict[str, Any] = {"read_at": clock.now(), "problem": ""}
    try:
        page = fetch_safely(url, max_bytes=most)
    except OutreachError as error:
        return _stored(lead, url, values | {"problem": error.reason})
    if page.status >= 400 or not page.body:
        return _stored(
            lead, url, values | {"problem": _("The file cannot be fetched (%(status)s).") % {"status": page.status}}
        )
    digest = hashlib.sha256(page.body).hexdigest()
    if known is not None and known.content_hash == digest and not known.problem:
        return known
    answer = read_file(page.body)
    named = entities.find(answer["text"]).as_json() if answer["text"] else {}
    values |= {
        "kind": answer["kind"],
        "content_hash": digest,
        "text": answer["text"],
        "quality": answer["quality"],
        "details": answer["details"] | {"entities": named},
        "problem": answer["problem"],
    }
    return _stored(lead, url, values)


def _stored(lead: Lead, url: str, values: dict[str, Any]) -> Document:
    row, _is_new = Document.objects.update_or_create(lead=lead, url=url, defaults=values)
    return row


def read_file(body: bytes) -> dict[str, Any]:
    """Read one file in a separate process, see `reader`. A file that takes too long or kills it is reported."""
    policy = settings.OUTREACH.research
    empty: dict[str, Any] = {"kind": kind_of(body), "text": "", "quality": None, "details": {}}
    command = [
        sys.executable,
        "-m",
        "leads.insights.documents.reader",
        str(policy.max_document_pages),
        policy.ocr_languages,
    ]
    try:
        done = subprocess.run(
            command, input=body, capture_output=True, timeout=SECONDS, cwd=settings.BASE_DIR, check=False
        )
    except subprocess.TimeoutExpired:
        return empty | {"problem": _("Reading the file took too long.")}
    try:
        answer: dict[str, Any] = json.loads(done.stdout)
    except ValueError:
        return empty | {"problem": _("Reading the file exceeded its limits, or the file is damaged.")}
    return answer
