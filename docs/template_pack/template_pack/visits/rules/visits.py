"""Rules on visits."""

from __future__ import annotations

from csc_data.declare import Mask, Rows, rule


@rule("V10", fields=["Visits.Ended", "Visits.Started"])
def visit_ends_before_it_starts(visits: Rows) -> Mask:
    """A visit ends before it starts.

    Why: How long visits take cannot be worked out.
    Fix: Correct the start or the end of the visit.
    """
    return visits.Ended < visits.Started


@rule("V11", fields=["Visits.SeenAlone"], severity="query", since="1.1")
def not_seen_alone(visits: Rows) -> Mask:
    """A child refused to be seen alone.

    Why: Such visits are looked at by a manager.
    Fix: Check that the visit was discussed.
    """
    return visits.SeenAlone == "c) Child refused"
