"""Measurements, each against a limit or a rival taken in the same run. Each module has `def run(scale) -> list[Row]`."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """One line of the table. `ratio` is measured to reference; `target` says what is asked for, `holds` whether it is met."""

    name: str
    measured: float
    unit: str
    reference: float
    ratio: float
    target: str
    holds: bool
