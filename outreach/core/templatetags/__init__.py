"""Template tags of the design: `{% load outreach %}`."""
