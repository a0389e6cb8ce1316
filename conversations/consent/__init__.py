"""Opt-outs, suppression and the consent ledger."""
