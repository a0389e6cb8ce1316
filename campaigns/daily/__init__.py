"""Daily campaigns: a live set of people, judged a few at a time, the best of whom hear from us each day."""
