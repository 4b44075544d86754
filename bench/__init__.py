"""Programs that measure; each prints a table and can be compared with an earlier run."""
