"""Exit codes: nothing to report; issues at or above --fail-on; wrong usage; something unreadable, or a rule that crashed."""

CLEAN, ISSUES, USAGE, UNREADABLE = 0, 1, 2, 3
