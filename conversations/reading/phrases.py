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


_WORD_START, _WORD_END = r"(?<!\w)", r"(?!\w)"
_WITHOUT_BLANKS = re.compile("[\u0e00-\u0e7f\u3040-\u30ff\u4e00-\u9fff\uac00-\ud7af]")


@cache
def pattern(name: str, section: str, *, before: str = _WORD_START, after: str = _WORD_END) -> re.Pattern[str]:
    """One pattern for all phrases of a section, as whole words unless told otherwise.

    Writing without blanks between words has no whole words.
    """
    told = [phrase.replace(" ?", r"\s*").replace(" ", r"\s+") for phrase in phrases(name, section)]
    if (before, after) != (_WORD_START, _WORD_END):
        return re.compile(f"{before}(?:{'|'.join(told)}){after}", re.IGNORECASE)
    words = [phrase for phrase in told if not _WITHOUT_BLANKS.search(phrase)]
    others = [phrase for phrase in told if _WITHOUT_BLANKS.search(phrase)]
    return re.compile("|".join([f"{before}(?:{'|'.join(words)}){after}", *others]), re.IGNORECASE)
