"""Texts in variants for one candidate and step: facts, prompts, guardrails, edits and rewrites.

Begin with `workflow.Writer`, which writes for one candidate and step; `generation` calls it for a campaign, `services`
for one draft. `guardrails.check` is what the rules find in a text: each of their readers takes a `reading.Draft` and
yields (code, words). `judging` and `pairs` are a model's second opinion, and how far it is people's.
"""
