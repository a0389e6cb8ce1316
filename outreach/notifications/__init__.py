"""What each person wants to hear of, by which way and when: digests by e-mail, messages to their own chat."""
