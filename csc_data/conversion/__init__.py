"""A return in its other form, with all that this could not keep."""
