"""Word lists of many languages as one pattern each. The lists are the TOML files in `data/`; a phrase is a regular
expression in lower case, matched without regard to case, a blank in it for any run of blanks.
"""

from __future__ import annotations

import re
import tomllib
from functools import cache
from pathlib import Path

DATA = Path(__file__).parent / "data"


@cache
def lists(name: str) -> dict[str, dict[str, list[str]]]:
    """Sections of a data file: section → language → phrases."""
    with (DATA / f"{name}.toml").open("rb") as file:
        return tomllib.load(file)


def phrases(name: str, section: str) -> list[str]:
    """All phrases of a section, in the order of the file."""
    return [phrase for told in lists(name)[section].values() for phrase in told]


@cache
def pattern(name: str, section: str, *, before: str = r"(?<!\w)", after: str = r"(?!\w)") -> re.Pattern[str]:
    """One pattern for all phrases of a section, as whole words unless told otherwise."""
    told = "|".join(phrase.replace(" ", r"\s+") for phrase in phrases(name, section))
    return re.compile(f"{before}(?:{told}){after}", re.IGNORECASE)
