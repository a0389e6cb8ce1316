"""The lab: made-up people hold whole conversations with a playbook, to see what comes of it before anybody real does.

It calls what really reads replies and composes answers, but has no lead, no conversation and no message: nothing that it
makes can reach a carrier. Its results are rows of its own.
"""
