"""A collection of its own: visits to children."""
