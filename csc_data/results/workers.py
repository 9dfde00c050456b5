"""Who is responsible for whom a return is about, where it names them: social workers or teams."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from csc_data.declare.slots import Slot, TableRef
from csc_data.results.runs import words_as_read

if TYPE_CHECKING:
    from csc_data.results.outcome import Outcome


def workers_of(outcome: Outcome) -> dict[str, str]:
    """For each child, the worker of this year's return who became responsible last; those of whom none is named are left
    out, and so is everybody where the collection names no workers.
    """
    name, _, item = outcome.ret.standard.collection.worker_item.partition(".")
    table = TableRef(Slot.THIS, name)
    source = outcome.typed.sources.get(table)
    if source is None or not source.supplied(item):
        return {}
    workers, began = words_as_read(source, item), [""] * len(source)
    dates = [name for name in source.model.declaration().key if name in source.items]
    for name in dates:
        if source.items[name].kind.noun.startswith("date") and source.supplied(name):
            began = words_as_read(source, name)
            break
    latest: dict[str, tuple[str, str]] = {}
    numbers = outcome.typed.identified[table]
    for row in np.flatnonzero(numbers >= 0).tolist():
        child = outcome.typed.children[numbers[row]]
        if workers[row]:
            latest[child] = max(latest.get(child, ("", "")), (began[row], workers[row]))
    return {child: worker for child, (_, worker) in latest.items()}
