"""Background work of segments."""

from leads import changes


def forget_titles() -> str:
    """Remove titles that no lead has any more from the dictionary."""
    return f"{changes.forget_titles()} titles removed"
