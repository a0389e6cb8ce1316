"""`python -m tests.conversations.replies.fresh [tuned | corpus FILE]`: the figures of both halves; see the package."""

from __future__ import annotations

import sys
from pathlib import Path

from tests.conversations.replies import fresh


def figures(*, names_wrong: bool) -> None:
    """Every figure for both halves, and the lines of the tuned one that are read wrongly."""
    for name, title, is_right in fresh.FIGURES:
        rows = fresh.lines(name)
        column = 0 if name.endswith(("opt_outs", "ordinary")) else 1
        languages = sorted({row.columns[column] for row in rows})
        for label, is_aside in (("tuned", False), ("aside", True)):
            half = [(row, is_right(row)) for row in rows if row.is_aside == is_aside]
            right = sum(ok for _, ok in half)
            told = []
            for language in languages:
                own = [ok for row, ok in half if row.columns[column] == language]
                told.append(f"{language} {sum(own)}/{len(own)}")
            share = right / len(half)
            sys.stdout.write(f"{title:52}{label} {right:4} of {len(half):4} {share:7.1%}  {', '.join(told)}\n")
            if names_wrong and not is_aside:
                wrong = [row for row, ok in half if ok == title.startswith("wrong")]
                sys.stdout.writelines(f"      {' | '.join(row.columns)}\n" for row in wrong)


if __name__ == "__main__":
    if sys.argv[1:2] == ["corpus"]:
        texts = Path(sys.argv[2]).read_text().splitlines()
        suppressed, held = fresh.corpus(texts)
        sys.stdout.write(f"{len(texts)} utterances: {len(suppressed)} suppressed, {held} held\n")
        sys.stdout.writelines(f"      {text}\n" for text in suppressed)
    else:
        figures(names_wrong=sys.argv[1:] == ["tuned"])
