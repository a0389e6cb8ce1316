"""The pages of campaigns: the list, one campaign with what to do next, and its place on the home page."""
