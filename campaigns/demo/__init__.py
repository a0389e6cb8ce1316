"""The demo world: made-up companies and people, and campaigns at every point of their lives, for a first look.

Everything is made by the real services and reaches reserved addresses through sandbox senders only; the past is made in
one place, `history`, and nowhere else.
"""
