"""Tax ids and registration numbers checked by their own check digits, as far as their country has them.

Pure: no Django, no database. A number of a form that we do not know is "not checked", never wrong.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module
from typing import Any

EU = frozenset(
    ["AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "EL", "ES", "FI", "FR", "GR", "HR", "HU", "IE", "IT", "LT", "LU", "LV", "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK", "XI"]
)  # fmt: skip
_NATIONAL: dict[str, tuple[tuple[str, str, str], ...]] = {
    "AU": (("au.abn", "ABN", r"\d{11}"), ("au.acn", "ACN", r"\d{9}")),
    "BR": (("br.cnpj", "CNPJ", r"\d{14}"),),
    "BY": (("by.unp", "UNP", r"\w{2}\d{7}|\d{9}"),),
    "CH": (("ch.uid", "UID", r"CHE\d{9}"), ("ch.vat", "VAT", r"CHE\d{9}(?:MWST|TVA|IVA|TPV)")),
    "IN": (("in_.gstin", "GSTIN", r"\d{2}[A-Z]{5}\d{4}\w{3}"),),
    "NO": (("no.orgnr", "organisasjonsnummer", r"\d{9}"), ("no.mva", "MVA", r"(?:NO)?\d{9}MVA")),
    "TR": (("tr.vkn", "VKN", r"\d{10}"),),
    "UA": (("ua.edrpou", "EDRPOU", r"\d{8}"),),
    "US": (("us.ein", "EIN", r"\d{9}"),),
}
"""Country → (stdnum module, name of the number, form) of the numbers that have one form each."""


@dataclass(frozen=True)
class Checked:
    """`value` as stored (a leading zero lost in a spreadsheet is restored); `is_valid` None: unknown format."""

    value: str
    scheme: str = ""
    is_valid: bool | None = None


@lru_cache(maxsize=20_000)
def check(value: str, country: str = "") -> Checked:
    """Check a compact number (capitals, no punctuation) of a company in `country` (alpha-2, or empty)."""
    if not value:
        return Checked("")
    if country == "RU" or (not country and re.fullmatch(r"\d{10}|\d{12}|\d{13}|\d{15}", value)):
        found = _russian(value)
        return found if country == "RU" or found.is_valid else Checked(value)
    if country in {"GB", ""} and value.startswith("GB") and value[2:].isdigit():
        return Checked(value, "VAT", _is_valid("gb.vat", value[2:]))
    if country == "GB":
        return _british(value)
    prefix = value[:2]
    if prefix in EU and country in {"", prefix, "GR" if prefix == "EL" else prefix} and any(c.isdigit() for c in value):
        return Checked(value, "VAT", _is_valid("eu.vat", value))
    for module, scheme, form in _NATIONAL.get(country, ()):
        if re.fullmatch(form, value):
            return Checked(value, scheme, _is_valid(module, value))
    if country in EU and _is_valid("eu.vat", ("EL" if country == "GR" else country) + value):
        return Checked(value, "VAT", True)
    return Checked(value)


def check_russian(value: str) -> Checked:
    """A number from a column that is called ИНН or ОГРН, in a list that names no country."""
    found = _russian(value)
    return found if found.is_valid or re.fullmatch(r"\d{10}|\d{12}|\d{13}|\d{15}", value) else Checked(value)


def _russian(value: str) -> Checked:
    if re.fullmatch(r"\d{10}|\d{12}", value):
        return Checked(value, "INN", _is_valid("ru.inn", value))
    if re.fullmatch(r"\d{9}|\d{11}", value) and _is_valid("ru.inn", f"0{value}"):
        return Checked(f"0{value}", "INN", True)
    if re.fullmatch(r"\d{13}|\d{15}", value):
        return Checked(value, "OGRN" if len(value) == 13 else "OGRNIP", _is_valid("ru.ogrn", value))
    if re.fullmatch(r"\d{4}[0-9A-Z]{2}\d{3}", value):
        return Checked(value, "KPP", False)
    return Checked(value, "INN", False) if value.isdigit() else Checked(value)


def _british(value: str) -> Checked:
    if re.fullmatch(r"\d{9}|\d{12}", value):
        return Checked(value, "VAT", _is_valid("gb.vat", value))
    if re.fullmatch(r"\d{10}K?", value):
        return Checked(value, "UTR", _is_valid("gb.utr", value))
    if re.fullmatch(r"(?:[A-Z]{2}\d{6}|\d{8})", value):
        return Checked(value, "company number", None)
    return Checked(value)


def _is_valid(module: str, value: str) -> bool:
    checker: Any = import_module(f"stdnum.{module}")
    return bool(checker.is_valid(value))
