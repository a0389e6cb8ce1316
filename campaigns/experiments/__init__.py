"""Experiments: who gets which variant, how many people it takes, and what may be said while the replies come in."""
