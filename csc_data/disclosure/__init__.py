"""Counts made fit to be shown, and the proof of it: what is hidden, and what could still be worked out.

Counts go in with the sums that whoever reads them knows; nothing here knows what is counted. ``protect`` hides counts under
a named ``Policy``; ``attack`` works out, from all that is shown, the range of every count that is hidden. The ranges need
SciPy, which the extra ``csc-data[statistics]`` brings.
"""

from csc_data.disclosure.policies import DEPARTMENT, POLICIES, STRICT, Policy, policy_named
from csc_data.disclosure.protection import Because, Protected, hide
from csc_data.disclosure.ranges import ContradictionError, Ranges, ranges
from csc_data.disclosure.shares import SHARE_COLUMNS, protect_with_shares
from csc_data.disclosure.sums import Counts, Sums
from csc_data.disclosure.tables import COUNT_COLUMNS, PROTECTED_COLUMNS, RANGE_COLUMNS, Layout, attack, protect

__all__ = [
    "COUNT_COLUMNS", "DEPARTMENT", "POLICIES", "PROTECTED_COLUMNS", "RANGE_COLUMNS", "SHARE_COLUMNS", "STRICT", "Because",
    "ContradictionError", "Counts", "Layout", "Policy", "Protected", "Ranges", "Sums", "attack", "hide", "policy_named",
    "protect", "protect_with_shares", "ranges",
]  # fmt: skip
