"""What assistants may ask about people and segments. A proposed segment is saved; nothing is sent to anyone by it."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from pydantic import Field

from leads import selectors
from leads.models import Lead
from leads.segments import selectors as segments
from leads.segments.api import describe_field, known_fields
from leads.segments.models import Segment
from leads.segments.services import save_segment
from outreach.access.roles import Role
from outreach.assistants.tools import MAX_ROWS, Arguments, Caller, Tool
from outreach.core.errors import Invalid


class SearchPeople(Arguments):
    text: str = Field(
        default="", max_length=200, description="Name, company, e-mail address or phone, or its beginning"
    )
    country: str = Field(default="", max_length=2, description="ISO 3166-1 alpha-2, for example DE")
    tag: str = Field(default="", max_length=100)
    title: str = Field(default="", max_length=100, description="A part of the job title")
    after: str = Field(default="", max_length=200, description="`next_after` of the page before")
    limit: int = Field(default=20, ge=1, le=MAX_ROWS)


class ReadPerson(Arguments):
    id: int


class Criteria(Arguments):
    criteria: dict[str, Any] = Field(
        description='Nested groups, for example {"all": [{"field": "company.country", "operator": "in", "value": ["DE"]}]};'
        " `list_segment_fields` names fields and operators"
    )


class ProposeSegment(Criteria):
    name: str = Field(min_length=1, max_length=200)
    description: str = Field(default="", max_length=1_000, description="Why these people, for whoever decides")


def _person(row: Lead) -> dict[str, Any]:
    return {
        "id": row.pk,
        "name": row.full_name,
        "title": row.title,
        "company": row.company.name if row.company else "",
        "country": row.country,
        "city": row.city,
        "tags": row.tags,
        "last_contacted_at": row.last_contacted_at,
        "last_replied_at": row.last_replied_at,
    }


def search_people(caller: Caller, given: SearchPeople) -> dict[str, Any]:
    """One page of people, newest first."""
    page = selectors.lead_list(
        after=given.after,
        limit=given.limit,
        search=given.text,
        country=given.country,
        tag=given.tag,
        title=given.title,
    )
    rows = Lead.objects.select_related("company").in_bulk([row["id"] for row in page.rows])
    return {"people": [_person(rows[row["id"]]) for row in page.rows], "next_after": page.next_after}


def read_person(caller: Caller, given: ReadPerson) -> dict[str, Any]:
    """Everything known about one person."""
    lead = Lead.objects.alive().select_related("company").filter(pk=given.id).first()
    if lead is None:
        raise Invalid("id", _("There is no person %(id)s.") % {"id": given.id})
    addresses = [
        {"channel": row.channel, "address": row.address, "status": row.status} for row in lead.identities.all()
    ]
    company = lead.company
    return _person(lead) | {
        "description": lead.description,
        "language": lead.language,
        "url": lead.url,
        "attributes": lead.attributes,
        "addresses": addresses,
        "company_facts": {
            "domain": company.domain,
            "industry": company.industry,
            "country": company.country,
            "city": company.city,
            "employees": company.employees,
        }
        if company
        else {},
    }


def list_segments(caller: Caller, given: Arguments) -> dict[str, Any]:
    """The segments in use, newest first."""
    rows = segments.segment_list()[:MAX_ROWS]
    return {
        "segments": [
            {
                "id": row.pk,
                "name": row.name,
                "description": row.description,
                "criteria": row.current.criteria if row.current else None,
            }
            for row in rows
        ]
    }


def list_segment_fields(caller: Caller, given: Arguments) -> dict[str, Any]:
    """What criteria may ask about."""
    return {"fields": [describe_field(field) for field in known_fields()]}


def count_people(caller: Caller, given: Criteria) -> dict[str, Any]:
    """How many people match, up to ten thousand, and the newest of them."""
    count = segments.count(given.criteria)
    rows = segments.preview(given.criteria, limit=10)
    return {
        "count": min(count, segments.COUNT_CAP - 1),
        "is_more": count >= segments.COUNT_CAP,
        "newest": [{"id": row.id, "name": row.name, "title": row.title, "company": row.company} for row in rows],
    }


def propose_segment(caller: Caller, given: ProposeSegment) -> dict[str, Any]:
    """Save a segment that people find under its name, marked as proposed."""
    note = " ".join(filter(None, (given.description, f"Proposed by {caller.program}.")))
    version = save_segment(
        name=given.name, criteria=given.criteria, description=note, created_by=caller.user, segment=None
    )
    segment: Segment = version.segment
    return {"id": segment.pk, "name": segment.name, "matching": count_people(caller, Criteria(criteria=given.criteria))}


TOOLS = [
    Tool(
        "search_people",
        _("Search people"),
        _(
            "Find people by name, company, address, country, tag or job title. Returns a page and where the next begins."
        ),
        SearchPeople,
        search_people,
    ),
    Tool(
        "read_person",
        _("Read a person"),
        _("Everything known about one person: facts, addresses and their company."),
        ReadPerson,
        read_person,
    ),
    Tool("list_segments", _("List segments"), _("The saved segments with their criteria."), Arguments, list_segments),
    Tool(
        "list_segment_fields",
        _("List the fields of segments"),
        _("The fields and operators that criteria may use, with an example of each."),
        Arguments,
        list_segment_fields,
    ),
    Tool(
        "count_people",
        _("Count people"),
        _("How many people match criteria, with ten examples. Saves nothing."),
        Criteria,
        count_people,
    ),
    Tool(
        "propose_segment",
        _("Propose a segment"),
        _("Save a segment for people to look at. It starts no campaign and writes to no one."),
        ProposeSegment,
        propose_segment,
        Role.OPERATOR,
        is_proposal=True,
    ),
]
