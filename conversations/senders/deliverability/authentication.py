"""Checks whether a domain's mail can be authenticated: SPF, DKIM, DMARC, MX and blocklists. Pure.

Each check asks what it needs through `ask` and returns one finding with its evidence and what to do. A question that
nobody answers is `unknown` and never counts as failing.
Rules: RFC 7208 (SPF), RFC 6376 and 8301 (DKIM), RFC 7489 (DMARC, looked up towards the parent domain), RFC 5321 5.1 and
RFC 7505 (MX), RFC 5782 (blocklists).
"""

from __future__ import annotations

import base64
import binascii
import ipaddress
from dataclasses import dataclass
from enum import StrEnum

from conversations.senders.deliverability.answers import Answer, Ask, Status

MAX_SPF_LOOKUPS = 10
"""RFC 7208 4.6.4: a receiver gives up at the eleventh."""
SHORT_KEY_BYTES = 162
"""A 1,024-bit RSA key in DER; RFC 8301 asks for 2,048 bits and forbids less than 1,024."""
SHORTEST_KEY_BYTES = 140
USUAL_SELECTORS = ("google", "selector1", "selector2", "s1", "s2", "k1", "default", "mail", "dkim")
"""What the great providers call theirs; tried where nobody told us a selector."""


class Verdict(StrEnum):
    PASS = "pass"  # noqa: S105 - a verdict
    WARN = "warn"
    FAIL = "fail"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Finding:
    """One check: `code` names the sentence of what to do (see `advice`), `evidence` is what was read, literally."""

    check: str
    verdict: Verdict
    code: str
    evidence: str = ""


def examine(
    domain: str, *, ask: Ask, dkim_selector: str = "", dkim_domain: str = "", blocklists: tuple[str, ...] = ()
) -> list[Finding]:
    """All checks of one sending domain."""
    return [
        spf(domain, ask=ask),
        dkim(dkim_domain or domain, dkim_selector, ask=ask),
        dmarc(domain, ask=ask),
        mx(domain, ask=ask),
        *(blocklist(domain, zone, ask=ask) for zone in blocklists),
    ]


def spf(domain: str, *, ask: Ask) -> Finding:
    """One policy, at most ten lookups, and an ending that excludes other senders."""
    answer = ask(domain, "TXT")
    if answer.status is Status.UNKNOWN:
        return Finding("spf", Verdict.UNKNOWN, "no_answer", answer.detail)
    records = _tagged(answer, "v=spf1")
    if not records:
        return Finding("spf", Verdict.FAIL, "spf_missing")
    if len(records) > 1:
        return Finding("spf", Verdict.FAIL, "spf_twice", " | ".join(records))
    record = records[0]
    lookups = _spf_lookups(record, ask=ask, seen={domain.lower()})
    if lookups is None:
        return Finding("spf", Verdict.UNKNOWN, "no_answer", record)
    if lookups > MAX_SPF_LOOKUPS:
        return Finding("spf", Verdict.FAIL, "spf_too_many_lookups", f"{record} ({lookups} lookups)")
    terms = record.lower().split()
    if {"all", "+all"} & set(terms):
        return Finding("spf", Verdict.FAIL, "spf_allows_everybody", record)
    if not ({"-all", "~all"} & set(terms) or any(term.startswith("redirect=") for term in terms)):
        return Finding("spf", Verdict.WARN, "spf_open_end", record)
    return Finding("spf", Verdict.PASS, "spf_good", record)


def _spf_lookups(record: str, *, ask: Ask, seen: set[str]) -> int | None:
    """How many terms of `record` and of what it includes need the DNS; None when one could not be followed."""
    count = 0
    for term in record.lower().split()[1:]:
        name, _colon, target = term.lstrip("+-~?").partition(":")
        if name.startswith("redirect="):
            name, target = "redirect", name.partition("=")[2]
        if name.partition("/")[0] in ("a", "mx", "ptr", "exists"):
            count += 1
        elif name in ("include", "redirect") and target:
            count += 1
            if target in seen or count > MAX_SPF_LOOKUPS:
                continue
            seen.add(target)
            answer = ask(target, "TXT")
            if answer.status is Status.UNKNOWN:
                return None
            for included in _tagged(answer, "v=spf1")[:1]:
                below = _spf_lookups(included, ask=ask, seen=seen)
                if below is None:
                    return None
                count += below
    return count


def dkim(domain: str, selector: str, *, ask: Ask) -> Finding:
    """A public key at the selector, neither revoked nor too short. Without a selector the usual ones are tried."""
    if not selector:
        found = (dkim(domain, usual, ask=ask) for usual in USUAL_SELECTORS)
        unknown = Finding("dkim", Verdict.UNKNOWN, "dkim_no_selector")
        return next((finding for finding in found if finding.verdict in (Verdict.PASS, Verdict.WARN)), unknown)
    name = f"{selector}._domainkey.{domain}"
    answer = ask(name, "TXT")
    if answer.status is Status.UNKNOWN:
        return Finding("dkim", Verdict.UNKNOWN, "no_answer", answer.detail)
    records = [value for value in answer.values if "p=" in value]
    if not records:
        return Finding("dkim", Verdict.FAIL, "dkim_missing", name)
    tags = _tags(records[0])
    key = tags.get("p", "").replace(" ", "")
    if not key:
        return Finding("dkim", Verdict.FAIL, "dkim_revoked", f"{name}: {records[0]}")
    try:
        size = len(base64.b64decode(key, validate=True))
    except binascii.Error:
        return Finding("dkim", Verdict.FAIL, "dkim_malformed", f"{name}: {records[0][:80]}")
    if tags.get("k", "rsa") == "rsa" and size < SHORTEST_KEY_BYTES:
        return Finding("dkim", Verdict.FAIL, "dkim_short", name)
    if "y" in tags.get("t", "").split(":"):
        return Finding("dkim", Verdict.WARN, "dkim_testing", name)
    if tags.get("k", "rsa") == "rsa" and size <= SHORT_KEY_BYTES:
        return Finding("dkim", Verdict.WARN, "dkim_1024", name)
    return Finding("dkim", Verdict.PASS, "dkim_good", name)


def dmarc(domain: str, *, ask: Ask) -> Finding:
    """A policy of the domain, or of the nearest parent that has one."""
    labels = domain.lower().rstrip(".").split(".")
    for first in range(len(labels) - 1):
        name = ".".join(["_dmarc", *labels[first:]])
        answer = ask(name, "TXT")
        if answer.status is Status.UNKNOWN:
            return Finding("dmarc", Verdict.UNKNOWN, "no_answer", answer.detail)
        records = _tagged(answer, "v=dmarc1")
        if len(records) > 1:
            return Finding("dmarc", Verdict.FAIL, "dmarc_twice", f"{name}: {' | '.join(records)}")
        if records:
            policy = _tags(records[0]).get("p", "").lower()
            evidence = f"{name}: {records[0]}"
            if policy not in ("none", "quarantine", "reject"):
                return Finding("dmarc", Verdict.FAIL, "dmarc_malformed", evidence)
            return Finding("dmarc", Verdict.PASS, "dmarc_watching" if policy == "none" else "dmarc_good", evidence)
    return Finding("dmarc", Verdict.WARN, "dmarc_missing")


def mx(domain: str, *, ask: Ask) -> Finding:
    """Replies and bounces must find their way back."""
    answer = ask(domain, "MX")
    if answer.status is Status.UNKNOWN:
        return Finding("mx", Verdict.UNKNOWN, "no_answer", answer.detail)
    hosts = [host for host in answer.values if host not in ("", ".")]
    if hosts:
        return Finding("mx", Verdict.PASS, "mx_good", ", ".join(hosts[:5]))
    if answer.status is Status.FOUND:
        return Finding("mx", Verdict.FAIL, "mx_null", "0 .")
    if any(ask(domain, kind).status is Status.FOUND for kind in ("A", "AAAA")):
        return Finding("mx", Verdict.WARN, "mx_missing")
    return Finding("mx", Verdict.FAIL, "mx_missing")


def blocklist(domain_or_address: str, zone: str, *, ask: Ask) -> Finding:
    """Whether a list contains a domain or IP address. 127.255.255.x means that the list refuses to answer us."""
    answer = ask(f"{_listed_name(domain_or_address)}.{zone}", "A")
    check = f"blocklist {zone}"
    if answer.status is Status.UNKNOWN:
        return Finding(check, Verdict.UNKNOWN, "no_answer", answer.detail)
    if answer.status is not Status.FOUND:
        return Finding(check, Verdict.PASS, "not_listed")
    if any(value.startswith("127.255.255.") or not value.startswith("127.") for value in answer.values):
        return Finding(check, Verdict.UNKNOWN, "list_refuses", ", ".join(answer.values))
    return Finding(check, Verdict.FAIL, "listed", ", ".join(answer.values))


def _listed_name(text: str) -> str:
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return text
    pointer = address.reverse_pointer
    return pointer.removesuffix(".in-addr.arpa").removesuffix(".ip6.arpa")


def _tagged(answer: Answer, version: str) -> list[str]:
    return [value for value in answer.values if value.lower().split(";")[0].split(" ")[0].strip() == version]


def _tags(record: str) -> dict[str, str]:
    pairs = (part.partition("=") for part in record.split(";"))
    return {key.strip().lower(): value.strip() for key, _equals, value in pairs if key.strip()}
