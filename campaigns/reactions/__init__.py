"""What campaigns do when other wings report something: messages, replies, and leads that change, merge or are erased."""
