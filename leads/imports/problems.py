"""What was wrong with cells and rows, in words: a heading by code, and what to do. The codes stay in files."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from outreach.core.states import Text


@dataclass(frozen=True)
class Problem:
    """One kind of problem; `remedy` says what a person can do about it."""

    title: Text
    remedy: Text = ""


_FIX = _("Correct the cell in your file and import it again.")
_SAVE = _("Save the file again from the program it came from, then upload that.")
PROBLEMS: dict[str, Problem] = {
    "email_invalid": Problem(_("Not an e-mail address"), _FIX),
    "phone_invalid": Problem(_("Not a valid phone number"), _("Add the country code, or choose a default country.")),
    "phone_mangled": Problem(_("Phone number damaged by a spreadsheet"), _("Format the column as text in the original, then export again.")),
    "profile_invalid": Problem(_("Not a profile link"), _("Use the link to a person's profile page.")),
    "country_unknown": Problem(_("Unknown country"), _("Use the country's name or its two-letter code.")),
    "language_unknown": Problem(_("Unknown language"), _("Use the language's name or its two-letter code.")),
    "time_zone_unknown": Problem(_("Unknown time zone"), _("Use a name such as Europe/Berlin.")),
    "number_invalid": Problem(_("Not a number of employees"), _("Use a number or a range such as 11-50.")),
    "flag_invalid": Problem(_("Neither yes nor no"), _FIX),
    "date_invalid": Problem(_("Not a date"), _("Write dates as year-month-day, such as 2026-03-31.")),
    "date_ambiguous": Problem(_("Day and month could be swapped"), _("Write dates as year-month-day, such as 2026-03-31.")),
    "tax_id_mangled": Problem(_("Tax id damaged by a spreadsheet"), _("Format the column as text in the original, then export again.")),
    "tax_id_invalid": Problem(_("Not a tax id"), _FIX),
    "tax_id_check_failed": Problem(_("Tax id has a typo"), _("Its check digits don't fit. It was imported as it is; compare it with the source.")),
    "registration_number_check_failed": Problem(_("Registration number has a typo"), _("Its check digits don't fit. It was imported as it is; compare it with the source.")),
    "company_missing": Problem(_("No company name"), _("Fill in the name, or map the column that holds it.")),
    "no_address": Problem(_("Nothing to recognise the person by"), _("Add an e-mail address, a phone number, a profile link, or a company.")),
    "address_taken": Problem(_("Address belongs to someone else"), _("It stayed with that person. If both are the same person, merge them under Duplicates.")),
    "address_surplus": Problem(_("More addresses than fit"), _("Two of each kind are kept. Add the others on the person's page.")),
    "formula_cell": Problem(_("Spreadsheet formula"), _("Kept as text and never used in a message. Replace it with its value.")),
    "opt_out_unclear": Problem(_("Unclear whether they opted out"), _("Write yes or no, or the date of the opt-out.")),
    "cell_too_long": Problem(_("Cell too long"), _("Often a missing quotation mark. Check the rows above it.")),
    "quote_unclosed": Problem(_("Quotation mark never closed"), _("Check this row and the ones above it.")),
    "row_malformed": Problem(_("Row cannot be read"), _SAVE),
    "nul_byte": Problem(_("Row contains binary data"), _SAVE),
    "encoding_broken": Problem(_("Letters cannot be read"), _("Choose another encoding under “Change detection”, or save the file as UTF-8.")),
    "too_many_cells": Problem(_("More cells than columns"), _("A separator inside a cell needs quotation marks around the cell.")),
}  # fmt: skip


def problem(code: str) -> Problem:
    """The problem of a code; an unknown code stands for itself."""
    return PROBLEMS.get(code) or Problem(code.replace("_", " ").capitalize())
