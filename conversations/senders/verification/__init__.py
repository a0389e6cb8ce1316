"""Whether a mailbox exists, and which address a person has: from a paid service, within a daily budget.

Verdicts are kept on the address itself (`Identity.status`, `status_reason`), so that nobody pays for the same question twice.
"""
