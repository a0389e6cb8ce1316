"""The specified Q-learning agent of each brief: experiences in, a readable table of values out.

It is shown beside better policies and decides nothing by itself: see docs/learning.md for what it measures.
"""
