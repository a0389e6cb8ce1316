"""Real servers on loopback that stand in for carriers. Each runs as a fixture and as a process of its own."""
