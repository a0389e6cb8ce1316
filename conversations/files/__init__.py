"""Files that messages enclose: kept once by their content, checked at the door. Knows no campaign and no carrier."""
