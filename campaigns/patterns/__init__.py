"""Patterns: what goes with replies, told only where chance does not explain it. Reads only; experiments prove causes."""
