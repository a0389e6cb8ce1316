"""How an e-mail is understood: raw bytes → what kind it is, who wrote it, what they wrote and what it says about an address.

Pure: no Django, no database, no network. Nothing here raises on any input, and all of it is bounded in size and time.
`incoming.read` is the one way in; what follows from a mail is decided above, in `conversations.inbound`.
"""
