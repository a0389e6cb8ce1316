"""The project and the floor that all wings stand on: settings, urls and shared capabilities. It knows no wing."""
