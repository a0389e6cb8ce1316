"""Daily campaigns: a live set of people, judged a few at a time, of which the best hear from us each day."""
