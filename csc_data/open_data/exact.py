"""The exact counts of a file of open data, from the returns of one authority or many."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from csc_data.analysis.indicators import Source
from csc_data.analysis.indicators.selected import NotCountedError, selected_count
from csc_data.analysis.prevalence import IssueSelection, Prevalence
from csc_data.errors import UsageError
from csc_data.files.columns import Columns
from csc_data.open_data.specs import FIGURE, Spec

EXACT_COLUMNS = Columns(
    {
        "time_period": "year in which the period ends, a number",
        "authority": "ONS code of the authority, the present one",
        FIGURE: "which of the counts of a row it is",
        "count": "the exact count; missing where it is not known",
        "people": "how many people or records it is of, by which it is judged whether it is small; missing with the count",
    }
)
"""Columns of exact counts, beside one for each filter."""


@dataclass(frozen=True)
class Exact:
    """Exact counts of authorities, and why some are not known.

    Args:
        counts: columns ``EXACT_COLUMNS`` and one for each filter.
        not_known: by year and authority, the reasons.
        standards: the standards that the returns were checked against.
        definitions: by indicator, its definition in words.
    """

    counts: pd.DataFrame
    not_known: Mapping[tuple[int, str], Sequence[str]]
    standards: Sequence[str] = ()
    definitions: Mapping[str, str] | None = None


def exact_counts(sources: Sequence[Source], spec: Spec, chosen: Mapping[str, str] | None = None) -> Exact:
    """Count what a specification asks for in every return.

    Args:
        sources: validated returns of the specification's collection, each of another authority or year.
        spec: what is asked for; where it is for any collection, the returns are still of one.
        chosen: options taken at the open points of definitions.

    Raises:
        UsageError: a return is of another collection, of an unknown authority, or the second of an authority and year.
    """
    if sources:
        spec = spec.of_collection(sources[0].standard.collection.id)
    rows: list[tuple[object, ...]] = []
    not_known: dict[tuple[int, str], list[str]] = {}
    definitions: dict[str, str] = {}
    for source in sources:
        if source.standard.collection.id != spec.collection:
            raise UsageError(f"{spec.name} is made from returns of {spec.collection}, not of {source.standard.id}.")
        if not source.authority:
            raise UsageError(
                "It is not known of which authority a return is. Give it with --authority, or before the path of each "
                "return: E06000001=PATH."
            )
        key = (source.outcome.ret.period.end.year, source.authority)
        if key in not_known:
            raise UsageError(f"Two returns are of {key[1]} and the year ending in {key[0]}. Leave one of them.")
        not_known[key] = []
        for name in spec.indicators:
            if name in source.standard.measures:
                definitions[name] = source.standard.measures[name].definition
        prevalence = Prevalence(source.outcome)
        for row in spec.rows:
            cells = tuple(row.cells[name] for name in spec.filter_names)
            for figure, selection in row.counts.items():
                count: float = np.nan
                people: float = np.nan
                try:
                    if isinstance(selection, IssueSelection):
                        count, people = prevalence.count(selection)
                    else:
                        count, people = selected_count(source, selection, chosen or {})
                except NotCountedError as error:
                    not_known[key].append(str(error))
                rows.append((*key, *cells, figure, count, people))
    columns = ["time_period", "authority", *spec.filter_names, FIGURE, "count", "people"]
    reasons = {key: tuple(dict.fromkeys(texts)) for key, texts in not_known.items()}
    standards = sorted({source.standard.id for source in sources})
    return Exact(pd.DataFrame(rows, columns=columns), reasons, standards, definitions)
