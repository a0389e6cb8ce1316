"""The dashboard: one page of numbers about leads, replies, reviewers, money and the product itself. Reads only."""
