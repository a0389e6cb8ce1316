"""Uploaded files as records: CSV and workbooks, encoding, delimiter, header line."""
