"""Small makers of leads for tests."""

from __future__ import annotations

import io
from typing import Any

from leads import changes
from leads.imports import services as imports
from leads.imports.models import Batch
from leads.models import Company, Identity, Lead
from outreach.core.models import Actor

ACTOR = Actor.system("tests")


def make_company(name: str = "Acme GmbH", **fields: Any) -> Company:
    from leads.cleaning.names import company_key

    return Company.objects.create(name=name, **{"name_key": company_key(name), "country": "DE"} | fields)


def make_lead(full_name: str = "Anna Example", email: str = "", phone: str = "", **fields: Any) -> Lead:
    first, _blank, last = full_name.partition(" ")
    lead = Lead.objects.create(
        full_name=full_name, first_name=first, last_name=last, name_key=full_name.lower(), **fields
    )
    if email:
        Identity.objects.create(lead=lead, channel="email", address=email)
    if phone:
        Identity.objects.create(lead=lead, channel="sms", address=phone)
    changes.record([lead.pk])
    return lead


def upload(text: str | bytes, *, kind: str = "people", **arguments: Any) -> Batch:
    data = text.encode() if isinstance(text, str) else text
    return imports.receive(file=io.BytesIO(data), file_name="list.csv", kind=kind, **arguments)


def run_import(
    text: str | bytes, *, kind: str = "people", mapping: dict[str, str] | None = None, **arguments: Any
) -> Batch:
    """Upload and run at once, in this process."""
    batch = upload(text, kind=kind, **arguments)
    if mapping is not None:
        imports.set_mapping(batch=batch, mapping=mapping)
    imports.start(batch=batch, actor=ACTOR)
    imports.run(batch=batch)
    batch.refresh_from_db()
    return batch
