"""Derived values that rules share, each worked out once a return."""
