"""Researchers: sources of facts about a company or a person. One protocol, one module per source."""
