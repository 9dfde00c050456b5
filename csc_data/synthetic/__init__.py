"""Invented returns: clean, or with faults put in on purpose."""
