"""Adapters to the outside, one copyable folder each; nothing else talks to a carrier."""
