"""Measurements by page: a file is uploaded, measured in the background, and its figures are kept; the file is not."""
