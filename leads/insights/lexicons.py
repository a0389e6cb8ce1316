"""Words that tell what a statement about a company is about, in English and Russian. `*`: any ending. Pure."""

from __future__ import annotations

from pathlib import Path

from outreach.core.lists import read_table

_TABLE = read_table(Path(__file__).parent / "data" / "lexicons.toml")
TRIGGERS: dict[str, tuple[str, ...]] = {kind: tuple(words) for kind, words in _TABLE["triggers"].items()}
PAINS: tuple[str, ...] = tuple(_TABLE["pains"])
SUMMARY: tuple[str, ...] = tuple(_TABLE["summary"])
ORDERS: tuple[str, ...] = tuple(_TABLE["orders"])
"""A statement with one of these is not quoted by our own rules. That keeps pages tidy and is no defence: texts are contained."""
