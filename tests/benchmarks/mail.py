"""Understanding mail: reading it and telling what its words want, one by one and ten thousand in one call."""

from __future__ import annotations

import contextlib
import io
import statistics
import time
from datetime import UTC, date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.benchmarks import Row

ALONE, MANY = 200, 10_000
_SAID = (
    "Sounds good. Thursday at {n} is fine.",
    "Not for us, please take me off list {n}.",
    (
        "We looked at this in year {n} but the numbers did not add up for our four sites. Things have changed since. "
        "It takes a manager two days a week. Could you tell me what it costs for {n} people? Does it talk to our payroll?"
    ),
    "Спасибо, интересно. Пришлите, пожалуйста, расчёт на {n} человек.",
    "Schreiben Sie mir bitte in {n} Tagen noch einmal.",
)
_MAIL = (
    "From: Ben Ruiz <ben.ruiz@acme.example>\nTo: ann@northwind.example\nSubject: Re: Rota planning\n"
    "Date: Wed, 4 Mar 2026 10:15:00 +0100\nMessage-ID: <{n}@acme.example>\nIn-Reply-To: <out-1@northwind.example>\n"
    "Content-Type: text/plain; charset=utf-8\n\n{said}\n\nBen\n\n"
    "On Tue, 3 Mar 2026 at 16:02, Ann Vale <ann@northwind.example> wrote:\n\n> Hi Ben,\n> shall we talk?\n> Ann\n"
)


def run(scale: int) -> list[Row]:
    """`scale` is not used: what is asked for is a mail's cost and ten thousand files."""
    from conversations.reading import incoming
    from conversations.replies import intents
    from conversations.replies.management.plugins import inspect

    mails = [_MAIL.format(n=n, said=_SAID[n % len(_SAID)].format(n=n)).encode() for n in range(MANY)]
    now, today = datetime.now(UTC), date(2026, 3, 4)
    intents.understand("A first text, so that the encoder is there.", today=today)
    costs = []
    for raw in mails[:ALONE]:
        began = time.process_time()
        intents.understand(incoming.read(raw, now=now).words, today=today)
        costs.append((time.process_time() - began) * 1e3)
    median = statistics.median(costs)
    with TemporaryDirectory() as folder:
        files = [Path(folder) / f"{number}.eml" for number in range(MANY)]
        for file, raw in zip(files, mails, strict=True):
            file.write_bytes(raw)
        began = time.process_time()
        with contextlib.redirect_stdout(io.StringIO()) as written:
            inspect.mail(files, as_json=True)
        many = (time.process_time() - began) / MANY * 1e3
        assert written.getvalue().count("\n") == MANY
    return [
        Row("understand one mail, CPU, median", median, "ms", 10, median / 10, "≤ 10 ms", median <= 10),
        Row("inspect mail, ten thousand files, CPU a mail", many, "ms", median, many / median, "≤ 1 ×", many <= median),
    ]
