"""A professional network as a source, in a real browser: accounts, people search, profiles, human-like pace.

Off until somebody adds an account with the address of a site. It stops at the first sign of a challenge and asks a person;
it hides nothing and solves nothing.
"""
