"""Invitations and messages on a professional network, through the browser of one of its accounts.

What a message becomes follows from the relation: a note with an invitation to somebody who is no contact yet, a direct
message to a contact. The relation of each lead to each sender is kept and next check at doubling intervals.
"""
