"""`python -m tests.conversations.replies.fresh [tuned]`: the figures of both halves, and the wrong lines of the tuned one."""

from __future__ import annotations

import sys

from tests.conversations.replies import fresh

if __name__ == "__main__":
    for name, title, is_right in fresh.FIGURES:
        rows = fresh.lines(name)
        languages = sorted({row.columns[0 if name in {"opt_outs", "ordinary"} else 1] for row in rows})
        for label, kept in (("tuned", False), ("aside", True)):
            half = [(row, is_right(row)) for row in rows if row.is_aside == kept]
            told = []
            for language in languages:
                own = [ok for row, ok in half if language in row.columns[:2]]
                told.append(f"{language} {sum(own)}/{len(own)}")
            share = sum(ok for _, ok in half) / len(half)
            sys.stdout.write(f"{title:48}{label}  {sum(ok for _, ok in half):4} of {len(half):4} {share:7.1%}  {', '.join(told)}\n")
            if "tuned" in sys.argv[1:] and label == "tuned":
                for row, ok in half:
                    if ok == title.startswith("wrong"):
                        found = fresh.understand(row, row.columns[1] if name == "opt_outs" else "text") if name != "facts" else None
                        said = f"{found.intent} {found.confidence} {found.reasons[:2]}" if found else ""
                        sys.stdout.write(f"      {row.columns}  {said}\n")
