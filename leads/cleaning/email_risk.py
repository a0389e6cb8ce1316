"""What is risky about an e-mail address that is written correctly: shared mailboxes, throw-away providers.

Pure: no Django, no database.
"""

from __future__ import annotations

from pathlib import Path

from disposable_email_domains import blocklist

from outreach.core.lists import read_list

ROLE = "role"
DISPOSABLE = "disposable"

DATA = Path(__file__).parent / "data"
ROLES = frozenset(read_list(DATA / "shared_mailboxes.txt"))
DISPOSABLE_DOMAINS = blocklist | frozenset(read_list(DATA / "disposable_domains.txt"))


def risk(address: str) -> str:
    """`role`, `disposable`, or empty, of a normalised address."""
    local, _at, host = address.rpartition("@")
    if host in DISPOSABLE_DOMAINS or host.partition(".")[2] in DISPOSABLE_DOMAINS:
        return DISPOSABLE
    return ROLE if local in ROLES or local.partition("+")[0] in ROLES else ""
