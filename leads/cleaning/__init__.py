"""One cell of text made clean: names, companies, places, addresses, numbers, dates, pay.

Pure: no Django, no database. The lowest room of the wing, so that every room reads a value the same way.
"""
