"""Whether a mailbox exists, and which address a person has: asked of a service that is paid for, within a day's budget.

Verdicts are kept on the address itself (`Identity.status`, `status_reason`), so that nobody pays for the same question twice.
"""
