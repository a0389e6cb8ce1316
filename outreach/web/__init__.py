"""Fetching pages politely and safely: the only way in which the product reads the web.

Safe: a connection goes to an address that was checked, with limits of size and time. Polite: robots.txt, a pace for
each host and for all, an agent that says who asks, back-off, and leaving alone a site that says no.
"""
