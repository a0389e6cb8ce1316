"""The one registry of fields and operators: filter builder, API schema, documentation and compiler are drawn from it.

To add a field, add a row to `FIELDS`. Labels are marked for translation here and translated where they are shown. Pure.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from leads import names
from leads.cleaning.cells import country, language


def _(text: str) -> str:
    """Marks a text for translation."""
    return text


class Type(StrEnum):
    """What a field holds, which decides its operators and how its values are read."""

    TEXT = "text"
    """Free text, compared whatever the case."""
    LIST = "list"
    """One of a set of codes, compared exactly after the field's own normalisation."""
    NUMBER = "number"
    DATE = "date"
    BOOLEAN = "boolean"
    TAGS = "tags"
    JSON = "json"
    """A value of an attribute, whose type is only known when it is read."""


class ValueKind(StrEnum):
    """The shape of an operator's value."""

    ONE = "one"
    LIST = "list"
    WORDS = "words"
    """A lexicon: words and phrases, found as whole words."""
    NUMBER = "number"
    NUMBER_RANGE = "number_range"
    DATE = "date"
    DATE_RANGE = "date_range"
    DAYS = "days"
    NONE = "none"


@dataclass(frozen=True)
class Operator:
    """One comparison. `negates` names the operator whose opposite this is: unknown values then count as matching."""

    name: str
    label: str
    value: ValueKind
    negates: str = ""


OPERATORS: dict[str, Operator] = {
    o.name: o
    for o in (
        Operator("equals", _("is"), ValueKind.ONE),
        Operator("not_equals", _("is not"), ValueKind.ONE, negates="equals"),
        Operator("in", _("is one of"), ValueKind.LIST),
        Operator("not_in", _("is none of"), ValueKind.LIST, negates="in"),
        Operator("any_of", _("has any of the words"), ValueKind.WORDS),
        Operator("none_of", _("has none of the words"), ValueKind.WORDS, negates="any_of"),
        Operator("contains", _("contains the text"), ValueKind.ONE),
        Operator("not_contains", _("does not contain the text"), ValueKind.ONE, negates="contains"),
        Operator("starts_with", _("starts with"), ValueKind.ONE),
        Operator("gt", _("is more than"), ValueKind.NUMBER),
        Operator("gte", _("is at least"), ValueKind.NUMBER),
        Operator("lt", _("is less than"), ValueKind.NUMBER),
        Operator("lte", _("is at most"), ValueKind.NUMBER),
        Operator("between", _("is between"), ValueKind.NUMBER_RANGE),
        Operator("before", _("is before"), ValueKind.DATE),
        Operator("after", _("is on or after"), ValueKind.DATE),
        Operator("during", _("is from … to"), ValueKind.DATE_RANGE),
        Operator("within_days", _("is within the last"), ValueKind.DAYS),
        Operator("not_within_days", _("is not within the last"), ValueKind.DAYS, negates="within_days"),
        Operator("has_tag", _("has the tag"), ValueKind.ONE),
        Operator("has_any_tag", _("has any of the tags"), ValueKind.LIST),
        Operator("has_all_tags", _("has all of the tags"), ValueKind.LIST),
        Operator("lacks_tag", _("does not have the tag"), ValueKind.ONE, negates="has_tag"),
        Operator("exists", _("is known"), ValueKind.NONE),
        Operator("missing", _("is not known"), ValueKind.NONE, negates="exists"),
    )
}

_KNOWN = ("exists", "missing")
_NUMBER = ("gte", "lte", "gt", "lt", "between", "equals", "not_equals")
_WORDS = ("any_of", "none_of", "contains", "not_contains", "starts_with")
_EQUALITY = ("equals", "not_equals", "in", "not_in")

OPERATORS_OF: dict[Type, tuple[str, ...]] = {
    Type.TEXT: (*_WORDS, *_EQUALITY, *_KNOWN),
    Type.LIST: ("in", "not_in", "equals", "not_equals", *_KNOWN),
    Type.NUMBER: (*_NUMBER, *_KNOWN),
    Type.DATE: ("within_days", "not_within_days", "before", "after", "during", *_KNOWN),
    Type.BOOLEAN: ("equals", *_KNOWN),
    Type.TAGS: ("has_tag", "lacks_tag", "has_any_tag", "has_all_tags", *_KNOWN),
    Type.JSON: (*_EQUALITY, *_WORDS, "gt", "gte", "lt", "lte", "between", *_KNOWN),
}
"""The first operator is what a new condition starts with. `between` is also accepted for dates (as `during`)."""


@dataclass(frozen=True)
class Field:
    """One field that criteria can use. `column` is SQL over `l` (leads_lead) and `c` (leads_company)."""

    name: str
    label: str
    type: Type
    column: str
    choices: str = ""
    """The source of suggestions, known to `selectors.choices`; `static:a,b` lists them here."""
    help: str = ""
    normalise: Callable[[str], str] = str.strip
    """Brings a text value into the form that is stored. Raises `Invalid`."""
    shown: Callable[[str], str] = str
    """How a stored value reads in the viewer's language: “Germany” for DE. `normalise` reads it back."""
    is_nullable: bool = True
    """False for computed fields that always have a value: “is known” makes no sense for them."""
    example: str = ""
    attribute: str = ""
    """The key, for a field of type json."""
    is_long: bool = False
    """Texts of any length: asked of the database, never read for an index over criteria."""

    @property
    def operators(self) -> tuple[str, ...]:
        names = OPERATORS_OF[self.type]
        if self.is_closed:
            names = tuple(sorted(names, key=lambda name: name not in {"equals", "not_equals"}))
        return names if self.is_nullable else tuple(n for n in names if n not in _KNOWN)

    @property
    def is_closed(self) -> bool:
        """Whether a value is chosen from a list rather than typed."""
        return self.choices.startswith("static:") or self.name == "lead.batch"

    @property
    def noun(self) -> str:
        """`lead` or `company`."""
        return self.name.partition(".")[0]


def _lower(text: str) -> str:
    return text.strip().lower()


def _folded(column: str) -> str:
    """`column` in lower case; the explicit collation lets letters beyond ASCII fold for byte-compared columns too."""
    return f'lower({column} COLLATE "default")'


_REACHABLE = (
    "EXISTS (SELECT 1 FROM leads_identity i WHERE i.lead_id = l.id AND i.channel = '{}' AND i.status <> 'invalid')"
)
FIELDS: dict[str, Field] = {
    f.name: f
    for f in (
        Field("lead.title", _("Title"), Type.TEXT, "l.title_key", example="CTO, Head of IT",
              help=_("“CTO” does not match “Director”; “develop*” matches the beginning of a word.")),
        Field("lead.full_name", _("Name"), Type.TEXT, _folded("l.full_name")),
        Field("lead.kind", _("Kind"), Type.LIST, "l.kind", choices="static:person,listing", normalise=_lower),
        Field("lead.country", _("Country"), Type.LIST, "l.country", choices="lead.country", normalise=country, shown=names.country_name, example=_("Germany, Austria")),
        Field("lead.region", _("Region"), Type.TEXT, _folded("l.region")),
        Field("lead.city", _("City"), Type.TEXT, _folded("l.city"), choices="lead.city"),
        Field("lead.language", _("Language"), Type.LIST, "l.language", choices="lead.language", normalise=language,
              shown=names.language_name, example=_("English, German")),
        Field("lead.status", _("Status"), Type.TEXT, _folded("l.status"), choices="lead.status", help=_("The team's own status.")),
        Field("lead.postal_code", _("Postal code"), Type.TEXT, _folded("l.postal_code")),
        Field("lead.time_zone", _("Time zone"), Type.TEXT, _folded("l.time_zone"), example="Europe/Berlin"),
        Field("lead.description", _("Description"), Type.TEXT, _folded("l.description"), is_long=True,
              help=_("The text of a listing, or what is known about the person.")),
        Field("lead.tags", _("Tags"), Type.TAGS, "l.tags", choices="lead.tags"),
        Field("lead.source", _("Source"), Type.LIST, "l.source", choices="lead.source"),
        Field("lead.batch", _("Import"), Type.LIST, "l.batch_id", choices="lead.batch"),
        Field("lead.session_key", _("Session key"), Type.LIST, "l.session_key"),
        Field("lead.created_at", _("Added"), Type.DATE, "l.created_at", is_nullable=False),
        Field("lead.activity_at", _("Last activity"), Type.DATE, "l.activity_at"),
        Field("lead.last_contacted_at", _("Last outreach"), Type.DATE, "l.last_contacted_at",
              help=_("“Is not within the last 60 days” includes people who were never written to.")),
        Field("lead.last_replied_at", _("Last reply"), Type.DATE, "l.last_replied_at"),
        Field("lead.has_email", _("Has an e-mail address"), Type.BOOLEAN, _REACHABLE.format("email"), is_nullable=False),
        Field("lead.has_phone", _("Has a phone number"), Type.BOOLEAN, _REACHABLE.format("sms"), is_nullable=False),
        Field("lead.has_profile", _("Has a network profile"), Type.BOOLEAN, _REACHABLE.format("network"), is_nullable=False),
        Field("lead.has_company", _("Works at a known company"), Type.BOOLEAN, "(l.company_id IS NOT NULL)", is_nullable=False),
        Field("company.name", _("Company name"), Type.TEXT, _folded("c.name")),
        Field("company.domain", _("Company domain"), Type.TEXT, "c.domain", example="example.com"),
        Field("company.country", _("Company country"), Type.LIST, "c.country", choices="company.country", normalise=country, shown=names.country_name, example=_("Germany, Austria")),
        Field("company.city", _("Company city"), Type.TEXT, _folded("c.city"), choices="company.city"),
        Field("company.industry", _("Industry"), Type.TEXT, _folded("c.industry"), choices="company.industry", example="fintech"),
        Field("company.segment", _("Company segment"), Type.TEXT, _folded("c.segment"), choices="company.segment"),
        Field("company.is_sme", _("Small or medium company"), Type.BOOLEAN, "c.is_sme", help=_("According to the SME register.")),
        Field("company.employee_count", _("Employees"), Type.NUMBER, "c.employee_count",
              help=_("Of a range such as 11–50 the lower end counts.")),
        Field("company.employee_count_max", _("Employees, upper end"), Type.NUMBER, "coalesce(c.employee_count_max, c.employee_count)",
              help=_("The upper end of a range such as 11–50; an exact number counts as both ends.")),
        Field("company.status", _("Company status"), Type.TEXT, _folded("c.status"), choices="company.status"),
        Field("company.description", _("Company description"), Type.TEXT, _folded("c.research_text"), is_long=True),
        Field("company.source", _("Company source"), Type.LIST, "c.source"),
        Field("company.tags", _("Company tags"), Type.TAGS, "c.tags", choices="company.tags"),
    )
}  # fmt: skip

ATTRIBUTES = {
    "lead.attributes": (_("Attribute"), "l.attributes"),
    "company.attributes": (_("Company attribute"), "c.attributes"),
}
"""Prefixes of fields named by an attribute's key, `lead.attributes.<key>`: columns of a list that have no field here."""
INTEGERS = frozenset({"lead.batch"})
"""Fields of type list whose column holds whole numbers."""
MAX_KEY_LENGTH = 100
CODES = {
    "lead.country": re.compile(r"[A-Z]{2}"),
    "company.country": re.compile(r"[A-Z]{2}"),
    "lead.language": re.compile(r"[a-z]{2,3}"),
    "lead.kind": re.compile(r"person|listing"),
    "lead.batch": re.compile(r"[0-9]{1,15}"),
}
"""What a value must look like where the field holds codes; anything else could never match."""


def find(name: str) -> Field | None:
    """The field called `name`, made on the fly for `lead.attributes.<key>`; None when there is none."""
    if field := FIELDS.get(name):
        return field
    noun, _dot, rest = name.partition(".")
    prefix, _dot, key = rest.partition(".")
    found = ATTRIBUTES.get(f"{noun}.{prefix}")
    if found is None or not key or key != key.strip() or len(key) > MAX_KEY_LENGTH or not key.isprintable():
        return None
    label, column = found
    return Field(name, f"{label} “{key}”", Type.JSON, column, attribute=key)


def closest(name: str) -> str:
    """The name of the field most like `name`, or an empty text: for “did you mean”."""
    names = [*FIELDS, *(f"{prefix}.<key>" for prefix in ATTRIBUTES)]
    tails = {n.partition(".")[2]: n for n in reversed(names)}
    if name in tails:
        return tails[name]
    found = difflib.get_close_matches(name.lower(), names, n=1, cutoff=0.6)
    if found:
        return found[0]
    found = difflib.get_close_matches(name.lower().rpartition(".")[2], list(tails), n=1, cutoff=0.6)
    return tails[found[0]] if found else ""
