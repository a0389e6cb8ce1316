"""Predictions from the product's own history: who is likely to reply, how many will, when to write, who went silent.

Learned each night (`training`), asked by pages, API and planning (`services`). It never decides whether a message may
leave: it proposes an order and a time, and the gate stays what it is.
"""
