"""Made-up histories of leads with a known truth, as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import Any

import numpy as np


def school(count: int = 4_000, *, seed: int = 1, with_leaks: bool = True, drift: float = 0.0) -> bytes:
    """Leads of a school: how they came, what they do, how long they stayed on the site; a quarter of it is chance.

    With leaks: `Tags` and `Lead Quality` are written by the sales team while it already knows, and `Contract date` only
    for those who signed.
    """
    random = np.random.default_rng(seed)
    origin = random.choice(["Landing Page", "API", "Add Form", "Import"], count, p=[0.53, 0.39, 0.07, 0.01])
    source = random.choice(["Google", "Direct", "Chat", "Organic", "Reference"], count, p=[0.32, 0.28, 0.2, 0.13, 0.07])
    work = random.choice(["Unemployed", "Professional", "Student", ""], count, p=[0.6, 0.08, 0.03, 0.29])
    activity = random.choice(["Email opened", "SMS sent", "Chat", "Page visited"], count, p=[0.4, 0.32, 0.13, 0.15])
    minutes = np.where(random.random(count) < 0.25, 0, random.gamma(1.2, 400, count)).round()
    visits = random.poisson(3, count)
    score = (
        -2.6
        + 0.0024 * minutes
        + 3.4 * (origin == "Add Form")
        + 2.2 * (source == "Reference")
        + 2.6 * (work == "Professional")
        - 1.3 * (work == "")
        + 1.7 * (activity == "SMS sent")
        - 1.1 * (activity == "Chat")
        + 1.2 * ((activity == "SMS sent") & (minutes > 600))
    )
    position = np.arange(count) / count
    score += drift * (position - 0.5)
    won = random.random(count) < 1 / (1 + np.exp(-score))
    columns: dict[str, Sequence[Any]] = {
        "Prospect ID": [f"{random.integers(16**8):08x}-{i}" for i in range(count)],
        "Lead Number": 660_000 - np.arange(count) * 3,
        "Created": [f"2026-{1 + i * 11 // count:02d}-{1 + i % 28:02d}" for i in range(count)],
        "Lead Origin": origin,
        "Lead Source": source,
        "Occupation": work,
        "Last Activity": activity,
        "Time on site": minutes.astype(int),
        "Visits": ["" if random.random() < 0.02 else str(v) for v in visits],
        "City": random.choice(["Mumbai", "Pune", "Select", ""], count),
        "Country": ["India"] * count,
        "Wants magazine": ["No"] * count,
        "Converted": won.astype(int),
    }
    if with_leaks:
        knows = random.random(count)
        columns["Tags"] = np.where(
            won & (knows < 0.7), "Will revert after reading", np.where(~won & (knows < 0.5), "Ringing", "")
        )
        columns["Lead Quality"] = np.where(
            knows < 0.4, "", np.where(won, "Might be", np.where(knows < 0.8, "Not sure", "Worst"))
        )
        columns["Contract date"] = np.where(won & (knows < 0.95), "2026-11-20", "")
    return written(columns)


def written(columns: dict[str, Sequence[Any]]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(columns)
    writer.writerows(zip(*columns.values(), strict=True))
    return text.getvalue().encode()
