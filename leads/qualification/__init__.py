"""Briefs and verdicts: five-factor rules with reasons, and a language model as judge."""
