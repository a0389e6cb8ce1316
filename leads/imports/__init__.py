"""Files in: detect, map, check, merge, report."""
