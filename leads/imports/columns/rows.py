"""One record of a file, cleaned: a person, a company, what was wrong with single cells, or why the row is rejected.

Pure: no Django, no database. A `RowCleaner` is made once for a file and remembers the companies that it has seen
lately, because people of one company tend to stand together.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from typing import NamedTuple

from leads.cleaning import cells as cleaning
from leads.cleaning import contacts, email_risk, names, tax_ids
from leads.imports.columns.cleaners import COMPANY_CLEANERS, PERSON_CLEANERS, emails_in, paragraphs, upper_end
from leads.imports.columns.mapping import ATTRIBUTES, BOTH, COMPANIES, header_key
from leads.imports.columns.opt_outs import OptOut, reason_of
from outreach.core.addresses import EMAIL, NETWORK, SMS, split_phones
from outreach.core.errors import Invalid
from outreach.core.words import gettext as _

COMPANY_CACHE_SIZE = 20_000


Values = dict[str, str]


class Key(IntEnum):
    """What a row is recognised by, strongest first. Each kind has its own round."""

    EXTERNAL_ID = 0
    TAX_ID = 1
    REGISTRATION_NUMBER = 2
    EMAIL = 3
    PHONE = 4
    NETWORK = 5
    NAME = 6


class CellWarning(NamedTuple):
    """A cell that was left out (or flagged) while its row was imported."""

    field: str
    code: str
    reason: str


@dataclass
class CleanCompany:
    key_kind: Key
    key: str
    values: Values
    is_given_out: bool = False
    """Whether a row that came in has brought it to the staging table."""


@dataclass
class CleanRow:
    """A row that can be imported. `person` is None in a list of companies, `company` None where none is named."""

    person: Values | None = None
    key_kind: Key = Key.NAME
    key: str = ""
    company: CleanCompany | None = None
    is_new_company: bool = False
    """False when the same company, cell for cell, was given out a moment ago."""
    warnings: list[CellWarning] = field(default_factory=list)
    opt_outs: list[OptOut] = field(default_factory=list)


_SECOND = {"email": "email_2", "phone": "phone_2"}
CHANNEL_OF = {"email": EMAIL, "email_2": EMAIL, "phone": SMS, "phone_2": SMS, "network": NETWORK}
ADDRESSES = ("email", "email_2", "phone", "phone_2", "network")
RUSSIAN_NUMBERS = frozenset(
    {"инн", "инн компании", "инн организации", "огрн", "огрнип", "огрн огрнип"}
)  # fmt: skip
"""Columns that say whose numbers they hold, also where no row names a country."""
REJECTING = frozenset({"tax_id_mangled"})
"""A row whose company would be taken for another one is worse than no row."""


class RowCleaner:
    """Cleans the rows of one file under one mapping.

    `default_country` (alpha-2) is used where a row names none: for phones, people and companies. Without a
    `source` the ids of the file say nothing about who is who, so they are kept as attributes only.
    """

    def __init__(
        self,
        *,
        kind: str,
        columns: Sequence[str],
        mapping: Mapping[str, str],
        default_country: str = "",
        source: str = "",
    ) -> None:
        self.kind = kind
        self.default_country = default_country
        self.source = source
        index = {column: number for number, column in enumerate(columns)}
        mapped = [(index[column], column, name) for column, name in mapping.items() if name]
        self.attributes = [(i, column) for i, column, name in mapped if name == ATTRIBUTES]
        self.company_cells = [
            (i, name.removeprefix("company.")) for i, _c, name in mapped if name.startswith("company.")
        ]
        self.person_cells = [
            (i, name) for i, _c, name in mapped if name in PERSON_CLEANERS and not name.startswith("company.")
        ]
        self.emails = [(i, name) for i, _c, name in mapped if name in {"email", "email_2"}]
        self.phones = [(i, name) for i, _c, name in mapped if name in {"phone", "phone_2"}]
        self.opt_outs = [(i, c, name) for i, c, name in mapped if name in {"opt_out", "subscription", "bounced"}]
        self.countries = {i for i, _c, name in mapped if name in {"country", "company.country"}}
        self.russian_numbers = {
            name.removeprefix("company.") for _i, column, name in mapped if header_key(column) in RUSSIAN_NUMBERS
        }
        self.company_columns = self._company_columns()
        self.person_columns = self._person_columns()
        self._companies: dict[tuple[str, ...], CleanCompany | Invalid | None] = {}
        self._company_warnings: dict[tuple[str, ...], list[CellWarning]] = {}

    def _company_columns(self) -> tuple[str, ...]:
        names = ["name", "name_key", "domain", "country", *(name for _i, name in self.company_cells)]
        if "employee_count" in names:
            names.append("employee_count_max")
        if self.kind == COMPANIES and (self.attributes or not self.source):
            names.append("attributes")
        if not self.source:
            names = [name for name in names if name != "external_id"]
        return tuple(dict.fromkeys(names))

    def _person_columns(self) -> tuple[str, ...]:
        if self.kind == COMPANIES:
            return ()
        names = ["full_name", "first_name", "last_name", "name_key", "country", "country_default"]
        for _i, name in self.person_cells:
            names += [name, "title_key"] if name == "title" else [name]
        for _i, name in self.emails:
            names += [name, f"{name}_risk", "email_2", "email_2_risk"]
        for _i, name in self.phones:
            names += [name, "phone_2"]
        if self.attributes or (not self.source and "external_id" in names):
            names.append("attributes")
        if not self.source:
            names = [name for name in names if name != "external_id"]
        return tuple(dict.fromkeys(names))

    def clean(self, cells: Sequence[str]) -> CleanRow:
        """The cleaned row. Raises `Invalid` with the code and reason of the rejection."""
        row = self._clean(cells)
        if row.company is not None and not row.company.is_given_out:
            row.company.is_given_out = row.is_new_company = True
        return row

    def _clean(self, cells: Sequence[str]) -> CleanRow:
        row = CleanRow()
        for cell in cells:
            if cell and cell[0] in "=+-@\t\r" and cleaning.is_formula(cell):
                row.warnings.append(CellWarning("", "formula_cell", _("Kept as text: %(cell)s") % {"cell": cell[:60]}))
        if self.kind == COMPANIES:
            self._company(cells, row, country="", email="")
            if row.company is None:
                raise Invalid("company.name", "The row has no company name.", code="company_missing")
            return row
        person = self._person(cells, row)
        self._company(cells, row, country=person["country"], email=person.get("email", ""))
        if self.kind == BOTH and row.company is not None and self._names_nobody(person, row):
            return row
        if not person["country"]:
            person["country_default"] = self.default_country or (row.company.values["country"] if row.company else "")
        row.person = person
        row.key_kind, row.key = self._person_key(person, row)
        return row

    def _person(self, cells: Sequence[str], row: CleanRow) -> Values:
        person: Values = {"country": ""}
        for index, name in self.person_cells:
            text = cells[index]
            try:
                person[name] = PERSON_CLEANERS[name](text) if text else ""
            except Invalid as error:
                person[name] = ""
                row.warnings.append(CellWarning(name, error.code, error.reason))
        if self.countries and "NA" in cells:
            self._namibia(cells, person)
        country = person["country"] or self.default_country
        self._addresses(cells, self.emails, emails_in, contacts.email, person, row)
        self._addresses(
            cells, self.phones, split_phones, lambda text: contacts.phone(text, country=country), person, row
        )
        self._opt_outs(cells, person, row)
        for name in ("email", "email_2"):
            if found := person.get(name):
                person[f"{name}_risk"] = email_risk.risk(found)
        self._name(person)
        extra = {column: value for i, column in self.attributes if (value := paragraphs(cells[i]))}
        if not self.source and person.get("external_id"):
            extra["external_id"] = person["external_id"]
            person["external_id"] = ""
        if extra:
            person["attributes"] = json.dumps(extra, ensure_ascii=False)
        return person

    def _namibia(self, cells: Sequence[str], person: Values) -> None:
        """NA is Namibia, unless the list writes it for "not available" in other columns too."""
        missing = any(cell == "NA" for i, cell in enumerate(cells) if i not in self.countries)
        if not missing and any(cells[i] == "NA" for i, name in self.person_cells if name == "country"):
            person["country"] = "NA"

    @staticmethod
    def _addresses(
        cells: Sequence[str],
        columns: Sequence[tuple[int, str]],
        split: Callable[[str], list[str]],
        clean: Callable[[str], str],
        person: Values,
        row: CleanRow,
    ) -> None:
        """The addresses of one channel; where a cell holds several, the next ones go into the second field."""
        surplus: list[tuple[str, str]] = []
        for index, name in columns:
            person.setdefault(name, "")
            for text in split(cells[index]) if cells[index] else ():
                try:
                    value = clean(text)
                except Invalid as error:
                    row.warnings.append(CellWarning(name, error.code, error.reason))
                    continue
                if not person[name]:
                    person[name] = value
                elif value != person[name]:
                    surplus.append((name, value))
        for name, value in surplus:
            second = _SECOND.get(name, name)
            if not person.get(second):
                person[second] = value
            elif person[second] != value:
                row.warnings.append(CellWarning(name, "address_surplus", f"Left out, there is room for two: {value}"))

    def _opt_outs(self, cells: Sequence[str], person: Values, row: CleanRow) -> None:
        for index, column, name in self.opt_outs:
            try:
                reason = reason_of(name, cells[index])
            except Invalid as error:
                row.warnings.append(CellWarning(name, error.code, error.reason))
                continue
            if reason:
                evidence = f"“{column}”: {cells[index].strip()[:100]}"
                row.opt_outs += [
                    OptOut(channel, person[field], reason, evidence)
                    for field, channel in CHANNEL_OF.items()
                    if person.get(field) and (reason != "bounce" or channel == EMAIL)
                ]

    @staticmethod
    def _name(person: Values) -> None:
        full = person.get("full_name", "")
        first, last = names.without_fillers(person.get("first_name", ""), person.get("last_name", ""))
        if full and not (first or last):
            first, last = names.split_name(full)
            if "," in full:
                full = f"{first} {last}".strip()
            elif last and full.startswith(f"{last} ") and not full.endswith(f" {last}"):
                full = f"{full[len(last) :].strip()} {last}"
        elif not full:
            full = f"{first} {last}".strip()
        person["full_name"], person["first_name"], person["last_name"] = full, first, last
        person["name_key"] = cleaning.key(full)
        if "title" in person:
            person["title_key"] = person["title"].lower()

    @staticmethod
    def _names_nobody(person: Values, row: CleanRow) -> bool:
        """Whether the row is about a company only. A row with a bad personal address is rejected instead."""
        if person["name_key"] or any(person.get(name) for name in (*ADDRESSES, "external_id")):
            return False
        return not any(warning.field in ADDRESSES for warning in row.warnings)

    def _person_key(self, person: Values, row: CleanRow) -> tuple[Key, str]:
        if value := person.get("external_id"):
            return Key.EXTERNAL_ID, value
        for kind, name in ((Key.EMAIL, "email"), (Key.EMAIL, "email_2"), (Key.PHONE, "phone"), (Key.PHONE, "phone_2")):
            if value := person.get(name):
                return kind, value
        if value := person.get("network"):
            return Key.NETWORK, value
        for warning in row.warnings:
            if warning.field in ADDRESSES:
                raise Invalid(warning.field, warning.reason, code=warning.code)
        if person["name_key"] and row.company:
            return Key.NAME, f"{person['name_key']}|{row.company.key_kind:d}|{row.company.key}"
        if person["name_key"]:
            raise Invalid(
                "",
                "A name without company, e-mail, phone or profile cannot be identified.",
                code="no_address",
            )
        raise Invalid("", "The row has no name and no address.", code="no_address")

    def _company(self, cells: Sequence[str], row: CleanRow, *, country: str, email: str) -> None:
        raw = (country, *(cells[index] for index, _name in self.company_cells))
        if self.kind == COMPANIES:
            raw += tuple(cells[index] for index, _column in self.attributes)
        if raw in self._companies:
            found = self._companies[raw]
        else:
            warnings: list[CellWarning] = []
            try:
                found = self._clean_company(cells, country, warnings)
            except Invalid as error:
                found = error
            if len(self._companies) >= COMPANY_CACHE_SIZE:
                self._companies.clear()
                self._company_warnings.clear()
            self._companies[raw] = found
            if warnings:
                self._company_warnings[raw] = warnings
            if isinstance(found, CleanCompany) and email and not found.values["domain"]:
                found.values["domain"] = contacts.domain_of_email(email)
        row.warnings += self._company_warnings.get(raw, ())
        if isinstance(found, Invalid):
            raise found
        row.company = found

    def _clean_company(self, cells: Sequence[str], country: str, warnings: list[CellWarning]) -> CleanCompany | None:
        values: Values = dict.fromkeys(("name", "domain", "country"), "")
        for index, name in self.company_cells:
            text = cells[index]
            if name == "phone":
                continue
            try:
                values[name] = COMPANY_CLEANERS[name](text) if text else ""
                if name == "employee_count":
                    values["employee_count_max"] = upper_end(text)
            except Invalid as error:
                if error.code in REJECTING or (self.kind == COMPANIES and name in {"tax_id", "registration_number"}):
                    raise
                values[name] = ""
                warnings.append(CellWarning(f"company.{name}", error.code, error.reason))
        values["country"] = values["country"] or country or self.default_country
        self._check_ids(values, warnings)
        self._company_phone(cells, values, warnings)
        if not values["domain"]:
            values["domain"] = contacts.domain(values.get("website", ""))
        if self.kind == COMPANIES:
            extra = {column: value for i, column in self.attributes if (value := paragraphs(cells[i]))}
            if not self.source and values.get("external_id"):
                extra["external_id"] = values["external_id"]
            if extra:
                values["attributes"] = json.dumps(extra, ensure_ascii=False)
        if not self.source:
            values.pop("external_id", None)
        return self._keyed(values)

    def _check_ids(self, values: Values, warnings: list[CellWarning]) -> None:
        """Numbers with wrong check digits come in and are reported: the list is wrong, not the row."""
        for name in ("tax_id", "registration_number"):
            if value := values.get(name):
                if not values["country"] and name in self.russian_numbers:
                    checked = tax_ids.check_russian(value)
                else:
                    checked = tax_ids.check(value, values["country"])
                values[name] = checked.value
                if checked.is_valid is False:
                    reason = _("“%(value)s” isn't a valid %(scheme)s: its check digits don't fit.") % {
                        "value": value,
                        "scheme": checked.scheme,
                    }
                    warnings.append(CellWarning(f"company.{name}", f"{name}_check_failed", reason))

    def _company_phone(self, cells: Sequence[str], values: Values, warnings: list[CellWarning]) -> None:
        for index, name in self.company_cells:
            if name == "phone":
                try:
                    values["phone"] = contacts.phone(cells[index], country=values["country"])
                except Invalid as error:
                    values["phone"] = ""
                    warnings.append(CellWarning("company.phone", error.code, error.reason))

    @staticmethod
    def _keyed(values: Values) -> CleanCompany | None:
        values["name_key"] = names.company_key(values["name"]) if values["name"] else ""
        country = values["country"]
        for kind, name in ((Key.TAX_ID, "tax_id"), (Key.REGISTRATION_NUMBER, "registration_number")):
            if value := values.get(name):
                return CleanCompany(kind, f"{country}|{value}", values)
        if value := values.get("external_id"):
            return CleanCompany(Key.EXTERNAL_ID, value, values)
        if values["name_key"]:
            return CleanCompany(Key.NAME, f"{country}|{values['name_key']}", values)
        return None
