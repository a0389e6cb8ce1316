"""`python -m conversations.replies.reader train` trains it again on `data/`; `measure` prints the figures of CARD.md."""

from __future__ import annotations

import sys

from conversations.replies.reader import measuring, model, wordings


def main(arguments: list[str]) -> int:
    """0, or 2 for an unknown word."""
    if arguments == ["train"]:
        model.train(wordings.training()).save(model.WEIGHTS)
    elif arguments == ["measure"]:
        for name, (right, count) in measuring.measure(wordings.kept_aside()).items():
            sys.stdout.write(f"{name:24}{right:5} of {count:5}  {right / count:.1%}\n")
    else:
        sys.stderr.write(f"{__doc__}\n")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
