"""The demo world: fictional firms and a campaign in the middle of its life, played through the real code."""
