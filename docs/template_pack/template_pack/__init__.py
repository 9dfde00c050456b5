"""A template of a pack for csc-data."""
