"""Reading and writing files safely: sources, zips, encodings, limits, writing, files of the user's own."""
