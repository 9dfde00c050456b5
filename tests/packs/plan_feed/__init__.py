"""A feed of plans whose versions are dates, about the six months up to the day that it states."""
