"""Rules of the list of visits: one module a subject."""
