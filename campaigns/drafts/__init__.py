"""Drafts: generation in variants, review, edit, approval bound to content."""
