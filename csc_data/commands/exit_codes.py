"""Exit codes: nothing to report; issues at or above --fail-on; wrong usage; input unreadable or a rule crashed."""

CLEAN, ISSUES, USAGE, UNREADABLE = 0, 1, 2, 3
