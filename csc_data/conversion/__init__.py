"""A return from one form into another, and what the other form cannot hold."""
