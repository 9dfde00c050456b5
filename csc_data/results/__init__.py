"""What a validation found, as plain data: issues, rules, saved runs, the summary, pseudonyms."""
