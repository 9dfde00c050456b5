"""Many submissions: what was received, under which rules it was checked, with which result, and what was made of it."""
