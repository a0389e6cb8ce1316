"""The hash of what qualification sees of a lead, computed by the database so that bulk and single writes agree."""

from __future__ import annotations

_LEAD = ("title_key", "description", "country", "region", "city", "language", "status")
_COMPANY = ("name_key", "country", "city", "industry", "segment", "research_text")


def content_hash_sql(*, lead: str = "l", company: str = "c") -> str:
    """SQL of the hash over a row `lead` (columns of leads_lead) and its left-joined `company`."""
    parts = [
        *(f"{lead}.{name}" for name in _LEAD),
        f"array_to_string({lead}.tags, ',')",
        f"{lead}.attributes::text",
        f"{lead}.research::text",
        *(f"coalesce({company}.{name}, '')" for name in _COMPANY),
        f"coalesce({company}.employee_count::text, '')",
        f"coalesce({company}.is_sme::text, '')",
        f"coalesce(array_to_string({company}.tags, ','), '')",
        f"coalesce({company}.attributes::text, '')",
    ]
    return f"encode(sha256(convert_to(concat_ws(chr(31), {', '.join(parts)}), 'UTF8')), 'hex')"
