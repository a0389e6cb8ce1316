"""SPF, DKIM, DMARC, MX and blocklists against answers written by hand."""

from __future__ import annotations

import base64
from collections.abc import Callable

import pytest

from conversations.senders.deliverability.answers import Answer, Status
from conversations.senders.deliverability.authentication import Verdict, blocklist, dkim, dmarc, examine, mx, spf

LONG_KEY = base64.b64encode(b"k" * 294).decode()
OLD_KEY = base64.b64encode(b"k" * 162).decode()


def world(**names: dict[str, list[str]] | str) -> Callable[[str, str], Answer]:
    """Names with `_` for `.` are too clumsy: keys are written as given in `names["…"]`."""
    table = {name.replace("__", "."): records for name, records in names.items()}

    def ask(name: str, record_type: str) -> Answer:
        records = table.get(name)
        if records is None:
            return Answer(Status.NO_SUCH_NAME)
        if isinstance(records, str):
            return Answer(Status.UNKNOWN, detail=records)
        values = tuple(records.get(record_type, ()))
        return Answer(Status.FOUND if values else Status.NO_RECORDS, values)

    return ask


def txt(*values: str) -> dict[str, list[str]]:
    return {"TXT": list(values)}


@pytest.mark.parametrize(
    ("records", "verdict", "code"),
    [
        (["v=spf1 include:_spf.firm.de -all"], Verdict.PASS, "spf_good"),
        (["hello", "v=spf1 mx ~all"], Verdict.PASS, "spf_good"),
        (["v=spf1 redirect=_spf.firm.de"], Verdict.PASS, "spf_good"),
        (["v=spf1 mx"], Verdict.WARN, "spf_open_end"),
        (["v=spf1 mx ?all"], Verdict.WARN, "spf_open_end"),
        (["v=spf1 mx +all"], Verdict.FAIL, "spf_allows_everybody"),
        (["v=spf1 mx all"], Verdict.FAIL, "spf_allows_everybody"),
        (["v=spf1 -all", "v=spf1 mx -all"], Verdict.FAIL, "spf_twice"),
        (["v=spf10 -all"], Verdict.FAIL, "spf_missing"),
        ([], Verdict.FAIL, "spf_missing"),
    ],
)
def test_spf(records, verdict, code):
    ask = world(**{"firm.de": txt(*records), "_spf.firm.de": txt("v=spf1 ip4:192.0.2.1 -all")})
    finding = spf("firm.de", ask=ask)
    assert (finding.verdict, finding.code) == (verdict, code)


def test_spf_counts_the_lookups_of_what_it_includes():
    nested = {f"s{n}.firm.de": txt("v=spf1 a mx exists:x.firm.de -all") for n in range(3)}
    record = "v=spf1 include:s0.firm.de include:s1.firm.de include:s2.firm.de -all"
    finding = spf("firm.de", ask=world(**{"firm.de": txt(record), **nested}))
    assert finding.code == "spf_too_many_lookups"
    assert "12 lookups" in finding.evidence


def test_spf_that_includes_itself_ends():
    assert spf("firm.de", ask=world(**{"firm.de": txt("v=spf1 include:firm.de -all")})).verdict is Verdict.PASS


def test_an_include_that_nobody_answers_for_is_unknown():
    ask = world(**{"firm.de": txt("v=spf1 include:other.de -all"), "other.de": "timeout"})
    assert spf("firm.de", ask=ask).verdict is Verdict.UNKNOWN


@pytest.mark.parametrize(
    ("record", "verdict", "code"),
    [
        (f"v=DKIM1; k=rsa; p={LONG_KEY}", Verdict.PASS, "dkim_good"),
        (f"p={LONG_KEY}", Verdict.PASS, "dkim_good"),
        (f"v=DKIM1; k=ed25519; p={base64.b64encode(b'k' * 32).decode()}", Verdict.PASS, "dkim_good"),
        (f"v=DKIM1; p={OLD_KEY}", Verdict.WARN, "dkim_1024"),
        (f"v=DKIM1; t=y; p={LONG_KEY}", Verdict.WARN, "dkim_testing"),
        ("v=DKIM1; p=", Verdict.FAIL, "dkim_revoked"),
        ("v=DKIM1; p=not base64!", Verdict.FAIL, "dkim_malformed"),
        ("v=DKIM1; p=" + base64.b64encode(b"k" * 94).decode(), Verdict.FAIL, "dkim_short"),
        ("something else", Verdict.FAIL, "dkim_missing"),
    ],
)
def test_dkim(record, verdict, code):
    finding = dkim("firm.de", "s7", ask=world(**{"s7._domainkey.firm.de": txt(record)}))
    assert (finding.verdict, finding.code) == (verdict, code)


def test_without_a_selector_the_usual_ones_are_tried_and_none_is_no_failure():
    usual = world(**{"selector1._domainkey.firm.de": txt(f"v=DKIM1; p={LONG_KEY}")})
    assert dkim("firm.de", "", ask=usual).verdict is Verdict.PASS
    assert dkim("firm.de", "", ask=world()).verdict is Verdict.UNKNOWN


@pytest.mark.parametrize(
    ("names", "verdict", "code"),
    [
        ({"_dmarc.mail.firm.de": txt("v=DMARC1; p=reject")}, Verdict.PASS, "dmarc_good"),
        ({"_dmarc.firm.de": txt("v=DMARC1; p=none; rua=mailto:a@firm.de")}, Verdict.PASS, "dmarc_watching"),
        ({"_dmarc.firm.de": txt("v=DMARC1; p=maybe")}, Verdict.FAIL, "dmarc_malformed"),
        ({"_dmarc.firm.de": txt("v=DMARC1; p=none", "v=DMARC1; p=reject")}, Verdict.FAIL, "dmarc_twice"),
        ({"_dmarc.firm.de": "SERVFAIL"}, Verdict.UNKNOWN, "no_answer"),
        ({}, Verdict.WARN, "dmarc_missing"),
    ],
)
def test_dmarc_of_a_subdomain_is_looked_for_upwards(names, verdict, code):
    finding = dmarc("mail.firm.de", ask=world(**names))
    assert (finding.verdict, finding.code) == (verdict, code)


@pytest.mark.parametrize(
    ("records", "verdict", "code"),
    [
        ({"MX": ["mx.firm.de"]}, Verdict.PASS, "mx_good"),
        ({"MX": ["."]}, Verdict.FAIL, "mx_null"),
        ({"A": ["192.0.2.1"]}, Verdict.WARN, "mx_missing"),
        ({"TXT": ["x"]}, Verdict.FAIL, "mx_missing"),
        ("timeout", Verdict.UNKNOWN, "no_answer"),
    ],
)
def test_mx(records, verdict, code):
    finding = mx("firm.de", ask=world(**{"firm.de": records}))
    assert (finding.verdict, finding.code) == (verdict, code)


@pytest.mark.parametrize(
    ("subject", "name"),
    [("firm.de", "firm.de.dbl.test"), ("192.0.2.7", "7.2.0.192.dbl.test")],
)
@pytest.mark.parametrize(
    ("records", "verdict"),
    [
        ({"A": ["127.0.1.2"]}, Verdict.FAIL),
        ({"A": ["127.255.255.254"]}, Verdict.UNKNOWN),
        ({"A": ["192.0.2.200"]}, Verdict.UNKNOWN),
        ("timeout", Verdict.UNKNOWN),
        (None, Verdict.PASS),
    ],
)
def test_blocklists_say_yes_no_or_nothing(subject, name, records, verdict):
    ask = world(**({name: records} if records else {}))
    assert blocklist(subject, "dbl.test", ask=ask).verdict is verdict


def test_when_nobody_answers_nothing_fails():
    def silent(_name: str, _record_type: str) -> Answer:
        return Answer(Status.UNKNOWN, detail="timeout")

    findings = examine("firm.de", ask=silent, dkim_selector="s1", blocklists=("dbl.test",))
    assert {finding.verdict for finding in findings} == {Verdict.UNKNOWN}
