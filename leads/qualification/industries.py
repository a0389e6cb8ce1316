"""Industries by the words that people use for them. Pure."""

from __future__ import annotations

from pathlib import Path

from outreach.core.lists import read_table

INDUSTRIES: dict[str, tuple[str, ...]] = {
    name: tuple(words)
    for name, words in read_table(Path(__file__).parent / "data" / "industries.toml")["industries"].items()
}
"""The industry's name → what it is called in running text."""
