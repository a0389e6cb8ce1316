"""Texts in variants for one candidate and step: facts, prompts, guardrails, edits and rewrites."""
