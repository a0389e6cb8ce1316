"""Background work of segments."""

from leads.segments import titles


def forget_titles() -> str:
    """Forget titles that nobody has any more."""
    return f"{titles.forget_unused()} titles forgotten"
