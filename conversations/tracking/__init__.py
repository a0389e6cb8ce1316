"""Opens and clicks, for streams with tracking: stored links, signed addresses, machines separated from people."""
