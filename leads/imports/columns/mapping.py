"""Column mapping: the available fields, the names that exports use, and a proposal.

Pure: no Django, no database. A mapping is `{column: field}`; a field that is not mapped to is left alone, a column
that is mapped to nothing is left out, and one that is mapped to `attributes` is kept under its own name.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from outreach.core.errors import Invalid
from outreach.core.lists import read_table

PEOPLE = "people"
COMPANIES = "companies"
BOTH = "both"
"""People and companies in one sheet: a row may name a person, a company, or a person of a company."""
ATTRIBUTES = "attributes"
"""The pseudo field of columns that are kept as they are."""


def _(text: str) -> str:
    """Marks a label for translation, which is done where it is shown."""
    return text


@dataclass(frozen=True)
class Field:
    """One thing that a column can hold."""

    name: str
    label: str
    group: str


PERSON_FIELDS = (
    Field("full_name", _("Full name"), "person"),
    Field("first_name", _("First name"), "person"),
    Field("last_name", _("Last name"), "person"),
    Field("email", _("E-mail"), "person"),
    Field("email_2", _("Second e-mail"), "person"),
    Field("phone", _("Phone"), "person"),
    Field("phone_2", _("Second phone"), "person"),
    Field("network", _("Network profile"), "person"),
    Field("title", _("Title"), "person"),
    Field("description", _("Description"), "person"),
    Field("url", _("Web page"), "person"),
    Field("country", _("Country"), "person"),
    Field("region", _("Region"), "person"),
    Field("city", _("City"), "person"),
    Field("postal_code", _("Postal code"), "person"),
    Field("time_zone", _("Time zone"), "person"),
    Field("language", _("Language"), "person"),
    Field("status", _("Status"), "person"),
    Field("tags", _("Tags"), "person"),
    Field("external_id", _("Id at the source"), "person"),
    Field("changed_at", _("Changed at the source"), "person"),
    Field("opt_out", _("Unsubscribed or opted out"), "person"),
    Field("subscription", _("Subscription status"), "person"),
    Field("bounced", _("Bounced"), "person"),
)
COMPANY_FIELDS = (
    Field("company.name", _("Company"), "company"),
    Field("company.domain", _("Company domain"), "company"),
    Field("company.website", _("Company website"), "company"),
    Field("company.country", _("Company country"), "company"),
    Field("company.city", _("Company city"), "company"),
    Field("company.industry", _("Industry"), "company"),
    Field("company.segment", _("Segment"), "company"),
    Field("company.is_sme", _("In the SME register"), "company"),
    Field("company.employee_count", _("Employees"), "company"),
    Field("company.tax_id", _("Tax id"), "company"),
    Field("company.registration_number", _("Registration number"), "company"),
    Field("company.phone", _("Company phone"), "company"),
    Field("company.status", _("Company status"), "company"),
    Field("company.tags", _("Company tags"), "company"),
    Field("company.research_text", _("Research"), "company"),
    Field("company.external_id", _("Company id in the source"), "company"),
    Field("company.changed_at", _("Company changed at the source"), "company"),
)

FIELDS = {
    PEOPLE: PERSON_FIELDS + COMPANY_FIELDS,
    COMPANIES: COMPANY_FIELDS,
    BOTH: PERSON_FIELDS + COMPANY_FIELDS,
}
FIELD_NAMES = {kind: frozenset(f.name for f in fields) for kind, fields in FIELDS.items()}
REQUIRED = {
    PEOPLE: (
        ("email", "email_2", "phone", "phone_2", "network", "external_id", "full_name", "last_name", "first_name"),
        "A list of people needs a column with an e-mail address, a phone number, a profile or a name.",
    ),
    COMPANIES: (
        ("company.name", "company.tax_id", "company.registration_number", "company.external_id", "company.domain"),
        "A list of companies needs a column with the company's name, tax id or registration number.",
    ),
}
REQUIRED[BOTH] = (
    REQUIRED[PEOPLE][0] + REQUIRED[COMPANIES][0],
    "The list needs a column with a name, an address or a company.",
)
CHANGED_AT = {PEOPLE: ("changed_at",), COMPANIES: ("company.changed_at",), BOTH: ("changed_at", "company.changed_at")}
"""Where the date of the last change stands; the rule "newest wins" needs one of them."""

SHARED = frozenset({ATTRIBUTES, "opt_out", "subscription", "bounced"})
"""Fields that several columns may go into: what one of them says is enough."""
_ABOUT_OPT_OUTS = re.compile(
    r"\b(?:unsub\w*|opt(?:ed)? ?(?:in|out)|optin|optout|do not|dnc|consent|gdpr|blacklist\w*|suppress\w*|bounce\w*|complain\w*"
    r"|abgemeldet|widerruf|einwilligung|отпис\w*|согласие|не писать)\b"
)
HEADERS: dict[str, Any] = read_table(Path(__file__).parent / "data" / "headers.toml")


def header_key(text: str) -> str:
    """A header as it is compared: lower case, ё as е, no accents, signs as blanks."""
    folded = unicodedata.normalize("NFKD", text.strip("\ufeff").casefold())
    plain = "".join(c for c in folded if not unicodedata.combining(c) or c == "\u0306")
    return " ".join(re.sub(r"[\W_]+", " ", unicodedata.normalize("NFC", plain.casefold())).split())


_OF_EITHER = {
    f"company.{name}": name for name in ("country", "city", "phone", "status", "tags", "external_id", "changed_at")
} | {"company.research_text": "description", "company.website": "url"}
"""In a list of companies these words are about the company."""


def _alias_table(kind: str) -> dict[str, str]:
    table: dict[str, str] = {}
    for field in FIELDS[kind]:
        group, _dot, name = field.name.rpartition(".")
        for alias in (field.name.replace(".", " "), *HEADERS[group or PEOPLE].get(name, ())):
            table.setdefault(header_key(alias), field.name)
    if kind == COMPANIES:
        words = HEADERS["companies_only"] | {of: HEADERS[PEOPLE][name] for of, name in _OF_EITHER.items()}
        table |= {header_key(alias): name for name, aliases in words.items() for alias in aliases}
    return table


ALIASES = {kind: _alias_table(kind) for kind in FIELDS}
_ALL_ALIASES = frozenset().union(*ALIASES.values())
_JOINED = {
    kind: {key.replace(" ", ""): name for key, name in reversed(table.items())} for kind, table in ALIASES.items()
}
"""Names without blanks: "MailingCity" is "mailing city"."""
WEAK = frozenset({"headline"})
"""Gives way to a better name in the same list: a headline is a title where there is no job title."""
_NUMBERED = re.compile(r" \d+$")
_MOBILE = re.compile(
    r"\b(mobile?|mobiel|movil|cell|cellulare|celular|telemovel|handy|portable|komorkowy|мобильный|сотовый|мобільний)\b"
)
"""Of several phone numbers these get a place first: only they take text messages."""
_PART = re.compile(
    r"^(?:primary|person|contact|контакт|address 1) | (?:value|work|business|office|contact|person|рабочий|рабочая|\d+)$"
)
_OF_COMPANY = re.compile(r"^(?:organization|company|account|организация|компания) ")


def known_export(columns: Sequence[str]) -> str:
    """The program that writes lists with these columns, or empty."""
    keys = {header_key(column) for column in columns}
    for name, ways in HEADERS["exports"].items():
        if any(keys.issuperset(way) for way in ways):
            return str(name)
    return ""


def about_opt_outs(columns: Sequence[str], mapping: Mapping[str, str]) -> list[str]:
    """Columns that seem to say who must not be written to, or who agreed, when `mapping` uses none of them."""
    if (SHARED - {ATTRIBUTES}) & set(mapping.values()):
        return []
    return [column for column in columns if not mapping.get(column) and _ABOUT_OPT_OUTS.search(header_key(column))]


def remembered(mapping: Mapping[str, str]) -> dict[str, str]:
    """A mapping in the form in which it is saved: by header keys, so that case and signs of a column do not matter."""
    return {header_key(column): field for column, field in mapping.items()}


def is_known_header(text: str) -> bool:
    """Whether `text` is a column name that some export uses."""
    key = header_key(text)
    return key in _ALL_ALIASES or _NUMBERED.sub("", key) in _ALL_ALIASES


@dataclass(frozen=True)
class Proposal:
    """What a column probably holds. `confidence`: 1 known name, below 1 guessed, 0 nothing fits."""

    column: str
    field: str
    confidence: float
    reason: str


_SNIFFERS = (
    ("email", re.compile(r"^[^@\s]+@[^@\s]+\.[^@\s.]+$")),
    ("network", re.compile(r"^https?://([a-z]+\.)?linkedin\.com/in/", re.IGNORECASE)),
    ("phone", re.compile(r"^(?!\d{4}-\d\d-\d\d)\+?[\d][\d\s().-]{8,18}$")),
)


def propose(
    *,
    kind: str,
    columns: Sequence[str],
    samples: Sequence[Sequence[str]] = (),
    saved: Mapping[str, str] | None = None,
) -> list[Proposal]:
    """A field for each column as it was mapped last time, else by its name, else by the values in `samples`.

    Each field is given out once; `saved` is header key → field, an empty field means that it was left out.
    """
    taken: set[str] = set()
    proposals: dict[str, Proposal] = {}
    for column in columns:
        name = (saved or {}).get(header_key(column))
        if name is not None and name not in taken and (not name or name == ATTRIBUTES or name in FIELD_NAMES[kind]):
            proposals[column] = Proposal(column, name, 1.0, "saved")
            taken |= {name} - SHARED - {""}
    if kind != COMPANIES:
        _profiles_first(columns, samples, taken, proposals)
        _halves_of_names(columns, samples, taken, proposals)
    for column in sorted(columns, key=lambda column: header_key(column) in WEAK):
        if column in proposals:
            continue
        if (name := ALIASES[kind].get(header_key(column))) and name not in taken:
            taken |= {name} - SHARED
            proposals[column] = Proposal(column, name, 1.0, "name")
    for index, column in sorted(enumerate(columns), key=lambda item: not _MOBILE.search(header_key(item[1]))):
        if column in proposals:
            continue
        guess = _by_name_part(kind, column, taken) or _by_values(kind, index, column, samples, taken)
        proposals[column] = guess or Proposal(column, "", 0.0, "")
        if guess:
            taken |= {guess.field} - SHARED
    return [proposals[column] for column in columns]


def _profiles_first(
    columns: Sequence[str], samples: Sequence[Sequence[str]], taken: set[str], proposals: dict[str, Proposal]
) -> None:
    """A column that is merely called "URL" or "Website" but holds profiles, as in LinkedIn's own export and Google's."""
    names = {ALIASES[PEOPLE].get(header_key(column)) for column in columns}
    for index, column in enumerate(columns):
        named = {_named(PEOPLE, shorter) for shorter in _shortened(header_key(column))}
        if column in proposals or "network" in taken | names or not named & {"url", "company.website"}:
            continue
        values = [row[index].strip() for row in samples if index < len(row) and row[index].strip()]
        if values and all(_SNIFFERS[1][1].match(value) for value in values):
            taken.add("network")
            proposals[column] = Proposal(column, "network", 1.0, "values")


def _halves_of_names(
    columns: Sequence[str], samples: Sequence[Sequence[str]], taken: set[str], proposals: dict[str, Proposal]
) -> None:
    """A "Name" beside a "Vorname" is a last name, a "Nombre" beside "Apellidos" a first one; alone they are the whole."""
    named = {ALIASES[PEOPLE].get(header_key(column)) for column in columns} | taken
    for half, other in (("last_name", "first_name"), ("first_name", "last_name")):
        if other not in named or half in named:
            continue
        for index, column in enumerate(columns):
            values = [row[index].strip() for row in samples if index < len(row) and row[index].strip()]
            is_whole = sum(" " in value for value in values) > len(values) / 2
            if column not in proposals and header_key(column) in HEADERS["halves"][half] and not is_whole:
                taken.add(half)
                proposals[column] = Proposal(column, half, 1.0, "name")
                break


def _by_name_part(kind: str, column: str, taken: set[str]) -> Proposal | None:
    key = header_key(column)
    if (name := _named(COMPANIES, _OF_COMPANY.sub("", key))) and name not in taken and _OF_COMPANY.match(key):
        return Proposal(column, name, 0.7, "name part")
    for shorter in _shortened(key):
        name = _named(kind, shorter)
        second = f"{name}_2"
        if name in {"email", "phone"} and name in taken and second not in taken:
            return Proposal(column, second, 0.7, "name part")
        if name and name not in taken:
            return Proposal(column, name, 0.7, "name part")
    return None


def _named(kind: str, key: str) -> str:
    """The field that a header key names, with or without blanks between its words; or empty."""
    return ALIASES[kind].get(key) or _JOINED[kind].get(key.replace(" ", ""), "")


def _shortened(key: str) -> Iterator[str]:
    """The key itself, then without what exports put around a name, one after the other."""
    yield key
    while (shorter := _PART.sub("", key, count=1)) != key:
        key = shorter
        yield key


def _by_values(
    kind: str, index: int, column: str, samples: Sequence[Sequence[str]], taken: set[str]
) -> Proposal | None:
    values = [row[index].strip() for row in samples if index < len(row) and row[index].strip()]
    if kind == COMPANIES or not values:
        return None
    for name, pattern in _SNIFFERS:
        if name not in taken and sum(1 for value in values if pattern.match(value)) >= max(1, len(values) * 0.6):
            return Proposal(column, name, 0.5, "values")
    return None


WANTED = {
    PEOPLE: ("full_name", "title", "company.name", "email"),
    COMPANIES: ("company.name",),
    BOTH: ("full_name", "title", "company.name", "email"),
}
"""What a list is hardly of use without: a text greets by name and speaks of the title and company."""
_INSTEAD = {"full_name": {"first_name", "last_name"}, "email": {"email_2"}}
_HINTS = {
    "full_name": re.compile(r"\b(?:name|contact|person|who|kontakt|nom|nome|nombre|naam|имя|фио|контакт)"),
    "title": re.compile(
        r"\b(?:title|role|position|job|function|occupation|seniority|должность|роль|funktion|poste|cargo)"
    ),
    "company.name": re.compile(
        r"\b(?:org|company|firm|account|employer|business|customer|client|компания|организация|firma)"
    ),
    "email": re.compile(r"mail|почта"),
}
_LOOKS = {
    "full_name": re.compile(r"^[^\W\d_]+[,.]?(?: [^\W\d_][\w.'’-]*){1,3}$"),
    "email": _SNIFFERS[0][1],
}


@dataclass(frozen=True)
class Missing:
    """A field that a list should have and no column goes into; `candidates` are unused columns, the likeliest first."""

    field: str
    candidates: list[str]


def missing(
    *, kind: str, columns: Sequence[str], mapping: Mapping[str, str], samples: Sequence[Sequence[str]]
) -> list[Missing]:
    """What `mapping` leaves out of `WANTED`, with the columns that might hold it."""
    used = {name for name in mapping.values() if name}
    free = [(i, column) for i, column in enumerate(columns) if mapping.get(column, "") in {"", ATTRIBUTES}]
    found = []
    for name in WANTED[kind]:
        if name not in used and not _INSTEAD.get(name, set()) & used:
            scores = [(_likeness(name, column, i, samples), -i, column) for i, column in free]
            likely = [column for score, _place, column in sorted(scores, reverse=True) if score]
            found.append(Missing(name, likely[:3]))
    return found


def _likeness(field: str, column: str, index: int, samples: Sequence[Sequence[str]]) -> int:
    """How much a column looks like `field`: 2 by its name, 1 by its values, 3 by both."""
    values = [row[index].strip() for row in samples if index < len(row) and row[index].strip()]
    looks = _LOOKS.get(field)
    by_values = bool(looks and values and sum(bool(looks.match(v)) for v in values) >= 0.6 * len(values))
    return 2 * bool(_HINTS[field].search(header_key(column))) + by_values


def check(*, kind: str, mapping: Mapping[str, Any], columns: Sequence[str]) -> dict[str, str]:
    """The mapping as `{column: field}` of known columns and fields only.

    Raises `Invalid` (field `mapping`) with the code `column_missing`, `field_unknown`, `field_twice` or
    `mapping_incomplete`.
    """
    if not isinstance(mapping, Mapping):
        raise Invalid("mapping", "A mapping must be an object of column → field.", code="mapping_malformed")
    chosen: dict[str, str] = {}
    for column, field in mapping.items():
        if column not in columns:
            known = ", ".join(columns[:20])
            raise Invalid(
                "mapping", f"The file has no column “{column}”. Its columns are: {known}.", code="column_missing"
            )
        if not field:
            continue
        if not isinstance(field, str) or (field != ATTRIBUTES and field not in FIELD_NAMES[kind]):
            known = ", ".join(f.name for f in FIELDS[kind])
            raise Invalid("mapping", f"There is no field “{field}”. The fields are: {known}.", code="field_unknown")
        if field not in SHARED and field in chosen.values():
            raise Invalid("mapping", f"Two columns are mapped to the field “{field}”.", code="field_twice")
        chosen[column] = field
    needed, sentence = REQUIRED[kind]
    if not any(field in needed for field in chosen.values()):
        raise Invalid("mapping", sentence, code="mapping_incomplete")
    return chosen
