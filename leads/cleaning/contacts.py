"""Where somebody is reached: e-mail and web addresses, phone numbers, profiles. Pure."""

from __future__ import annotations

import re
from functools import lru_cache

import phonenumbers

from leads.cleaning.cells import MANGLED, one_line
from outreach.core import addresses
from outreach.core.addresses import is_free_mail
from outreach.core.errors import Invalid

_FAST_EMAIL = re.compile(r"^[a-z0-9]+(?:[._+-][a-z0-9]+)*@(?:[a-z0-9]+(?:-[a-z0-9]+)*\.)+[a-z]{2,24}$")


def email(text: str) -> str:
    """A normalised e-mail address; `mailto:` and "Name <address>" are taken off. Raises `email_invalid`."""
    value = one_line(text)
    if not value:
        return ""
    lowered = value.lower()
    if len(lowered) <= 64 and _FAST_EMAIL.match(lowered):
        return lowered
    if match := re.search(r"<([^<>]+)>$", value):
        value = match[1]
    return addresses.normalise_email(value.removeprefix("mailto:").strip(" ,;"))


def phone(text: str, *, country: str = "") -> str:
    """A phone number in E.164. Raises `phone_invalid`; a number that a spreadsheet rounded is `phone_mangled`."""
    value = one_line(text)
    if not value:
        return ""
    if found := _plain_international(value):
        return found
    if MANGLED.match(value.replace(" ", "").lstrip("+")):
        raise Invalid("phone", f"A spreadsheet has rounded the number “{value}”.", code="phone_mangled")
    if re.fullmatch(r"\d{11,15}\.0", value):
        value = value[:-2]
    try:
        return addresses.normalise_phone(value, country=country or None)
    except Invalid:
        digits = re.sub(r"\D", "", value)
        if any(c.isalpha() for c in value) or len(addresses.split_phones(value)) > 1:
            raise
        if not country and len(digits) == 11 and digits.startswith("8"):
            raise  # 8 (495) … is how Russians and Kazakhs write at home; +84 is Vietnam
        if not value.startswith("+") and len(digits) >= 11:
            return _with_prefix(value, digits, country)
        raise


_SEPARATORS = str.maketrans("", "", " ()-./")
_INTERNATIONAL = re.compile(r"\+[1-9]\d{7,14}")


def _plain_international(value: str) -> str:
    """A fast path for international numbers: the same answer as the full parser, or empty.

    No text is parsed: the country code is split off and the numbering plan asked. Numbers that may start with a
    trunk prefix go the long way.
    """
    number = value.translate(_SEPARATORS)
    if not _INTERNATIONAL.fullmatch(number):
        return ""
    if addresses.is_reserved(addresses.SMS, number):
        return number
    for size in (1, 2, 3):
        code = int(number[1 : 1 + size])
        if code in phonenumbers.COUNTRY_CODE_TO_REGION_CODE:
            national = number[1 + size :]
            prefix = _trunk_prefix(code)
            if national.startswith("0") or (prefix is not None and prefix.match(national)):
                return ""
            parsed = phonenumbers.PhoneNumber(country_code=code, national_number=int(national))
            return number if phonenumbers.is_valid_number(parsed) else ""
    return ""


@lru_cache(maxsize=300)
def _trunk_prefix(code: int) -> re.Pattern[str] | None:
    region = phonenumbers.region_code_for_country_code(code)
    metadata = (
        phonenumbers.PhoneMetadata.metadata_for_nongeo_region(code)
        if region == phonenumbers.REGION_CODE_FOR_NON_GEO_ENTITY
        else phonenumbers.PhoneMetadata.metadata_for_region(region)
    )
    pattern = metadata.national_prefix_for_parsing if metadata else None
    return re.compile(pattern) if pattern else None


def _with_prefix(value: str, digits: str, country: str) -> str:
    """A number that lost its +: 00… and bare country codes; a Russian 8 means 7."""
    if digits.startswith("00"):
        digits = digits[2:]
    elif len(digits) == 11 and digits.startswith("8") and country in {"RU", "KZ"}:
        digits = "7" + digits[1:]
    try:
        return addresses.normalise_phone("+" + digits)
    except Invalid as error:
        raise Invalid("phone", f"“{value[:40]}” is not a phone number.", code="phone_invalid") from error


def web_address(text: str) -> str:
    """A web address with its scheme, or empty when it is none. Only http and https."""
    value = one_line(text)
    if not value or " " in value or "." not in value:
        return ""
    if "://" not in value:
        value = f"https://{value.lstrip('/')}"
    return value[:2000] if re.match(r"^https?://[^/\s@]+\.[^/\s@]{2,}", value, re.IGNORECASE) else ""


def domain(text: str) -> str:
    """The host of a web or e-mail address in lower case without `www.`; empty when there is none."""
    value = one_line(text).casefold()
    value = value.rpartition("@")[2] if "@" in value and "://" not in value else value
    host = re.sub(r"^[a-z]+://", "", value).split("/")[0].split("?")[0].split(":")[0].removeprefix("www.").rstrip(".")
    return host if re.fullmatch(r"[\w-]+(\.[\w-]+)+", host) else ""


def profile(text: str) -> str:
    """The address of a network profile, comparable: host and path in lower case, no scheme, no query."""
    value = one_line(text)
    if not value:
        return ""
    match = re.match(r"^(?:https?://)?(?:[\w-]+\.)?(linkedin\.com/in/[^/?#\s]+)", value, re.IGNORECASE)
    if match:
        return match[1].casefold()
    match = re.match(r"^(?:https?://)?(?:www\.)?([\w.-]+\.[\w-]+(?::\d+)?/in/[^/?#\s]+)", value, re.IGNORECASE)
    if match:  # also as it stands in our own rows, without a scheme
        return match[1].casefold()
    match = re.match(r"^https?://(?:www\.)?([^/\s]+\.[^/\s]+/[^?#\s]+)", value, re.IGNORECASE)
    if match:
        return match[1].rstrip("/").casefold()
    raise Invalid("network", f"“{value[:60]}” is not a profile address.", code="profile_invalid")


def domain_of_email(address: str) -> str:
    """The company's domain behind an address, or empty for the domains of mail providers."""
    host = address.rpartition("@")[2]
    return "" if is_free_mail(host) else host
