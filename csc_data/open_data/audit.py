"""What can be worked out of files of open data, ours or not: every hidden count held against all that is shown.

Nothing is taken from the files' authors but the figures. Which categories add up to which total, which areas make up which
region, how figures were rounded, and of what a percentage is one, is seen from the figures themselves, as anybody would.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import numpy.typing as npt
import pandas as pd

from csc_data.disclosure import Layout, Policy, attack
from csc_data.disclosure.sums import Floats, Mask
from csc_data.files.columns import Columns
from csc_data.open_data.layout import CONFIDENTIAL, NOT_APPLICABLE, ROUNDS_TO_ZERO, DataFile
from csc_data.open_data.nesting import nested_sums
from csc_data.statistics import byar, wilson

WORKED_OUT_COLUMNS = Columns(
    {
        "file": "name of the file",
        "row": "line of the file",
        "column": "column of the hidden count",
        "by": "what gives it away: the figures of the area alone, with other areas, or with the earlier release",
        "how far": "exactly, or that it is a small count",
    }
)
"""Columns of the list of counts that can be worked out. It never holds a count."""

EXACTLY, SMALL = "exactly", "known to be small"
_ALONE, _AREAS, _EARLIER = "figures of the area", "figures of other areas", "the earlier release"
_NOT_COUNTS = re.compile(
    r"percent|perc\b|pct|rate|per_\d|average|mean|median|ratio|lower|upper|_ci\b|duration|score", re.I
)
_PERCENT = re.compile(r"percent|perc\b|pct", re.I)
_RATE = re.compile(r"rate|per_\d", re.I)
_LIMIT = re.compile(r"^(?P<of>.*?)_?(?P<end>lower|upper)(?:_?(?:ci|limit|bound))?$", re.I)
_TOTAL = re.compile(r"^(?:total\b.*|.*\btotal|all\b.*)", re.I)
_PER = (100, 1_000, 10_000, 100_000)
_AGREEING = 0.95
"""Share of figures that have to come out for a column to be taken for the percentage or rate of another."""

_MOST_JUDGED = 200
"""Figures that are looked at to see what a limit is one of."""

_ROUNDED_FROM = 3
"""Counts of a level that must all be multiples of 10, or of 5, to be taken for rounded."""


@dataclass(frozen=True)
class Audit:
    """What came of an audit.

    Args:
        hidden: how many counts are hidden.
        zeros: how many of them are known to be zero, which tells of nobody.
        worked_out: the others that can be worked out, columns ``WORKED_OUT_COLUMNS``.
        counts: the columns of counts that were audited.
    """

    hidden: int
    zeros: int
    worked_out: pd.DataFrame
    counts: tuple[str, ...]

    @property
    def passed(self) -> bool:
        """Whether nothing can be worked out."""
        return self.worked_out.empty


def audit(files: Sequence[DataFile], policy: Policy, earlier: Sequence[DataFile] = ()) -> Audit:
    """Work out what can be worked out of the hidden counts of files, each with an earlier release of the same columns.

    Args:
        files: the files of one release.
        policy: what a hidden count can be, and what is safe.
        earlier: files of the release before it.

    Raises:
        ContradictionError: no counts fit the figures of a file.
        UsageError: a file has two rows of the same categories, or SciPy is needed and is not installed.
    """
    rows: list[dict[str, object]] = []
    hidden, zeros, counts = 0, 0, []
    for file in files:
        for column in _count_columns(file):
            counts.append(column)
            table, layout = count_table(file, column, policy)
            hidden += int((table["symbol"] == CONFIDENTIAL).sum())
            before = [count_table(old, column, policy)[0] for old in earlier if column in old.cells]
            for line, by, low, high in _worked_out(table, layout, policy, before):
                if high == 0:
                    zeros += 1
                    continue
                how = EXACTLY if low == high else SMALL
                rows.append({"file": file.name, "row": line, "column": column, "by": by, "how far": how})
    return Audit(hidden, zeros, pd.DataFrame(rows, columns=list(WORKED_OUT_COLUMNS)), tuple(counts))


def _worked_out(
    table: pd.DataFrame, layout: Layout, policy: Policy, before: Sequence[pd.DataFrame]
) -> Iterator[tuple[int, str, float, float]]:
    """The unsafe counts by line, with what first gives them away and the range that it leaves."""
    known: set[int] = set()
    apart = table.assign(within="")
    tries: list[tuple[str, pd.DataFrame, pd.DataFrame | None]] = [(_ALONE, apart, None)]
    if (table["within"] != "").any():
        tries.append((_AREAS, table, None))
    tries += [(_EARLIER, table, old) for old in before]
    for by, seen, old in tries:
        ranges = attack(seen, policy, layout, old, whole=False)
        unsafe = ranges[~ranges["safe"]]
        for row, low, high in zip(unsafe.index.tolist(), unsafe["low"], unsafe["high"], strict=True):
            if row not in known:
                known.add(row)
                yield row + 2, by, float(low), float(high)


def _count_columns(file: DataFile) -> list[str]:
    """The columns that hold counts: whole numbers that are no percentage, rate or limit by their name."""
    counts = []
    for name in file.indicators:
        numbers = _numbers(file.cells[name])
        whole = numbers[np.isfinite(numbers)]
        if len(whole) and not _NOT_COUNTS.search(name) and np.all((whole >= 0) & (whole == np.floor(whole))):
            counts.append(name)
    return counts


def count_table(file: DataFile, column: str, policy: Policy) -> tuple[pd.DataFrame, Layout]:
    """The counts of a column of a file in the form that ``attack`` takes, and what it does not say of itself.

    Rows that are not applicable are no part of any sum. Periods and areas are as they are written.
    """
    cells = file.cells
    figures = cells[column]
    base = _rounding(file, column)
    filters = {name: cells[name] for name in file.filters}
    # Names that the form has for itself.
    filters = {(f"filter {name}" if name in ("count", "shown", "symbol", "area", "within") else name): held
               for name, held in filters.items()}  # fmt: skip
    period = cells["time_period"] if "time_period" in cells else pd.Series("", index=cells.index)
    numbers = _numbers(figures)
    table = pd.DataFrame(
        {
            "period": period, "area": file.area(), "within": file.within(), "rounded_to": base, **filters,
            "shown": numbers, "symbol": np.where(figures == CONFIDENTIAL, CONFIDENTIAL, ""),
        }
    )  # fmt: skip
    totals = {name: total for name in filters if (total := _total_of(table[name]))}
    nested = {name: sums for name, total in totals.items() if (sums := nested_sums(table, name, total))}
    least, most = _beside(file, column, table, totals)
    rounds_to_zero = figures.isin(ROUNDS_TO_ZERO).to_numpy()
    table["least"] = np.where(rounds_to_zero, 1.0, least)
    table["most"] = np.where(rounds_to_zero & (base > 1), (base - 1) // 2, most)
    return table[figures != NOT_APPLICABLE], Layout(totals, nested=nested)


def _rounding(file: DataFile, column: str) -> npt.NDArray[np.int64]:
    """What the counts of each level are rounded to, by the counts themselves."""
    levels = (
        file.cells["geographic_level"] if "geographic_level" in file.cells else pd.Series("", index=file.cells.index)
    )
    base = np.ones(len(levels), dtype=np.int64)
    numbers = _numbers(file.cells[column])
    for level in levels.unique():
        rows = (levels == level).to_numpy()
        some = numbers[rows & (numbers > 0)]
        for step in (10, 5):
            if len(some) >= _ROUNDED_FROM and np.all(some % step == 0):
                base[rows] = step
                break
    return base


def _total_of(column: pd.Series) -> str:
    """The category that counts all others, by its name; "" where there is none, or several fit."""
    names = [name for name in column.unique() if _TOTAL.fullmatch(name)]
    if "Total" in names:
        return "Total"
    return names[0] if len(names) == 1 else ""


def _beside(file: DataFile, column: str, table: pd.DataFrame, totals: dict[str, str]) -> tuple[Floats, Floats]:
    """What percentages, rates and limits shown beside a count leave of it."""
    least, most = np.zeros(len(table)), np.full(len(table), np.inf)
    wanted = ((table["symbol"] == CONFIDENTIAL) | (table["rounded_to"] > 1)).to_numpy()
    if not wanted.any():
        return least, most
    for name in file.indicators:
        limit = _LIMIT.fullmatch(name)
        is_percent, is_rate = bool(_PERCENT.search(name)), bool(_RATE.search(name))
        if (limit is None and not is_percent and not is_rate) or _is_of_another(file, name, column):
            continue
        figures = _numbers(file.cells[name])
        if not (np.isfinite(figures) & wanted).any():
            continue
        for whole, per in _wholes(file, column, table, totals, is_percent=is_percent, is_rate=is_rate, limit=limit):
            if limit is not None:
                inverted = _inverted(
                    file, name, figures, whole, per, table, wanted, lower=limit["end"].lower() == "lower"
                )
            else:
                inverted = _inverted_share(file, name, figures, whole, per, table)
            if inverted is None:
                continue
            low, high = inverted
            np.maximum(least, np.where(wanted, low, 0), out=least)
            np.minimum(most, np.where(wanted, high, np.inf), out=most)
            break
    return least, most


def _is_of_another(file: DataFile, name: str, column: str) -> bool:
    """Whether a percentage or rate bears the name of another count: rereferral_percent that of rereferral_count."""
    stem = name.rpartition("_")[0]
    return column != f"{stem}_count" and f"{stem}_count" in file.cells


def _wholes(
    file: DataFile, column: str, table: pd.DataFrame, totals: dict[str, str], *, is_percent: bool, is_rate: bool,
    limit: re.Match[str] | None,
) -> Iterator[tuple[tuple[Floats, Floats], int]]:  # fmt: skip
    """What a figure may be a share of, with the least and most it is, and what it is counted in."""
    if is_percent or (limit is not None and not is_rate):
        for name, total in totals.items():
            keys = ["period", "area", *(other for other in table.columns[4:-2] if other != name)]
            of_total = table.loc[table[name] == total, [*keys, "shown", "rounded_to"]]
            if of_total.duplicated(keys).any():
                continue
            joined = table[keys].merge(of_total, on=keys, how="left")
            base = joined["rounded_to"].fillna(1).to_numpy(dtype=float)
            yield _limits_of(joined["shown"].to_numpy(dtype=float), base), 100
    if is_rate or limit is not None:
        for other in file.indicators:
            if other != column and not _NOT_COUNTS.search(other):
                numbers = _numbers(file.cells[other])
                for per in _PER[::-1]:
                    yield (numbers, numbers), per


def _limits_of(shown: Floats, base: Floats) -> tuple[Floats, Floats]:
    return np.maximum(shown - base // 2, 0), shown + (base - 1) // 2


def _inverted_share(
    file: DataFile, name: str, figures: Floats, whole: tuple[Floats, Floats], per: int, table: pd.DataFrame
) -> tuple[Floats, Floats] | None:
    """The counts that a percentage or rate leaves open; None if it is none of this whole."""
    half = 0.5 * 10.0 ** -_decimals(file.cells[name])
    least, most = whole[0] * (figures - half) / per, whole[1] * (figures + half) / per
    shown = table["shown"].to_numpy(dtype=float)
    low, high = _limits_of(shown, table["rounded_to"].to_numpy(dtype=float))
    judged = np.isfinite(shown) & np.isfinite(least) & (whole[0] > 0)
    if not judged.any():
        agrees = np.isfinite(least).any()
    else:
        agrees = np.mean((low[judged] <= most[judged] + 1e-6) & (high[judged] >= least[judged] - 1e-6)) >= _AGREEING
    if not agrees:
        return None
    fits = ~judged | ((low <= most + 1e-6) & (high >= least - 1e-6))
    return (
        np.where(np.isfinite(least) & fits, np.ceil(least - 1e-6), 0.0),
        np.where(np.isfinite(most) & fits, np.floor(most + 1e-6), np.inf),
    )


def _inverted(
    file: DataFile, name: str, figures: Floats, whole: tuple[Floats, Floats], per: int, table: pd.DataFrame,
    wanted: Mask, *, lower: bool,
) -> tuple[Floats, Floats] | None:  # fmt: skip
    """The counts whose interval has a limit as shown: Wilson's of a percentage or Byar's of a rate; None if neither."""
    half = 0.5 * 10.0 ** -_decimals(file.cells[name]) + 1e-9
    known = np.isfinite(figures) & np.isfinite(whole[0]) & (whole[0] > 0)
    shown = table["shown"].to_numpy(dtype=float)
    judged = np.flatnonzero(known & np.isfinite(shown) & (table["rounded_to"] == 1).to_numpy() & (shown <= whole[0]))
    agrees = [
        abs(_limit(int(whole[0][number]), per, 0 if lower else 1, int(shown[number])) - figures[number]) <= half
        for number in judged[:_MOST_JUDGED]
    ]
    if not agrees or np.mean(agrees) < _AGREEING:
        return None
    least, most = np.zeros(len(figures)), np.full(len(figures), np.inf)
    for number in np.flatnonzero(wanted & known):
        total = int(whole[0][number])
        limit = partial(_limit, total, per, 0 if lower else 1)
        # Limits grow with the count.
        first = _first_above(limit, figures[number] - half, total)
        last = _first_above(limit, figures[number] + half, total)
        if first < last or limit(first) <= figures[number] + half:
            least[number], most[number] = first, max(first, last - 1)
    return least, most


def _limit(total: int, per: int, end: int, count: int) -> float:
    """A limit of the interval of a count of a total: Wilson's in per cent, else Byar's as a rate."""
    return 100 * wilson(count, total)[end] if per == _PER[0] else per * byar(count)[end] / total


def _first_above(limit: Callable[[int], float], value: float, most: int) -> int:
    """The first count whose limit is at least a value."""
    low, high = 0, most
    while low < high:
        middle = (low + high) // 2
        if limit(middle) >= value:
            high = middle
        else:
            low = middle + 1
    return low


def _decimals(cells: pd.Series) -> int:
    """The most decimal places of a column."""
    decimals = cells.str.extract(r"^[-+]?\d*\.(\d+)$")[0].str.len()
    return int(decimals.max()) if decimals.notna().any() else 0


def _numbers(cells: pd.Series) -> Floats:
    """The numbers of a column; NaN where there is a symbol or nothing."""
    return pd.to_numeric(cells, errors="coerce").to_numpy(dtype=float)
