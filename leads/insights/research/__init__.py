"""Researchers: where facts about a company or a person are looked for. One protocol, one module a source."""
