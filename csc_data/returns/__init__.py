"""What was given, to a typed return: reading, recognising the standard, linking, converting."""
