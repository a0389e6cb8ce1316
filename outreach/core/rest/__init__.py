"""What every operation of the API has in common: errors, names that must be known, pages, versions, repeats.

Rooms write views on the bases in `views` and `viewsets`; nothing in here knows a room.
"""
