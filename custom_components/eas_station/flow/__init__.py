"""The steps of setting up a station: one file a source, and what they share."""
