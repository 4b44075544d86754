"""The engine: one source, decoded all the time, turned into records."""
