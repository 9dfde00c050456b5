"""Two runs of the same return, side by side."""
