"""`manage.py inspect`: shows how the product understands an input. For operators, and for measuring.

Rooms add their own subcommands as plugins: a module `<room>/management/plugins/inspect.py` with

    from outreach.core.management.commands.inspect import Command as Inspect

    @Inspect.command()
    def mail(self, files: list[Path], as_json: AsJson = False) -> None: ...

and, in the room's `AppConfig.ready`, `register_command_plugins(plugins)` of `django_typer.utils`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any

import typer
from django_typer.management import TyperCommand, command, initialize

from outreach.core import addresses
from outreach.core.errors import Invalid
from outreach.core.terminal import AsJson, emit


class Command(TyperCommand):
    help = "Show how the product understands an input"

    @initialize()
    def gather(self) -> None:
        """Subcommands come from the rooms that own each understanding."""

    @command()
    def phone(
        self,
        numbers: list[str],
        country: Annotated[str, typer.Option(help="For numbers without + (ISO 3166-1 alpha-2)")] = "",
        as_json: AsJson = False,
    ) -> None:
        """Phone numbers as E.164, with country, kind and time zones."""
        emit((describe_phone(number, country) for number in numbers), as_json=as_json)


def describe_phone(text: str, country: str) -> dict[str, Any]:
    """What the product knows of one number."""
    import phonenumbers
    from phonenumbers import geocoder, number_type, timezone

    row: dict[str, Any] = {
        "input": text,
        "e164": None,
        "country": None,
        "kind": None,
        "place": "",
        "zones": [],
        "is_reserved": None,
        "error": None,
    }
    try:
        row["e164"] = addresses.normalise_phone(text, country=country or None)
    except Invalid as error:
        return row | {"error": error.reason}
    parsed = phonenumbers.parse(row["e164"])
    kinds: Iterator[str] = (
        name for name, value in vars(phonenumbers.PhoneNumberType).items() if value == number_type(parsed)
    )
    return row | {
        "country": phonenumbers.region_code_for_number(parsed),
        "kind": next(kinds, "UNKNOWN").lower(),
        "place": geocoder.description_for_number(parsed, "en"),
        "zones": [zone for zone in timezone.time_zones_for_number(parsed) if zone != "Etc/Unknown"],
        "is_reserved": addresses.is_reserved(addresses.SMS, row["e164"]),
    }
