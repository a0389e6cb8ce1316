"""Commands of this room that extend others."""
