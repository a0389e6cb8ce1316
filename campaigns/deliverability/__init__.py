"""Preflight of a campaign's mail: the domains that it sends from and the addresses that it writes to.

Looks and counts; what may leave is decided by the gate alone, which holds messages to domains that take no mail.
"""
