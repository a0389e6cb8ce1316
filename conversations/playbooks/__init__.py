"""Playbooks: what an answer in a conversation aims at, what it may say, and what is always left to a person.

A playbook has immutable versions; campaigns choose one, otherwise the team's default holds. Writes no answers:
`conversations.replies` does.
"""
