"""The project and the floor below all wings: settings, URLs and shared capabilities. It knows no wing."""
