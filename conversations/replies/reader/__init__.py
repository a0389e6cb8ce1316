"""The trained reader: what a short answer wants, by weights learned from the wordings in `data/`. Pure.

It raises suspicions and breaks ties; the rules (`optouts`, `rules`) decide what is certain. `CARD.md` has its figures.
"""
