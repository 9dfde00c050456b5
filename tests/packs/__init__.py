"""Small collections of other kinds than the two that ship with csc-data, each in its own package."""
