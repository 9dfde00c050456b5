"""Rules on the records of the feed."""
