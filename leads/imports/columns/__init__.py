"""Columns of a file and what they mean: header names to fields, and the cells of a row to a clean row."""
