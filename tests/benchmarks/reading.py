"""Understanding one mail beside parsing it with the standard library, in the same run."""

from __future__ import annotations

import email
import email.policy
import statistics
import time
from collections.abc import Callable

from tests.benchmarks import Row
from tests.conversations.reading.letters import letter, read

LIMIT_MS, TIMES = 10.0, 200


def run(scale: int) -> list[Row]:
    """One usual mail, over and over; `scale` has no say."""
    del scale
    quote = "\n".join(f"> line {n} of what was said before, with some words" for n in range(60))
    answer = "Yes, please send the price list.\n\nBen\n\nOn Tue, 3 Mar 2026 at 16:02, Ann Vale <ann@northwind.example> wrote:"
    raw = letter(f"{answer}\n{quote}")
    ours = _median_ms(lambda: read(raw))
    plain = _median_ms(lambda: email.message_from_bytes(raw, policy=email.policy.default).get_body().get_content())  # type: ignore[union-attr]
    return [
        Row(
            "reading: a reply with 60 quoted lines understood (beside the standard library's parser alone)",
            ours, "ms CPU", plain, ours / plain, f"≤ {LIMIT_MS:.0f} ms", ours <= LIMIT_MS,
        )
    ]  # fmt: skip


def _median_ms(act: Callable[[], object]) -> float:
    act()
    took = []
    for _ in range(TIMES):
        started = time.process_time()
        act()
        took.append((time.process_time() - started) * 1000)
    return statistics.median(took)
