"""Tables of counts in long form, one row a count: what they sum to, what is hidden of them, and what can be worked out.

A table has a row a count, with the period, the area and any number of categories that it is of. A row in which a category is
the total counts all others of that column. Sums follow from the table itself: of a column with a total over the rows that
differ in that column alone, and of areas over the areas within them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import reduce
from operator import add
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from csc_data.disclosure.policies import Policy
from csc_data.disclosure.protection import Because, hide, hide_beside
from csc_data.disclosure.ranges import ranges, without_contradictions
from csc_data.disclosure.sums import Counts, Floats, Mask, Numbers, Sums, rounded_to, rounding_limits
from csc_data.errors import UsageError
from csc_data.files.columns import Columns

COUNT_COLUMNS = Columns(
    {
        "period": "what the count is of in time, such as a year",
        "area": "code of the area",
        "within": 'code of the area that it is a part of; "" for the whole',
        "rounded_to": "what the count is rounded to when it is shown; 1 for counts shown as they are",
        "count": "the exact count, a whole number from 0 up",
    }
)
"""Columns of a table that is to be protected. Any other column holds categories; ``people``, if it is there, how many people
a count describes that is no count of people."""

PROTECTED_COLUMNS = Columns(
    {
        "shown": "the count as it may be shown, rounded; missing where it is hidden",
        "symbol": '"c" where the count is hidden, else ""',
        "hidden_because": 'primary, secondary or differencing; "group" marks a count that is shown and is of everybody',
    }
)
"""Columns that ``protect`` adds."""

RANGE_COLUMNS = Columns(
    {
        "low": "the least that a hidden count can be",
        "high": "the most",
        "safe": "whether that leaves it hidden",
    }
)
"""Columns that ``attack`` adds to the rows that are hidden."""

HIDDEN = "c"
TOTAL = "Total"
_OWN = {*COUNT_COLUMNS, *PROTECTED_COLUMNS, *RANGE_COLUMNS, "people", "least", "most", "kept"}
_MOST_NAMED = 10
"""Areas that an error names."""

_CONTRADICTING = 0.01
"""Share of sums that may not come out for a column still to be taken for one whose parts add up."""


@dataclass(frozen=True)
class Layout:
    """What a table does not say of itself.

    Args:
        totals: the total of a column, where it is not "Total".
        order: the categories of a column in their fixed order, where it is not that of their names.
        kept: categories by column whose counts are shown whatever they are.
        nested: of a column in which a total is not that of all other categories, each total with the categories that add up
            to it.
    """

    totals: Mapping[str, str] = field(default_factory=dict)
    order: Mapping[str, Sequence[str]] = field(default_factory=dict)
    kept: Mapping[str, Sequence[str]] = field(default_factory=dict)
    nested: Mapping[str, Mapping[str, Sequence[str]]] = field(default_factory=dict)

    def total(self, column: str) -> str:
        """The total of a column."""
        return self.totals.get(column, TOTAL)


def protect(
    table: pd.DataFrame, policy: Policy, layout: Layout | None = None, earlier: pd.DataFrame | None = None
) -> pd.DataFrame:
    """A table of exact counts with what may be shown of it.

    Args:
        table: columns ``COUNT_COLUMNS`` and any number of categories; one row for each. ``least`` and ``most``, if there,
            are what else is shown beside a count leaves of it.
        policy: under which policy.
        layout: what the table does not say of itself.
        earlier: the last release as ``protect`` gave it, if that is held.

    Returns:
        The table in the same order with columns ``PROTECTED_COLUMNS``.

    Raises:
        UsageError: a column is missing, a row is there twice, a count is no whole number, or SciPy is needed and is not
            installed.
    """
    layout = layout or Layout()
    _refuse(table, (*COUNT_COLUMNS,))
    values = _whole(table["count"])
    base = table["rounded_to"].to_numpy(dtype=np.int64)
    sums = known_sums(table, values.astype(float), values.astype(float), layout)
    people = values if "people" not in table else _whole(table["people"])
    low, high = _limits(table)
    counts = Counts.of(
        values,
        sums,
        order=_order(table, layout),
        base=base,
        people=people,
        kept=_kept(table, layout),
        low=low,
        high=high,
    )
    protected = hide(counts, policy)
    hidden, because, unsafe = protected.hidden, protected.because, protected.unsafe
    if earlier is not None and len(earlier) and not unsafe.any():
        unsafe = _hide_beside(table, counts, policy, layout, earlier, hidden, because)
    if unsafe.any():
        areas = [f"{area} {period}" for period, area in _areas_of(table, unsafe)]
        raise UsageError(
            "Some small counts cannot be protected, as what gives them away is always shown, or was in the earlier release: "
            f"{', '.join(areas[:_MOST_NAMED])}. Hide that too, or leave these out."
        )
    return table.assign(
        shown=_shown(values, base, hidden),
        symbol=np.where(hidden, HIDDEN, ""),
        hidden_because=[str(why) for why in because],
    )


def _shown(values: Numbers, base: Numbers, hidden: Mask) -> Any:
    """Counts as they are shown, missing where they are hidden."""
    shown = pd.array(rounded_to(values, base), dtype="Int64")
    shown[hidden] = pd.NA
    return shown


def _hide_beside(
    table: pd.DataFrame, counts: Counts, policy: Policy, layout: Layout, earlier: pd.DataFrame, hidden: Mask,
    because: npt.NDArray[np.object_],
) -> Mask:  # fmt: skip
    """Hide more, in place, for those who hold the earlier release; which hidden counts can be worked out all the same.

    What is hidden more is no longer seen to have changed, so that is repeated until it stays as it is.
    """
    rows, others = len(table), np.zeros(len(earlier), dtype=np.int64)
    added, why = np.append(hidden, others > 0), np.append(because, np.full(len(earlier), Because.NOTHING, dtype=object))
    while True:
        before = int(added.sum())
        shown = table.assign(shown=_shown(counts.values, counts.base, added[:rows]))
        beside, old_low, old_high = _beside(shown, earlier, layout, policy)
        both = Counts.of(
            np.append(counts.values, others),
            counts.sums,
            order=np.append(counts.order, others),
            base=np.append(counts.base, others + 1),
            people=np.append(counts.people, others),
            kept=np.append(counts.kept, others > 0),
            low=np.append(counts.low, old_low),
            high=np.append(counts.high, old_high),
            outside=np.append(np.zeros(rows, dtype=bool), others == 0),
            beside=beside,
        )
        unsafe = hide_beside(both, policy, added, why)[:rows]
        if unsafe.any() or int(added.sum()) == before:
            hidden[:], because[:] = added[:rows], why[:rows]
            return unsafe


def attack(
    tables: pd.DataFrame | Iterable[pd.DataFrame],
    policy: Policy,
    layout: Layout | None = None,
    earlier: pd.DataFrame | None = None,
    *,
    whole: bool = True,
) -> pd.DataFrame:
    """What can be worked out of the hidden counts of tables that are shown together.

    Args:
        tables: columns ``COUNT_COLUMNS`` without ``count``, any number of categories, and ``shown`` and ``symbol`` as
            ``protect`` gives them. A count that is neither shown nor hidden is not known, and no part of a sum.
        policy: under which policy they were made: what a hidden count can be, and what is safe.
        layout: what the tables do not say of themselves.
        earlier: the last release, in the same form.
        whole: work every range out to the end; otherwise only until it is safe.

    Returns:
        The rows with a hidden count, in their order, with columns ``RANGE_COLUMNS``.

    Raises:
        ContradictionError: no counts fit all that is shown.
        UsageError: a column is missing, a row is there twice, or SciPy is needed and is not installed.
    """
    layout = layout or Layout()
    table = tables if isinstance(tables, pd.DataFrame) else pd.concat(list(tables), ignore_index=True)
    _refuse(table, ("period", "area", "within", "rounded_to", "shown", "symbol"))
    low, high = shown_limits(table, policy)
    sums = known_sums(table, low, high, layout)
    hidden = (table["symbol"] == HIDDEN).to_numpy()
    among = hidden
    if earlier is not None and len(earlier):
        beside, old_low, old_high = _beside(table, earlier, layout, policy)
        low, high = np.append(low, old_low), np.append(high, old_high)
        sums, among = sums + beside, np.append(hidden, np.zeros(len(earlier), dtype=bool))
    result = ranges(low, high, without_contradictions(low, high, sums), None if whole else policy.safe, among)
    numbers = np.flatnonzero(hidden)
    least, most = result.low[numbers] + 0.0, result.high[numbers] + 0.0
    return table.iloc[numbers].assign(low=least, high=most, safe=policy.safe(least, most))


def shown_limits(table: pd.DataFrame, policy: Policy) -> tuple[Floats, Floats]:
    """What each count of a shown table can be by itself: its rounding, what is shown beside it, or anything."""
    shown = pd.to_numeric(table["shown"], errors="coerce").astype("float64").to_numpy()
    known = np.isfinite(shown)
    low, high = rounding_limits(np.where(known, shown, 0), table["rounded_to"].to_numpy(dtype=np.int64))
    hidden = (table["symbol"] == HIDDEN).to_numpy()
    low = np.where(known, low, np.where(hidden, float(policy.least_hidden), 0.0))
    high = np.where(known, high, np.inf)
    least, most = _limits(table)
    return np.maximum(low, least), np.minimum(high, most)


def _areas_of(table: pd.DataFrame, rows: Mask) -> Iterable[tuple[object, object]]:
    """The periods and areas of some rows."""
    return table.loc[rows, ["period", "area"]].drop_duplicates().itertuples(index=False, name=None)


def _limits(table: pd.DataFrame) -> tuple[Floats, Floats]:
    """What is known of each count from elsewhere."""
    least = table["least"].fillna(0).to_numpy(dtype=float) if "least" in table else np.zeros(len(table))
    most = table["most"].fillna(np.inf).to_numpy(dtype=float) if "most" in table else np.full(len(table), np.inf)
    return least, most


def categories_of(table: pd.DataFrame) -> list[str]:
    """The columns of a table that hold categories."""
    return [str(name) for name in table.columns if name not in _OWN]


def known_sums(table: pd.DataFrame, low: Floats, high: Floats, layout: Layout) -> Sums:
    """The sums that a table shows of itself.

    Parts are taken to add up to a total where they do so in all but 1 in 100 of the sums in which everything is known, and
    sums that do not come out are left aside: whoever adds up a table would do the same.
    """
    columns = categories_of(table)
    codes = {
        name: pd.factorize(table[name], use_na_sentinel=False)[0] for name in ("period", "area", "within", *columns)
    }
    sums = [
        _sums_over(table, name, total, parts, codes, columns, low, high)
        for name in columns
        for total, parts in layout.nested.get(name, {layout.total(name): None}).items()
        if (table[name] == total).any()
    ]
    sums += [_same_totals(table, name, codes, columns, low, high, layout) for name in columns]
    sums.append(_sums_of_areas(table, codes, columns, low, high))
    return reduce(add, sums, Sums.of([]))


def _sums_over(
    table: pd.DataFrame, name: str, total: str, parts: Sequence[str] | None, codes: Mapping[str, Numbers],
    columns: Sequence[str], low: Floats, high: Floats,
) -> Sums:  # fmt: skip
    """The sums of a column: a total, over its parts, which are all other categories where they are not given."""
    rows = np.arange(len(table)) if parts is None else np.flatnonzero(table[name].isin([total, *parts]))
    others = [column for column in columns if column != name]
    group = _numbered([codes[column][rows] for column in ("period", "area", *others)])
    is_total = (table[name] == total).to_numpy()[rows]
    profile = _numbered([codes[column][rows] for column in others]) if others else np.zeros(len(rows), dtype=np.int64)
    made = _adding_up(group, is_total, profile, low[rows], high[rows])
    return Sums(made.row, rows[made.cell], made.factor, made.least, made.most)


def _sums_of_areas(
    table: pd.DataFrame, codes: Mapping[str, Numbers], columns: Sequence[str], low: Floats, high: Floats
) -> Sums:
    """The sums of areas over the areas within them."""
    parent = table["within"].to_numpy(dtype=object)
    numbers = np.concatenate([np.arange(len(table)), np.flatnonzero(parent != "")])
    whole = np.zeros(len(numbers), dtype=bool)
    whole[: len(table)] = True
    areas = pd.factorize(np.concatenate([table["area"].to_numpy(dtype=object), parent[parent != ""]]))[0]
    group = _numbered([areas, *(codes[column][numbers] for column in ("period", *columns))])
    made = _adding_up(group, whole, np.zeros(len(numbers), dtype=np.int64), low[numbers], high[numbers])
    return Sums(made.row, numbers[made.cell], made.factor, made.least, made.most)


def _adding_up(group: Numbers, is_total: Mask, profile: Numbers, low: Floats, high: Floats) -> Sums:
    """The sums of groups with one total and at least one part, of those profiles whose parts add up to it."""
    groups = int(group.max(initial=-1)) + 1
    totals = np.bincount(group[is_total], minlength=groups)
    parts = np.bincount(group[~is_total], minlength=groups)
    known = np.bincount(group, ~np.isfinite(high), groups) == 0
    sign = np.where(is_total, 1.0, -1.0)
    with np.errstate(invalid="ignore"):
        least = np.bincount(group, np.where(is_total, low, -np.where(np.isfinite(high), high, 0.0)), groups)
        most = np.bincount(group, np.where(is_total, np.where(np.isfinite(high), high, 0.0), -low), groups)
    endless_parts = np.bincount(group[~is_total], ~np.isfinite(high[~is_total]), groups) > 0
    endless_total = np.bincount(group[is_total], ~np.isfinite(high[is_total]), groups) > 0
    fits = ((least <= 0) | endless_parts) & ((most >= 0) | endless_total)
    complete = (totals == 1) & (parts > 0)
    of_group = np.zeros(groups, dtype=np.int64)
    of_group[group] = profile
    profiles = int(profile.max(initial=-1)) + 1
    judged = np.bincount(of_group[complete & known], minlength=profiles)
    wrong = np.bincount(of_group[complete & known & ~fits], minlength=profiles)
    misfits = np.bincount(of_group[complete & ~fits], minlength=profiles)
    # One part that is hidden beside a total that is shown is no sign that it is all of it.
    most_parts = np.zeros(profiles)
    np.maximum.at(most_parts, of_group[complete], parts[complete])
    adds_up = np.where(judged > 0, wrong <= _CONTRADICTING * judged, (misfits == 0) & (most_parts > 1))
    kept = complete & fits & adds_up[of_group]
    entries = np.flatnonzero(kept[group])
    entries = entries[np.argsort(group[entries], kind="stable")]
    row = np.cumsum(kept)[group[entries]] - 1
    nothing = np.zeros(int(kept.sum()))
    return Sums(row, entries, sign[entries], nothing, nothing)


def _same_totals(
    table: pd.DataFrame, name: str, codes: Mapping[str, Numbers], columns: Sequence[str], low: Floats, high: Floats,
    layout: Layout,
) -> Sums:  # fmt: skip
    """The totals that tables share which are told apart by a column without a total, such as ethnicity and sex."""
    others = [column for column in columns if column != name and (table[column] == layout.total(column)).any()]
    if (table[name] == layout.total(name)).any() or not others or table[name].nunique() < 2:
        return Sums.of([])
    keys = [column for column in columns if column not in (name, *others)]
    total = np.logical_and.reduce([(table[column] == layout.total(column)).to_numpy() for column in others])
    rows = np.flatnonzero(total)
    group = _numbered([codes[column][rows] for column in ("period", "area", *keys)])
    order = np.lexsort((codes[name][rows], group))
    rows, group = rows[order], group[order]
    first, second = rows[:-1], rows[1:]
    together = group[:-1] == group[1:]
    exact = together & (low[first] == high[first]) & (low[second] == high[second])
    if not exact.any() or np.any(low[first][exact] != low[second][exact]):
        return Sums.of([])
    pairs = np.flatnonzero(together)
    cells = np.stack([first[pairs], second[pairs]], axis=1).ravel()
    nothing = np.zeros(len(pairs))
    return Sums(np.repeat(np.arange(len(pairs)), 2), cells, np.tile([1.0, -1.0], len(pairs)), nothing, nothing)


def _beside(table: pd.DataFrame, earlier: pd.DataFrame, layout: Layout, policy: Policy) -> tuple[Sums, Floats, Floats]:
    """What an earlier release adds: its own sums, and that few people joined or left a table that is in both.

    The counts of the earlier release are numbered after those of the table. Where all that both show of an area and period
    is the same, nothing hidden changed either; else no hidden count changed by more than the shown ones did together. Of
    areas of which nothing is shown in both, or whose counts are rounded in either, nothing is taken to be known of that.
    """
    _refuse(earlier, ("period", "area", "within", "rounded_to", "shown", "symbol"))
    old_low, old_high = shown_limits(earlier, policy)
    sums = known_sums(earlier, old_low, old_high, layout)
    moved = Sums(sums.row, sums.cell + len(table), sums.factor, sums.least, sums.most)
    columns = [name for name in categories_of(table) if name in earlier]
    keys = ["period", "area", *columns]
    now = table[keys].assign(new=np.arange(len(table)))
    both = now.merge(earlier[keys].assign(old=np.arange(len(earlier))), on=keys)
    exact = (table["rounded_to"].to_numpy() == 1)[both["new"]] & (earlier["rounded_to"].to_numpy() == 1)[both["old"]]
    both = both[exact]
    new, old = both["new"].to_numpy(), both["old"].to_numpy()
    after = pd.to_numeric(table["shown"], errors="coerce").astype("float64").to_numpy()[new]
    before = pd.to_numeric(earlier["shown"], errors="coerce").astype("float64").to_numpy()[old]
    change = np.abs(after - before)
    group = _numbered([pd.factorize(both[column])[0] for column in ("period", "area")])
    shown_in_both = np.bincount(group, np.isfinite(change))[group] > 0
    most = np.bincount(group, np.nan_to_num(change)).astype(float)[group][shown_in_both]
    new, old = new[shown_in_both], old[shown_in_both]
    cells = np.stack([new, old + len(table)], axis=1).ravel()
    links = Sums(np.repeat(np.arange(len(new)), 2), cells.astype(np.int64), np.tile([1.0, -1.0], len(new)), -most, most)
    return moved + links, old_low, old_high


def _order(table: pd.DataFrame, layout: Layout) -> Numbers:
    """The place of each row in the fixed order of the categories."""
    keys = []
    for name in ("period", "area", *categories_of(table)):
        codes, categories = pd.factorize(table[name])
        listed = {category: number for number, category in enumerate(layout.order.get(name, ()))}
        words = sorted(set(categories) - set(listed), key=str)
        ranks = listed | {word: len(listed) + number for number, word in enumerate(words)}
        keys.append(np.asarray([ranks[category] for category in categories], dtype=np.int64)[codes])
    rank = np.empty(len(table), dtype=np.int64)
    rank[np.lexsort(keys[::-1])] = np.arange(len(table))
    return rank


def _kept(table: pd.DataFrame, layout: Layout) -> Mask:
    kept = _no_mask(len(table))
    for name, categories in layout.kept.items():
        kept |= table[name].isin(list(categories)).to_numpy()
    return kept


def _numbered(keys: Sequence[Numbers]) -> Numbers:
    """One number for each combination of keys."""
    made = np.zeros(len(keys[0]), dtype=np.int64)
    for key in keys:
        made = made * (int(key.max(initial=0)) + 1) + key
        made = np.unique(made, return_inverse=True)[1]
    return made


def _no_mask(rows: int) -> Mask:
    return np.zeros(rows, dtype=bool)


def _whole(values: pd.Series) -> Numbers:
    numbers = pd.to_numeric(values, errors="coerce").to_numpy(dtype=float)
    if not np.all(np.isfinite(numbers)) or np.any(numbers < 0) or np.any(numbers != np.floor(numbers)):
        raise UsageError("Counts must be whole numbers from 0 up.")
    return numbers.astype(np.int64)


def _refuse(table: pd.DataFrame, needed: Sequence[str]) -> None:
    if missing := [name for name in needed if name not in table]:
        raise UsageError(f"The table has no column {', '.join(missing)}.")
    keys = ["period", "area", *categories_of(table)]
    if table.duplicated(keys).any():
        raise UsageError("The table has two rows for the same period, area and categories. Leave one of them.")
