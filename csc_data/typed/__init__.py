"""The typed layer: what was submitted, parsed once into columns that rules can compare."""
