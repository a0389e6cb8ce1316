"""What waits to leave: streams, messages' states and what happened to them. Knows no sender service and no adapter.

The only room that moves a message's state. What may enter is for `planning` to say, what leaves for `dispatch`.
"""
