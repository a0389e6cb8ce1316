"""E-mail addresses and phone numbers: parsed, normalised, and told apart from reserved ones that belong to no one.

Also the one rule for the domains of an address, and the one list of domains that many independent people share.

Reserved addresses (RFC 2606 and 6761 names, numbers set aside for fiction) are reached by simulated senders only,
and simulated senders reach nothing else: `is_reserved` is the one rule that both sides ask.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import phonenumbers
from email_validator import EmailNotValidError, validate_email

from outreach.core.errors import Invalid

EMAIL = "email"
SMS = "sms"
NETWORK = "network"

_RESERVED_TLDS = frozenset({"example", "invalid", "test", "localhost"})
_RESERVED_DOMAINS = frozenset({"example.com", "example.net", "example.org"})
_FICTION = re.compile(
    r"^(?:\+1\d{3}55501\d{2}"  # North America: 555-0100 … 555-0199 in any area code (NANPA)
    r"|\+447700900\d{3}"  # United Kingdom mobile (Ofcom)
    r"|\+4417\d{2}960\d{3}"
    r"|\+61491570\d{3}"  # Australia mobile (ACMA)
    r"|\+7000\d{7}"  # Russia: no area code starts with 000
    r")$"
)


def _read_free_mail() -> Mapping[str, str]:
    lines = (Path(__file__).parent / "data" / "free_mail.txt").read_text(encoding="utf-8").splitlines()
    entries = (line.split() for line in lines if line and not line.startswith("#"))
    return {entry[0]: entry[1] if len(entry) > 1 else "" for entry in entries}


FREE_MAIL: Mapping[str, str] = _read_free_mail()
"""Domains of free mail (`gmx.de`; `yahoo.*` in every country) and the group of their provider, if it has one."""
_LONGEST_COUNTRY_ENDING = 6
"""`co.uk`, `com.br`: what may stand for the star."""


def domain_of(address: str) -> str:
    """The domain of an e-mail address in lower case; empty for what has none, such as a phone number."""
    return address.rpartition("@")[2].lower().rstrip(".") if "@" in address else ""


def domain_chain(address: str) -> list[str]:
    """The domain of an e-mail address and all its parents: `a@x.firm.de` → x.firm.de, firm.de. Empty for a phone number."""
    labels = domain_of(address).split(".")
    return [".".join(labels[start:]) for start in range(len(labels) - 1)]


def is_free_mail(domain: str) -> bool:
    """Whether `domain` belongs to many independent people, so that it says nothing about where somebody works."""
    return free_mail_group(domain) is not None


def free_mail_group(domain: str) -> str | None:
    """The provider's group behind a free-mail domain, empty when it has none; None for every other domain."""
    name = domain.strip().rstrip(".").lower()
    if name in FREE_MAIL:
        return FREE_MAIL[name]
    stem, _dot, ending = name.partition(".")
    return FREE_MAIL.get(f"{stem}.*") if 0 < len(ending) <= _LONGEST_COUNTRY_ENDING else None


def is_free_mail_sql(domain: str, names: str) -> str:
    """`is_free_mail` of the SQL expression `domain`; `names` is an array with the keys of `FREE_MAIL`."""
    ending = f"substr({domain}, strpos({domain}, '.') + 1)"
    return (
        f"({domain} = ANY({names}) OR (split_part({domain}, '.', 1) || '.*' = ANY({names})"
        f" AND length({ending}) <= {_LONGEST_COUNTRY_ENDING}))"
    )


def normalise_email(text: str) -> str:
    """The address in lower case with an ASCII or Unicode domain as written by its owner.

    Raises `Invalid` for anything that is not one deliverable-looking address: display names, lists, line breaks.
    """
    candidate = text.strip()
    if "\r" in candidate or "\n" in candidate:
        raise Invalid("email", "An e-mail address cannot contain a line break.", code="email_invalid")
    try:
        parsed = validate_email(
            candidate,
            check_deliverability=False,
            test_environment=True,
            allow_smtputf8=True,
            globally_deliverable=False,
            strict=True,
        )
    except EmailNotValidError as error:
        raise Invalid("email", str(error), code="email_invalid") from error
    if "." not in parsed.domain:
        raise Invalid("email", f"“{parsed.domain}” is not a full domain name.", code="email_invalid")
    return parsed.normalized.lower()


LONGEST_PHONE = 250
"""Of what is read as a number at all, with everything that people write around it."""
_UNSEEN = re.compile(r"[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\u00ad]")
_LABEL = re.compile(
    r"^(?:tel|telefon|phone|ph|mob|mobile|mobil|cell|handy|fon|тел|телефон|моб)\b[.:]*\s*(?=[+(\d])", re.IGNORECASE
)
_EXTENSION = re.compile(
    r"(?:;ext=|[\s,;(]*\b(?:ext|extn|extension|доб|вн|durchwahl|dw|poste)\b\.?[:=]?\s*|\s*[x#]\s*)\d{1,7}\)?\s*$",
    re.IGNORECASE,
)
_REMARK = re.compile(r"\s*[(\[][^()\[\]]*[^\W\d_][^()\[\]]*[)\]]")
_TRUNK_ZERO = re.compile(r"^(\s*(?:\+|00)[\d\s-]{1,6})\(0\)")
_SEVERAL = re.compile(r"\s*(?:[/,;|\n]|:::|\b(?:or|oder|und|and|или|и)\b)\s*", re.IGNORECASE)


def split_phones(text: str) -> list[str]:
    """The numbers in a cell that names several, each as written; one number that has signs in it stays whole."""
    if len(text) < 16:  # too short for two
        return [text]
    parts = [part for part in _SEVERAL.split(text) if part]
    if len(parts) < 2 or any(sum(c.isdigit() for c in part) < 7 for part in parts):
        return [text]
    return parts


def _plain_phone(text: str) -> str:
    """`text` without what people write around a number: labels, extensions, remarks in brackets, "(0)"."""
    plain = _LABEL.sub("", _UNSEEN.sub("", text).strip())
    plain = _EXTENSION.sub("", _REMARK.sub("", plain))
    return _TRUNK_ZERO.sub(r"\1", plain).strip()


def normalise_phone(text: str, *, country: str | None = None) -> str:
    """The number in E.164. `country` (ISO 3166-1 alpha-2) is used for numbers without an international prefix.

    Raises `Invalid` when the number is not possible or not valid in its numbering plan, has letters in it, or is more
    than one number. Numbers reserved for fiction are accepted, though the numbering plan calls some of them invalid.
    """
    plain = _plain_phone(text) if len(text) <= LONGEST_PHONE else ""
    if plain.startswith("00"):
        plain = f"+{plain[2:]}"
    try:
        if any(c.isalpha() for c in plain) or plain.count("+") > 1 or len(split_phones(plain)) > 1:
            raise phonenumbers.NumberParseException(phonenumbers.NumberParseException.NOT_A_NUMBER, plain)
        parsed = phonenumbers.parse(plain, (country or "").upper() or None)
    except phonenumbers.NumberParseException as error:
        hint = "" if country else " Write it with + and the country code, or give a default country."
        raise Invalid("phone", f"“{text.strip()}” is not a phone number.{hint}", code="phone_invalid") from error
    formatted = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
    if _FICTION.match(formatted) or phonenumbers.is_valid_number(parsed):
        return formatted
    raise Invalid("phone", f"“{text.strip()}” is not a valid number in its country.", code="phone_invalid")


def is_reserved(channel: str, address: str) -> bool:
    """Whether `address` is reserved by a standard, so that only a simulated sender may write to it."""
    if channel == SMS:
        return _FICTION.match(address) is not None
    if channel == NETWORK:  # the host of the profile's address; a site on this machine is a real site
        address = address.partition("/")[0].partition(":")[0]
    return is_reserved_host(address.rpartition("@")[2])


def is_reserved_host(host: str) -> bool:
    """Whether a host name belongs to nobody by standard (RFC 2606, 6761)."""
    labels = host.lower().rstrip(".").split(".")
    return labels[-1] in _RESERVED_TLDS or ".".join(labels[-2:]) in _RESERVED_DOMAINS


def mask(address: str) -> str:
    """The address with its middle hidden, for logs: `a…a@firm.de`, `+4915…90`."""
    local, at, domain = address.rpartition("@")
    if at:
        return f"{local[:1]}…{local[-1:]}@{domain}"
    return f"{address[:5]}…{address[-2:]}" if len(address) > 8 else "…"
