"""A yearly return of children in private fostering: a year of its own, tables and an XML form."""
