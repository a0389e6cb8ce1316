"""Which column goes into which field: the fields there are, the names that exports give them, and a proposal.

Pure: no Django, no database. A mapping is `{column: field}`; a field that is not mapped to is left alone, a column
that is mapped to nothing is left out, and one that is mapped to `attributes` is kept under its own name.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from outreach.core.errors import Invalid

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
        _("Name"),
        "person",
        "name|full name|fullname|contact|contact name|lead name|person|имя и фамилия|фио|ф и о|контакт|контактное лицо|полное имя|сотрудник|имя контакта|name vorname|person name|contact full name|customer name|человек имя|контактное лицо имя|контакт фио|ф и о контактного лица|контактное лицо полное имя|имя лида|контакт имя|полное имя контакта",
    ),
    _field(
        "first_name",
        _("First name"),
        "person",
        "first name|firstname|given name|forename|first|имя|vorname|prenom|person first name|contact first name|person vorname|имя человека",
    ),
    _field(
        "last_name",
        _("Last name"),
        "person",
        "last name|lastname|surname|family name|last|фамилия|nachname|person last name|contact last name|фамилия контакта",
    ),
    _field(
        "email",
        _("E-mail"),
        "person",
        "email|e mail|mail|email address|e mail address|work email|business email|primary email|person email|email 1|contact email|почта|электронная почта|эл почта|емейл|имейл|адрес электронной почты|рабочая почта|person email work|email work|lead email|contact e mail|человек электронная почта|контактное лицо электронная почта|email рабочий|рабочий email|e mail контакта|verified email|человек электронная почта рабочий|человек электронная почта работа|контактное лицо электронная почта рабочий|контактное лицо электронная почта работа|человек эл почта рабочий|контактное лицо эл почта рабочий|email рабочая|e mail рабочий|рабочий e mail|адрес эл почты",
    ),
    _field(
        "email_2",
        _("Second e-mail"),
        "person",
        "email 2|secondary email|personal email|other email|additional email|alternative email|доп почта|дополнительная почта|личная почта|второй email|person email home|person email other|email home|email other|secondary work email|второй e mail|email личный|личный email|личный e mail|частный e mail|дополнительный email",
    ),
    _field(
        "phone",
        _("Phone"),
        "person",
        "phone|phone number|mobile|mobile phone|mobile phone number|cell|cell phone|telephone|tel|direct phone|work direct phone|phone 1|contact phone|телефон|тел|мобильный|мобильный телефон|номер телефона|сотовый|рабочий телефон|telefon|handy|person phone work|person phone|person phone mobile|phone work|contact mobile|mobile number|first phone|человек телефон|контактное лицо телефон|рабочий телефон контакта|телефон рабочий|человек телефон рабочий|человек телефон работа|человек телефон мобильный|контактное лицо телефон рабочий|контактное лицо телефон работа|контактное лицо телефон мобильный",
    ),
    _field(
        "phone_2",
        _("Second phone"),
        "person",
        "phone 2|other phone|secondary phone|home phone|work phone|второй телефон|доп телефон|дополнительный телефон|person phone home|person phone other|phone home|second phone|asst phone|телефон домашний|мобильный 2|телефон 2",
    ),
    _field(
        "network",
        _("Network profile"),
        "person",
        "linkedin|linkedin url|linkedin profile|person linkedin url|profile url|linkedin profile url|профиль|профиль linkedin|ссылка на профиль|linkedin contact profile url|linkedin profile link|linkedin member url|sales navigator profile url|person linkedin|linkedin bio|contact linkedin url|defaultprofileurl|линкедин",
    ),
    _field(
        "title",
        _("Title"),
        "person",
        "title|job title|position|role|headline|job|должность|позиция|роль|position title|current title|current position|person job title|contact title|position in company|человек должность|должность контакта|контактное лицо должность|current job|organization title",
    ),
    _field(
        "description",
        _("Description"),
        "person",
        "description|bio|about|summary|notes|note|описание|заметки|о себе|комментарий|примечание|person notes|linkedin summary|summary linkedin",
    ),
    _field("url", _("Web page"), "person", "url|link|page|ссылка"),
    _field(
        "country",
        _("Country"),
        "person",
        "country|contact country|country region|country code|person country|страна|land|mailing country|person address country|mailing country territory|location country|страна контакта|страна регион|страна или регион|почтовый адрес страна|адрес страна",
    ),
    _field(
        "region",
        _("Region"),
        "person",
        "region|state|state region|province|регион|область|край|mailing state|mailing state province|person state|contact state|state province",
    ),
    _field(
        "city",
        _("City"),
        "person",
        "city|town|contact city|город|населенный пункт|stadt|mailing city|person city|person address city|город контакта|почтовый адрес город|адрес город",
    ),
    _field(
        "postal_code",
        _("Postal code"),
        "person",
        "postal code|postcode|zip|zip code|индекс|почтовый индекс|plz|mailing zip postal code|mailing zip|mailing postal code|zip postal code",
    ),
    _field("time_zone", _("Time zone"), "person", "time zone|timezone|tz|часовой пояс"),
    _field("language", _("Language"), "person", "language|lang|preferred language|locale|язык|sprache"),
    _field(
        "status",
        _("Status"),
        "person",
        "status|client status|lead status|contact status|lifecycle stage|stage|статус|статус клиента|статус лида|этап|contact stage|hubspot lead status|lead stage|person label|стадия|статус контакта",
    ),
    _field(
        "tags",
        _("Tags"),
        "person",
        "tags|tag|labels|label|lists|keywords|теги|тег|метки|метка|ярлыки|person labels|group membership|contact tags|contact lists|человек метки|человек метка|контактное лицо метки|контактное лицо метка",
    ),
    _field(
        "external_id",
        _("Id in the source"),
        "person",
        "id|external id|contact id|record id|lead id|person id|apollo contact id|crm id|ид|идентификатор|код|внешний id|record id contact|contact id 18|person system id|vid|contactid|lead id 18|profile id|id контакта|id человека|идентификатор записи|человек id|контактное лицо id|человек идентификатор|контактное лицо идентификатор|идентификатор записи контакт|id записи",
    ),
    _field(
        "changed_at",
        _("Changed at the source"),
        "person",
        "last modified date|last modified|modified date|updated at|update time|last updated|date modified|person update time|дата изменения|изменен|обновлен|дата обновления|обновлено|дата последнего изменения|человек время обновления|контактное лицо время обновления",
    ),
)

COMPANY_FIELDS = (
    _field(
        "company.name",
        _("Company"),
        "company",
        "company|company name|organization|organisation|organization name|account|account name|employer|firm|current company|companyname|associated company|компания|организация|название компании|наименование организации|наименование компании|работодатель|фирма|unternehmen|firma|person organization|organization title|account name at|current company name|associated company name|организация название|компания название|компания контакта|место работы|наименование юридического лица|человек организация|контактное лицо организация|company account|имя организации|название организации",
    ),
    _field(
        "company.domain",
        _("Company domain"),
        "company",
        "domain|company domain|company domain name|email domain|домен|organization domain|account domain|company root domain|домен компании",
    ),
    _field(
        "company.website",
        _("Company website"),
        "company",
        "website|company website|web site|site|homepage|website url|web|сайт|сайт компании|веб сайт|organization website|account website|corporate website|сайт организации|организация сайт",
    ),
    _field(
        "company.country",
        _("Company country"),
        "company",
        "company country|account country|billing country|страна компании|hq country|organization address country|hq location country|страна организации|headquarter country|headquarters country|country of address|billing state country",
    ),
    _field(
        "company.city",
        _("Company city"),
        "company",
        "company city|billing city|account city|город компании|hq city|organization address city|hq location city|город организации|headquarter city|headquarters city|city town village locality of address",
    ),
    _field(
        "company.industry",
        _("Industry"),
        "company",
        "industry|company industry|sector|vertical|business|отрасль|индустрия|сфера|сфера деятельности|вид деятельности|branche|organization industry|account industry|primary industry|отрасль компании|оквэд название",
    ),
    _field("company.segment", _("Segment"), "company", "segment|company segment|customer segment|сегмент"),
    _field("company.is_sme", _("In the SME register"), "company", "is sme|sme|smb|мсп|реестр мсп|субъект мсп"),
    _field(
        "company.employee_count",
        _("Employees"),
        "company",
        "employees|number of employees|no of employees|employee count|company size|headcount|size|of employees|численность|число сотрудников|количество сотрудников|штат|сотрудников|organization employee count|company headcount|company employee count|employees count|employee range|среднесписочная численность|ссч|численность сотрудников|численность персонала",
    ),
    _field(
        "company.tax_id",
        _("Tax id"),
        "company",
        "tax id|tin|vat|vat id|vat number|tax number|inn|taxid|инн|ust id|ust idnr|унп|бин|vat registration number|ein|organization tax id|иин|инн организации|инн компании|company vat",
    ),
    _field(
        "company.registration_number",
        _("Registration number"),
        "company",
        "registration number|registration no|company number|reg number|registration|ogrn|огрн|регистрационный номер|handelsregisternummer|hrb|огрнип|огрн огрнип|company registration number|crn|organization number",
    ),
    _field(
        "company.phone",
        _("Company phone"),
        "company",
        "company phone|corporate phone|account phone|hq phone|телефон компании|рабочий телефон компании|organization phone|main phone|company phone number|телефон организации",
    ),
    _field(
        "company.status", _("Company status"), "company", "company status|account status|account stage|статус компании"
    ),
    _field("company.tags", _("Company tags"), "company", "company tags|account tags|теги компании"),
    _field(
        "company.research_text",
        _("Research"),
        "company",
        "research|company description|company research|о компании|описание компании",
    ),
    _field(
        "company.external_id",
        _("Company id in the source"),
        "company",
        "company id|account id|organization id|id компании|ид компании|record id company|company record id|associated company id|apollo account id|organization system id|accountid|id организации",
    ),
    _field(
        "company.changed_at",
        _("Company changed at the source"),
        "company",
        "company last modified date|account last modified date|organization update time|дата изменения компании",
    ),
)

COMPANY_ONLY_ALIASES = {
    "company.name": "name|title|наименование|название|полное наименование|краткое наименование|name of company|legal name",
    "company.country": "country|country code|country region|страна|страна регион|land",
    "company.city": "city|town|город|stadt",
    "company.phone": "phone|phone number|telephone|tel|телефон",
    "company.status": "status|stage|lifecycle stage|lead status|статус|стадия",
    "company.tags": "tags|tag|labels|теги|метки",
    "company.research_text": "description|about|summary|notes|описание|комментарий",
    "company.external_id": "id|external id|record id|id записи|ид|идентификатор|внешний id|код",
    "company.website": "url|link",
    "company.changed_at": "last modified date|last modified|updated at|update time|modified date|дата изменения|обновлено",
}
"""Further names of company columns in a sheet that holds companies only."""

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

EXPORTS = {
    "HubSpot": "record id|last modified date, record id contact|email, contact owner|lifecycle stage, идентификатор записи|номер телефона, идентификатор записи контакт",
    "Apollo": "apollo contact id, person linkedin url|employees, primary email source|company",
    "Salesforce": "contact id|account name, contact id 18, account id|mailing city, mailing country|account name",
    "Pipedrive": "person name|person email work, person organization, organization name|person name, организация название|человек имя, человек имя|человек организация, контактное лицо имя|контактное лицо организация",
    "LinkedIn connections": "first name|last name|url|company|position|connected on, имя|фамилия|url|компания|должность|дата контакта",
    "Sales Navigator": "linkedin sales navigator url, sales navigator profile url, profile url|current company|current title, profileurl|vmid|companyurl",
}
"""Exports that we know by their columns: ways separated by comma, the columns of each by |."""


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
_JOINED = {
    kind: {key.replace(" ", ""): name for key, name in reversed(table.items())} for kind, table in ALIASES.items()
}
"""Names without blanks: "MailingCity" is "mailing city"."""
_NUMBERED = re.compile(r" \d+$")
_MOBILE = re.compile(r"\b(mobile|cell|handy|мобильный|сотовый)\b")
"""Of several phone numbers these get a place first: only they take text messages."""
_PART = re.compile(r"^(?:primary|person|contact|контакт|address 1) | (?:value|work|рабочий|рабочая|\d+)$")
_OF_COMPANY = re.compile(r"^(?:organization|company|account|организация|компания) ")


def known_export(columns: Sequence[str]) -> str:
    """The program that writes lists with these columns, or empty."""
    keys = {header_key(column) for column in columns}
    for name, ways in EXPORTS.items():
        if any(keys.issuperset(way.strip().split("|")) for way in ways.split(",")):
            return name
    return ""


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
            taken |= {name} - {"", ATTRIBUTES}
    if kind != COMPANIES:
        _profiles_first(columns, samples, taken, proposals)
    for column in columns:
        if column in proposals:
            continue
        if (name := ALIASES[kind].get(header_key(column))) and name not in taken:
            taken.add(name)
            proposals[column] = Proposal(column, name, 1.0, "name")
    for index, column in sorted(enumerate(columns), key=lambda item: not _MOBILE.search(header_key(item[1]))):
        if column in proposals:
            continue
        guess = _by_name_part(kind, column, taken) or _by_values(kind, index, column, samples, taken)
        proposals[column] = guess or Proposal(column, "", 0.0, "")
        if guess:
            taken.add(guess.field)
    return [proposals[column] for column in columns]


def _profiles_first(
    columns: Sequence[str], samples: Sequence[Sequence[str]], taken: set[str], proposals: dict[str, Proposal]
) -> None:
    """A column that is merely called "URL" but holds profiles, as in LinkedIn's own export."""
    names = {ALIASES[PEOPLE].get(header_key(column)) for column in columns}
    for index, column in enumerate(columns):
        if column in proposals or "network" in taken | names or ALIASES[PEOPLE].get(header_key(column)) != "url":
            continue
        values = [row[index].strip() for row in samples if index < len(row) and row[index].strip()]
        if values and all(_SNIFFERS[1][1].match(value) for value in values):
            taken.add("network")
            proposals[column] = Proposal(column, "network", 1.0, "values")


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
