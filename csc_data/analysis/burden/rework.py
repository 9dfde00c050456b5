"""What was done between the submissions of a return, and how much was right at the first one (metrics R7 and R9)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import pandas as pd

from csc_data.analysis.burden.failures import failures
from csc_data.analysis.burden.supplied import children
from csc_data.analysis.comparison.compare import Comparable, as_run, compared
from csc_data.declare.slots import Slot, in_slot
from csc_data.results.outcome import Outcome

STEP_COLUMNS = {
    "step": "number of the earlier of the two submissions, from 1",
    "cells_before": "filled cells of the earlier one",
    "cells_added": "cells filled in on records of both",
    "cells_changed": "cells whose value changed on records of both",
    "cells_removed": "cells emptied on records of both",
    "records_added": "records that only the later one has",
    "records_removed": "records that only the earlier one has",
    "issues_resolved": "issues that the later one no longer has",
    "issues_introduced": "issues that the earlier one did not have",
}
"""Columns of the table of steps from one submission to the next: a closed set."""


def step_table(submissions: Sequence[Comparable], last: Outcome) -> pd.DataFrame:
    """What was done from each submission to the next (columns: ``STEP_COLUMNS``).

    Raises:
        UsageError: two of them are not the same return.
        InputError: a saved run cannot be read.
    """
    runs = [as_run(submission) for submission in (*submissions, last)]
    rows = []
    for number, (before, after) in enumerate(pairwise(runs), start=1):
        done = compared(before, after).rework
        rows.append({"step": number} | {name: getattr(done, name) for name in list(STEP_COLUMNS)[1:]})
    return pd.DataFrame(rows, columns=list(STEP_COLUMNS))


@dataclass(frozen=True)
class Right:
    """Records and children of one submission, and how many of them have an error."""

    records: int
    records_wrong: int
    children: int
    children_wrong: int


def right(submission: Comparable) -> Right:
    """What of a submission is right: this year's records and children without an error.

    Raises:
        InputError: a saved run cannot be read.
    """
    if isinstance(submission, Outcome):
        sources = in_slot(submission.typed.sources, Slot.THIS)
        sizes = {name: len(sources[name]) for name in submission.ret.standard.models if name in sources}
        return _right(submission.issues, sizes, children(submission))
    run = as_run(submission)
    tables = in_slot(run.records, Slot.THIS)
    everybody = [pd.Series(table.children, dtype=object) for table in tables.values()]
    named = int(pd.concat(everybody).nunique()) if everybody else 0
    return _right(run.issues, {name: len(table) for name, table in tables.items()}, named)


def _right(issues: pd.DataFrame, sizes: Mapping[str, int], everybody: int) -> Right:
    failed = failures(issues)
    errors = failed[(failed["severity"] == "error") & failed["table"].astype("str").isin(list(sizes))]
    return Right(
        records=sum(sizes.values()),
        records_wrong=len(errors.drop_duplicates(["table", "row"])),
        children=everybody,
        children_wrong=int(errors["child"].nunique()),
    )
