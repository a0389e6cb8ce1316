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
    "no_answer": _("The name servers didn't answer. This doesn't count against you. Try again later."),
    "spf_good": _("One policy with an ending, within ten lookups."),
    "spf_missing": _("Publish a TXT record at the domain that starts with v=spf1 and names your mail provider."),
    "spf_twice": _("There is more than one SPF record, so receivers ignore them all: merge them into one."),
    "spf_too_many_lookups": _("Receivers stop after ten lookups: remove includes that you no longer need."),
    "spf_allows_everybody": _("“+all” lets anyone send as you. End the record with ~all or -all."),
    "spf_open_end": _("End the record with ~all or -all to exclude other senders."),
    "dkim_good": _("The key is published."),
    "dkim_no_selector": _(
        "Your provider's selector is unknown. Enter it at the sender (“DKIM selector of the provider”) "
        "to have it checked."
    ),
    "dkim_missing": _("No key is published at this name. Add the TXT record for the selector."),
    "dkim_revoked": _("The key is revoked (p= is empty): publish the current one."),
    "dkim_malformed": _("The key cannot be read: it is not base64. Copy it again, without line breaks or quotes."),
    "dkim_short": _("The key is shorter than 1,024 bits, which receivers reject. Create one of 2,048 bits."),
    "dkim_1024": _("The key has 1,024 bits. Create one of 2,048 bits when you rotate it."),
    "dkim_testing": _("The key is marked as a test (t=y), so receivers may ignore it. Remove that flag."),
    "dmarc_good": _("A policy is published."),
    "dmarc_watching": _(
        "A policy is published, but p=none only monitors. Move to quarantine once the reports are clean."
    ),
    "dmarc_missing": _("Publish a TXT record at _dmarc. Start with v=DMARC1; p=none; rua=mailto:…"),
    "dmarc_twice": _("There is more than one DMARC record, so receivers ignore them all: keep one."),
    "dmarc_malformed": _("The policy must be p=none, p=quarantine or p=reject."),
    "mx_good": _("The domain accepts mail."),
    "mx_missing": _("Without MX records replies and bounces may get lost: publish them."),
    "mx_null": _("The domain declares that it doesn't accept mail (null MX), so replies and bounces cannot arrive."),
    "not_listed": _("Not listed."),
    "listed": _(
        "You are on this list. Find out why on its web page, fix the cause and ask to be removed before you send."
    ),
    "list_refuses": _("The list doesn't answer this machine's name server. Use your own resolver."),
}


def label(check: str) -> str:
    """A check's name for people."""
    if check.startswith("blocklist "):
        return str(_("Blocklist %(zone)s")) % {"zone": check.removeprefix("blocklist ")}
    return str(LABELS[check])
