"""A made-up professional network on this machine: seeded people, sign-in with a second factor, limits and a challenge page.

It exists so that the source and the channel can be played and tested whole. Nothing of it is kept: it lives in memory.
"""
