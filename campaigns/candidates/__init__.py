"""Candidates: who is in a campaign, why, and how far each has come. Matching, judging, and a person's decisions.

Says nothing about texts (drafts) or times (sequences).
"""
