"""What the findings of `authentication` mean and what to do, in sentences."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

LABELS = {
    "spf": _("SPF: who may send for the domain"),
    "dkim": _("DKIM: the signature's public key"),
    "dmarc": _("DMARC: what receivers do with forgeries"),
    "mx": _("MX: where replies and bounces arrive"),
}

ADVICE = {
    "no_answer": _("The name servers gave no answer. This is not counted against you; look again later."),
    "spf_good": _("One policy, with an end, within ten lookups."),
    "spf_missing": _("Publish a TXT record at the domain that starts with v=spf1 and names your mail provider."),
    "spf_twice": _("There is more than one SPF record, so receivers ignore them all: merge them into one."),
    "spf_too_many_lookups": _("Receivers stop after ten lookups: remove includes that you no longer need."),
    "spf_allows_everybody": _("“+all” lets anybody send as you: end the record with ~all or -all."),
    "spf_open_end": _("End the record with ~all or -all, so that it says who may not send."),
    "dkim_good": _("The key is published."),
    "dkim_no_selector": _(
        "Your provider signs with a selector that we cannot see: enter it at the sender (“DKIM selector of the provider”)"
        " to have it checked."
    ),
    "dkim_missing": _("No key is published at this name: add the TXT record that belongs to the selector."),
    "dkim_revoked": _("The key is revoked (p= is empty): publish the current one."),
    "dkim_malformed": _("The key cannot be read: it is not base64. Copy it again, without line breaks or quotes."),
    "dkim_short": _("The key is shorter than 1,024 bits, which receivers refuse: make one of 2,048 bits."),
    "dkim_1024": _("The key has 1,024 bits; make one of 2,048 bits when you rotate it."),
    "dkim_testing": _("The key is marked as a test (t=y), so receivers may ignore it: remove that mark."),
    "dmarc_good": _("A policy is published."),
    "dmarc_watching": _("A policy is published; p=none only watches. Move to quarantine once the reports are clean."),
    "dmarc_missing": _("Publish a TXT record at _dmarc: v=DMARC1; p=none; rua=mailto:… is a start."),
    "dmarc_twice": _("There is more than one DMARC record, so receivers ignore them all: keep one."),
    "dmarc_malformed": _("The policy must be p=none, p=quarantine or p=reject."),
    "mx_good": _("The domain takes mail."),
    "mx_missing": _("Without MX records replies and bounces may get lost: publish them."),
    "mx_null": _("The domain says that it takes no mail (null MX): replies and bounces cannot arrive."),
    "not_listed": _("Not listed."),
    "listed": _("The list holds you: find out why on its web page, mend it, and ask to be removed before you send."),
    "list_refuses": _("The list does not answer this machine's name server; ask from a resolver of your own."),
}


def label(check: str) -> str:
    """A check's name for people."""
    if check.startswith("blocklist "):
        return str(_("Blocklist %(zone)s")) % {"zone": check.removeprefix("blocklist ")}
    return str(LABELS[check])
