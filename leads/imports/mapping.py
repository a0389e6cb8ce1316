"""Which column goes into which field: the fields there are, the names that exports give them, and a proposal.

Pure: no Django, no database. A mapping is `{column: field}`; a field that is not mapped to is left alone, a column
that is mapped to nothing is left out, and one that is mapped to `attributes` is kept under its own name.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from outreach.core.errors import Invalid

PEOPLE = "people"
COMPANIES = "companies"
ATTRIBUTES = "attributes"
"""The pseudo field of columns that are kept as they are."""


@dataclass(frozen=True)
class Field:
    """One thing that a column can hold. `aliases` are header texts as `header_key` makes them."""

    name: str
    label: str
    group: str
    aliases: tuple[str, ...] = ()


def _field(name: str, label: str, group: str, aliases: str = "") -> Field:
    return Field(name, label, group, tuple(a.strip() for a in aliases.split("|") if a.strip()))


PERSON_FIELDS = (
    _field(
        "full_name",
        "Name",
        "person",
        "name|full name|fullname|contact|contact name|lead name|person|имя и фамилия|фио|ф и о|контакт|контактное лицо|полное имя|сотрудник|имя контакта|name vorname",
    ),
    _field("first_name", "First name", "person", "first name|firstname|given name|forename|first|имя|vorname|prenom"),
    _field("last_name", "Last name", "person", "last name|lastname|surname|family name|last|фамилия|nachname"),
    _field(
        "email",
        "E-mail",
        "person",
        "email|e mail|mail|email address|e mail address|work email|business email|primary email|person email|email 1|contact email|почта|электронная почта|эл почта|емейл|имейл|адрес электронной почты|рабочая почта",
    ),
    _field(
        "email_2",
        "Second e-mail",
        "person",
        "email 2|secondary email|personal email|other email|additional email|alternative email|доп почта|дополнительная почта|личная почта|второй email",
    ),
    _field(
        "phone",
        "Phone",
        "person",
        "phone|phone number|mobile|mobile phone|mobile phone number|cell|cell phone|telephone|tel|direct phone|work direct phone|phone 1|contact phone|телефон|тел|мобильный|мобильный телефон|номер телефона|сотовый|рабочий телефон|telefon|handy",
    ),
    _field(
        "phone_2",
        "Second phone",
        "person",
        "phone 2|other phone|secondary phone|home phone|work phone|второй телефон|доп телефон|дополнительный телефон",
    ),
    _field(
        "network",
        "Network profile",
        "person",
        "linkedin|linkedin url|linkedin profile|person linkedin url|profile url|linkedin profile url|профиль|профиль linkedin|ссылка на профиль",
    ),
    _field(
        "title", "Title", "person", "title|job title|position|role|headline|job|должность|позиция|роль|position title"
    ),
    _field(
        "description",
        "Description",
        "person",
        "description|bio|about|summary|notes|note|описание|заметки|о себе|комментарий|примечание",
    ),
    _field("url", "Web page", "person", "url|link|page|ссылка"),
    _field(
        "country", "Country", "person", "country|contact country|country region|country code|person country|страна|land"
    ),
    _field("region", "Region", "person", "region|state|state region|province|регион|область|край"),
    _field("city", "City", "person", "city|town|contact city|город|населенный пункт|stadt"),
    _field("postal_code", "Postal code", "person", "postal code|postcode|zip|zip code|индекс|почтовый индекс|plz"),
    _field("time_zone", "Time zone", "person", "time zone|timezone|tz|часовой пояс"),
    _field("language", "Language", "person", "language|lang|preferred language|locale|язык|sprache"),
    _field(
        "status",
        "Status",
        "person",
        "status|client status|lead status|contact status|lifecycle stage|stage|статус|статус клиента|статус лида|этап",
    ),
    _field("tags", "Tags", "person", "tags|tag|labels|label|lists|keywords|теги|тег|метки|метка|ярлыки"),
    _field(
        "external_id",
        "Id in the source",
        "person",
        "id|external id|contact id|record id|lead id|person id|apollo contact id|crm id|ид|идентификатор|код|внешний id",
    ),
)

COMPANY_FIELDS = (
    _field(
        "company.name",
        "Company",
        "company",
        "company|company name|organization|organisation|organization name|account|account name|employer|firm|current company|companyname|associated company|компания|организация|название компании|наименование организации|наименование компании|работодатель|фирма|unternehmen|firma",
    ),
    _field(
        "company.domain", "Company domain", "company", "domain|company domain|company domain name|email domain|домен"
    ),
    _field(
        "company.website",
        "Company website",
        "company",
        "website|company website|web site|site|homepage|website url|web|сайт|сайт компании|веб сайт",
    ),
    _field(
        "company.country",
        "Company country",
        "company",
        "company country|account country|billing country|страна компании|hq country",
    ),
    _field("company.city", "Company city", "company", "company city|billing city|account city|город компании|hq city"),
    _field(
        "company.industry",
        "Industry",
        "company",
        "industry|company industry|sector|vertical|business|отрасль|индустрия|сфера|сфера деятельности|вид деятельности|branche",
    ),
    _field("company.segment", "Segment", "company", "segment|company segment|customer segment|сегмент"),
    _field("company.is_sme", "In the SME register", "company", "is sme|sme|smb|мсп|реестр мсп|субъект мсп"),
    _field(
        "company.employee_count",
        "Employees",
        "company",
        "employees|number of employees|no of employees|employee count|company size|headcount|size|of employees|численность|число сотрудников|количество сотрудников|штат|сотрудников",
    ),
    _field(
        "company.tax_id",
        "Tax id",
        "company",
        "tax id|tin|vat|vat id|vat number|tax number|inn|taxid|инн|ust id|ust idnr|унп|бин",
    ),
    _field(
        "company.registration_number",
        "Registration number",
        "company",
        "registration number|registration no|company number|reg number|registration|ogrn|огрн|регистрационный номер|handelsregisternummer|hrb",
    ),
    _field(
        "company.phone",
        "Company phone",
        "company",
        "company phone|corporate phone|account phone|hq phone|телефон компании|рабочий телефон компании",
    ),
    _field("company.status", "Company status", "company", "company status|account status|статус компании"),
    _field("company.tags", "Company tags", "company", "company tags|account tags|теги компании"),
    _field(
        "company.research_text",
        "Research",
        "company",
        "research|company description|company research|о компании|описание компании",
    ),
    _field(
        "company.external_id",
        "Company id in the source",
        "company",
        "company id|account id|organization id|id компании|ид компании",
    ),
)

COMPANY_ONLY_ALIASES = {
    "company.name": "name|title|наименование|название|полное наименование|краткое наименование|name of company|legal name",
    "company.country": "country|country code|страна|land",
    "company.city": "city|town|город|stadt",
    "company.phone": "phone|phone number|telephone|tel|телефон",
    "company.status": "status|статус",
    "company.tags": "tags|tag|labels|теги|метки",
    "company.research_text": "description|about|summary|notes|описание|комментарий",
    "company.external_id": "id|external id|record id|ид|идентификатор|внешний id|код",
    "company.website": "url|link",
}
"""Further names of company columns in a sheet that holds companies only."""

FIELDS = {PEOPLE: PERSON_FIELDS + COMPANY_FIELDS, COMPANIES: COMPANY_FIELDS}
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


def header_key(text: str) -> str:
    """A header as it is compared: lower case, ё as е, no accents, signs as blanks."""
    folded = unicodedata.normalize("NFKD", text.strip("\ufeff").casefold())
    plain = "".join(c for c in folded if not unicodedata.combining(c) or c == "\u0306")
    return " ".join(re.sub(r"[\W_]+", " ", unicodedata.normalize("NFC", plain.casefold())).split())


def _alias_table(kind: str) -> dict[str, str]:
    table: dict[str, str] = {}
    for field in FIELDS[kind]:
        for alias in (header_key(field.name.replace(".", " ")), *map(header_key, field.aliases)):
            table.setdefault(alias, field.name)
    if kind == COMPANIES:
        for name, aliases in COMPANY_ONLY_ALIASES.items():
            table |= {header_key(alias): name for alias in aliases.split("|")}
    return table


ALIASES = {kind: _alias_table(kind) for kind in FIELDS}
_ALL_ALIASES = frozenset().union(*ALIASES.values())
_NUMBERED = re.compile(r" \d+$")


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
    ("phone", re.compile(r"^\+?[\d][\d\s().-]{8,18}$")),
)


def propose(*, kind: str, columns: Sequence[str], samples: Sequence[Sequence[str]] = ()) -> list[Proposal]:
    """A field for each column by its name, else by the values in `samples`; each field is given out once."""
    taken: set[str] = set()
    proposals: dict[str, Proposal] = {}
    for column in columns:
        if (name := ALIASES[kind].get(header_key(column))) and name not in taken:
            taken.add(name)
            proposals[column] = Proposal(column, name, 1.0, "name")
    for index, column in enumerate(columns):
        if column in proposals:
            continue
        guess = _by_name_part(kind, column, taken) or _by_values(kind, index, column, samples, taken)
        proposals[column] = guess or Proposal(column, "", 0.0, "")
        if guess:
            taken.add(guess.field)
    return [proposals[column] for column in columns]


def _by_name_part(kind: str, column: str, taken: set[str]) -> Proposal | None:
    key = header_key(column)
    for shorter in (
        _NUMBERED.sub("", key),
        key.removeprefix("primary "),
        key.removeprefix("person "),
        key.removeprefix("contact "),
    ):
        name = ALIASES[kind].get(shorter)
        second = f"{name}_2"
        if name in {"email", "phone"} and name in taken and second not in taken:
            return Proposal(column, second, 0.7, "name part")
        if name and name not in taken and shorter != key:
            return Proposal(column, name, 0.7, "name part")
    return None


def _by_values(
    kind: str, index: int, column: str, samples: Sequence[Sequence[str]], taken: set[str]
) -> Proposal | None:
    values = [row[index].strip() for row in samples if index < len(row) and row[index].strip()]
    if kind != PEOPLE or not values:
        return None
    for name, pattern in _SNIFFERS:
        if name not in taken and sum(1 for value in values if pattern.match(value)) >= max(1, len(values) * 0.6):
            return Proposal(column, name, 0.5, "values")
    return None


def check(*, kind: str, mapping: Mapping[str, Any], columns: Sequence[str]) -> dict[str, str]:
    """The mapping as `{column: field}` of known columns and fields only.

    Raises `Invalid` (field `mapping`) with the code `column_missing`, `field_unknown`, `field_twice` or
    `mapping_incomplete`.
    """
    if not isinstance(mapping, Mapping):
        raise Invalid("mapping", "A mapping is an object of column → field.", code="mapping_malformed")
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
            raise Invalid("mapping", f"There is no field “{field}”. Fields are: {known}.", code="field_unknown")
        if field != ATTRIBUTES and field in chosen.values():
            raise Invalid("mapping", f"Two columns are mapped to the field “{field}”.", code="field_twice")
        chosen[column] = field
    needed, sentence = REQUIRED[kind]
    if not any(field in needed for field in chosen.values()):
        raise Invalid("mapping", sentence, code="mapping_incomplete")
    return chosen
