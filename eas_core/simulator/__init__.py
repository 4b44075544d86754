"""A radio station that is not on the air: what tests, demonstrations and other programs hear."""
