"""The meaning of criteria in plain Python, written apart from the compiler: what its SQL is measured against."""

import re
from datetime import UTC, date, datetime, timedelta

WORD = r"[0-9a-z_\u00c0-\u1fff\u2c00-\ud7ff]"


def holds(criteria, row, now):
    """Whether `criteria` (as written) holds for `row`: a dict of field name → value, absent means not known."""
    if "all" in criteria:
        return all(holds(c, row, now) for c in criteria["all"])
    if "any" in criteria:
        return any(holds(c, row, now) for c in criteria["any"])
    if "not" in criteria:
        return not any(holds(c, row, now) for c in criteria["not"])
    return _condition(criteria["field"], criteria["operator"], criteria.get("value"), row, now)


OPPOSITES = {
    "not_equals": "equals",
    "not_in": "in",
    "none_of": "any_of",
    "not_contains": "contains",
    "not_within_days": "within_days",
    "lacks_tag": "has_tag",
    "missing": "exists",
}


def _condition(field, operator, value, row, now):
    if operator in OPPOSITES:
        return not _condition(field, OPPOSITES[operator], value, row, now)
    known = row.get(field)
    if operator == "exists":
        return known not in (None, "", [])
    if known is None or known == "":
        return False
    if ".attributes." in field:
        return _attribute(operator, value, known)
    if operator == "equals" and isinstance(known, bool):
        return known is value
    if isinstance(known, list):
        return _tags(operator, value, known)
    if isinstance(known, datetime):
        return _date(operator, value, known, now)
    if isinstance(known, int | float):
        return _number(operator, value, known)
    return _text(operator, value, known)


def _text(operator, value, known):
    known = known.lower()
    match operator:
        case "equals":
            return known == value.lower()
        case "in":
            return known in [v.lower() for v in value]
        case "contains":
            return value.lower() in known
        case "starts_with":
            return known.startswith(value.lower())
        case "any_of":
            return any(_has_words(known, v) for v in value)


def _has_words(text, term):
    term = " ".join(term.lower().split())
    is_prefix = term.endswith("*")
    term = term.rstrip("*").strip()
    for match in re.finditer(re.escape(term), " ".join(re.split(r"[ \t\n\r\u00a0]+", text))):
        spaced = match.string
        left = spaced[match.start() - 1 : match.start()]
        right = spaced[match.end() : match.end() + 1]
        left_ok = not re.match(WORD, term[0]) or not (left and re.match(WORD, left))
        right_ok = is_prefix or not re.match(WORD, term[-1]) or not (right and re.match(WORD, right))
        if left_ok and right_ok:
            return True
    return False


def _number(operator, value, known):
    return {
        "equals": lambda: known == value,
        "gt": lambda: known > value,
        "gte": lambda: known >= value,
        "lt": lambda: known < value,
        "lte": lambda: known <= value,
        "between": lambda: value[0] <= known <= value[1],
    }[operator]()


def _date(operator, value, known, now):
    def midnight(text):
        day = date.fromisoformat(text)
        return datetime(day.year, day.month, day.day, tzinfo=UTC)

    match operator:
        case "within_days":
            return known >= now - timedelta(days=value)
        case "before":
            return known < midnight(value)
        case "after":
            return known >= midnight(value)
        case "during":
            return midnight(value[0]) <= known < midnight(value[1]) + timedelta(days=1)


def _tags(operator, value, known):
    match operator:
        case "has_tag":
            return value in known
        case "has_any_tag":
            return bool(set(value) & set(known))
        case "has_all_tags":
            return set(value) <= set(known)


def _attribute(operator, value, known):
    text = {True: "true", False: "false"}.get(known) if isinstance(known, bool) else str(known)
    number = float(text) if re.fullmatch(r" *-?[0-9]{1,15}(\.[0-9]{1,15})? *", text) else None
    if operator in {"equals", "in"}:
        return any(_same(v, text, number) for v in (value if operator == "in" else [value]))
    if operator in {"gt", "gte", "lt", "lte", "between"}:
        return number is not None and _number(operator, value, number)
    return _text(operator, value, text)


def _same(value, text, number):
    if isinstance(value, bool):
        return text.lower() == str(value).lower()
    if isinstance(value, int | float):
        return number == value
    return text.lower() == value.lower()
