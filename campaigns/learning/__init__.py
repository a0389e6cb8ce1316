"""Weights of the cheap score that learn each night from what came of the people written to.

How far a night may go is policy (`[learning]` in outreach.toml); the arithmetic is `leads.learning.policies`.
"""
