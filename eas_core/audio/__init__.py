"""Audio: level, the last seconds, and files."""
