"""Opens and clicks, where a stream asks for them: stored links, signed addresses, machines told apart from people."""
