"""What a list says about people who must not be written to. Pure: no Django, no database.

Three kinds of columns: a flag, date or word of an opt-out; the status of a subscription; a flag, date or word of a bounce.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from leads.cleaning.cells import NOTHING, key
from leads.cleaning.moments import moment
from outreach.core.errors import Invalid
from outreach.core.lists import read_table

OPT_OUT = "opt_out"
BOUNCE = "bounce"
COMPLAINT = "complaint"

_WORDS = {
    name: frozenset(words) for name, words in read_table(Path(__file__).parent / "data" / "opt_outs.toml").items()
}


@dataclass(frozen=True)
class OptOut:
    """An address that must not be written to. `reason`: opt_out, bounce or complaint; `evidence` quotes the list."""

    channel: str
    address: str
    reason: str
    evidence: str


def reason_of(field: str, text: str) -> str:
    """Why a person is not to be written to by a cell of the column `field`; empty when the cell does not say so.

    Raises `Invalid` `opt_out_unclear` for a cell of an opt-out column that is neither yes nor no.
    """
    words = key(text)
    if text.strip().casefold() in NOTHING or not words or words in _WORDS["no"]:
        return ""
    for reason in (COMPLAINT, BOUNCE, OPT_OUT):
        if words in _WORDS[reason]:
            return reason
    if field == "subscription":
        return ""
    if field == "bounced":
        return BOUNCE
    if words in _WORDS["yes"] or _is_date(text):
        return OPT_OUT
    raise Invalid(field, f"“{text.strip()[:60]}” does not say whether the person opted out.", code="opt_out_unclear")


def _is_date(text: str) -> bool:
    try:
        return bool(moment(text))
    except Invalid as error:
        return error.code == "date_ambiguous"
