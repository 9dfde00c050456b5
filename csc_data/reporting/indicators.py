"""Indicators for a person at a terminal, as JSON, and as files that say that they are internal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from os import PathLike
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import pandas as pd
import pyarrow.parquet as pq

from csc_data.analysis.indicators import (
    BENEFIT_COLUMNS,
    DAMAGE_COLUMNS,
    INDICATOR_FIGURE_COLUMNS,
    VISIBILITY_COLUMNS,
    IndicatorStatus,
)
from csc_data.analysis.indicators.benefit import CAVEATS, NOT_KNOWN
from csc_data.analysis.indicators.columns import ALL, BY_CATEGORY
from csc_data.analysis.indicators.visibility import LEAST_DENOMINATOR, LEAST_NUMERATOR, RUNGS, SEEN
from csc_data.files.columns import Columns
from csc_data.files.writing import replacing, written_together
from csc_data.reporting.tables import write_csv_table
from csc_data.reporting.terminal import console_for, many, plain, plain_table

if TYPE_CHECKING:
    from rich.console import Console

    from csc_data.analysis.indicators import Benefit

BANNER = (
    "Internal. The figures are exact and small numbers are not protected: for use within the authority, "
    "not for publication."
)

FORMAT = "csc-data indicators 1"
FILES = ("indicators_internal.csv", "indicators_internal.parquet")
VISIBILITY_FILES = ("visibility_internal.csv", "visibility_internal.parquet")
BENEFIT_FILES = ("benefit_internal.html", "benefit_internal.csv", "damage_internal.csv")
"""The files of a folder that figures are written to; their names say that they are internal."""

MOST_RULES = 15
"""Rules listed in the terminal of what to correct first."""

LADDER = (
    f"A group is taken to carry a conclusion from {LEAST_DENOMINATOR} in the denominator and {LEAST_NUMERATOR} in the "
    f"numerator on (our own choice). Rungs of pooling, in this order: {', '.join(RUNGS)}; "
    "fixed before any figure is looked at."
)


def document(figures: pd.DataFrame, visibility: pd.DataFrame | None, gaps: Sequence[str]) -> dict[str, Any]:
    """The figures as JSON-ready data. No child is named."""
    made: dict[str, Any] = {"format": FORMAT, "internal": True, "banner": BANNER, "gaps": list(gaps)}
    made["indicators"] = records(figures)
    if visibility is not None:
        made |= {"pooling": LADDER, "visibility": records(visibility)}
    return made


def records(table: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows of a table as JSON-ready data; nothing where there is no figure."""
    plain_values = table.astype(object).where(table.notna(), None)
    return [{str(name): _ready(value) for name, value in row.items()} for row in plain_values.to_dict("records")]


def _ready(value: Any) -> Any:
    return value.isoformat() if hasattr(value, "isoformat") else value.item() if hasattr(value, "item") else value


def write_indicators(figures: pd.DataFrame, visibility: pd.DataFrame | None, folder: str | PathLike[str]) -> list[Path]:
    """Write the tables as CSV and Parquet, all or none. Returns the files."""
    tables = [(figures, INDICATOR_FIGURE_COLUMNS, FILES)]
    if visibility is not None:
        tables.append((visibility, VISIBILITY_COLUMNS, VISIBILITY_FILES))
    with written_together():
        return [path for table, columns, names in tables for path in _write(table, columns, names, Path(folder))]


def _write(table: pd.DataFrame, columns: Columns, names: Sequence[str], folder: Path) -> list[Path]:
    csv, parquet = (folder / name for name in names)
    write_csv_table(table, columns, csv)
    with replacing(parquet) as path:
        pq.write_table(columns.table(table), path, compression="zstd", store_schema=False)
    return [csv, parquet]


def write_benefit(made: Benefit, folder: str | PathLike[str]) -> list[Path]:
    """Write what the authority gets back as a page and two tables, all or none. Returns the files."""
    from csc_data.reporting.html.benefit import write_benefit_page

    page, figures, damage = (Path(folder) / name for name in BENEFIT_FILES)
    with written_together():
        write_benefit_page(made, page)
        write_csv_table(made.figures, BENEFIT_COLUMNS, figures)
        write_csv_table(made.damage, DAMAGE_COLUMNS, damage)
    return [page, figures, damage]


def print_indicators(
    figures: pd.DataFrame,
    visibility: pd.DataFrame | None = None,
    gaps: Sequence[str] = (),
    *,
    file: IO[str] | None = None,
) -> None:
    """Print the figures: every indicator and, where asked for, the categories of breakdowns.

    Args:
        figures: columns ``INDICATOR_FIGURE_COLUMNS``.
        visibility: columns ``VISIBILITY_COLUMNS``; printed below where given.
        gaps: why the returns were not wholly checked.
        file: where to print; standard output when left out.
    """
    console = console_for(file)
    _print_banner(console, gaps)
    whole = figures[figures["breakdown"] == ALL]
    held = whole[~whole["status"].isin([IndicatorStatus.NOT_COMPUTABLE, IndicatorStatus.NOT_APPLICABLE])]
    _print_figures(console, held)
    if visibility is not None:
        _print_categories(console, figures[figures["breakdown"] != ALL])
        _print_visibility(console, visibility)
    _print_parameters(console, whole)
    _print_reasons(console, whole)


def _print_banner(console: Console, gaps: Sequence[str]) -> None:
    console.print(f"\n[bold]{BANNER}[/]")
    for gap in gaps:
        console.print(f"[yellow]Not everything was checked:[/] {plain(gap)}")
    console.print()


def _print_figures(console: Console, whole: pd.DataFrame) -> None:
    table = plain_table(
        "indicator", ("figure", "right"), ("chance alone", "right"), ("range of the truth", "right"),
        ("neighbours", "right"), ("what it is", "left"),
    )  # fmt: skip
    for row in whole.to_dict("records"):
        title = f"{plain(row['title'])} ({row['unit']})" + (" *" if row["status"] == IndicatorStatus.PARTLY else "")
        table.add_row(
            row["indicator"], row["shown"] or BY_CATEGORY, between(row["lower"], row["upper"]),
            between(row["lowest"], row["highest"]),
            "" if pd.isna(row["neighbour_median"]) else f"{row['neighbour_median']:g} ({row['neighbours_known']})", title,
        )  # fmt: skip
    console.print(table)
    console.print(
        "\nChance alone: how far such a figure varies from year to year, 19 times in 20. Range of the truth: the figure if "
        "every record that is unknown or disputed went one way or the other. * partly, see below. "
        "k: above 0 but rounded to it; z: of nobody.\n"
    )


def between(low: float, high: float) -> str:
    """Two limits as text; "" without any."""
    return "" if pd.isna(low) or pd.isna(high) else f"{low:.1f} to {high:.1f}"


def _print_categories(console: Console, rows: pd.DataFrame) -> None:
    for (indicator, breakdown), group in rows.groupby(["indicator", "breakdown"], sort=False):
        table = plain_table(
            plain(f"{indicator} by {breakdown}"), ("of", "right"), ("figure", "right"), ("chance", "right")
        )
        for row in group.to_dict("records"):
            counts = "" if pd.isna(row["numerator"]) else f"{row['numerator']:g}"
            of = counts if pd.isna(row["denominator"]) else f"{counts} of {row['denominator']:g}"
            table.add_row(plain(row["category"]), of, row["shown"], between(row["lower"], row["upper"]))
        console.print(table)
        console.print()


def _print_visibility(console: Console, visibility: pd.DataFrame) -> None:
    console.print("[bold]What the groups can show[/]")
    console.print(f"{LADDER}\n")
    for (indicator, breakdown), group in visibility.groupby(["indicator", "breakdown"], sort=False):
        table = plain_table(plain(f"{indicator} by {breakdown}"), ("", "left"), ("", "left"))
        for row in group.to_dict("records"):
            rung = "" if row["visibility"] == SEEN else f"; pool over: {row['rung']}"
            table.add_row(plain(row["category"]), row["visibility"] + rung, row["words"])
        console.print(table)
        console.print()


def _print_parameters(console: Console, whole: pd.DataFrame) -> None:
    """The option taken at each open point, and of which indicators."""
    taken: dict[str, list[str]] = {}
    for indicator, text in zip(whole["indicator"], whole["parameters"], strict=True):
        if text:
            taken.setdefault(text, []).append(indicator)
    if taken:
        console.print("[bold]Where definitions leave a point open[/] (--parameter NAME=VALUE takes another option)")
        for text, names in taken.items():
            console.print(f"  {plain(text)}: {', '.join(names)}")
        console.print()


def _print_reasons(console: Console, whole: pd.DataFrame) -> None:
    counts = whole["status"].value_counts()
    console.print(
        f"[bold]{', '.join(f'{counts[status]} {status}' for status in IndicatorStatus if status in counts)}[/]"
    )
    wanting = whole[(whole["status"] != IndicatorStatus.COMPUTED) | (whole["reason"] != "")]
    for (status, reason), group in wanting.groupby(["status", "reason"], sort=False):
        console.print(f"  {status}: {plain(str(reason))}: {', '.join(group['indicator'])}")


def print_benefit(made: Benefit, gaps: Sequence[str] = (), *, file: IO[str] | None = None) -> None:
    """Print what the authority gets back. No child is named."""
    console = console_for(file)
    _print_banner(console, gaps)
    whose = f" of {made.authority}" if made.authority else ""
    console.print(
        f"[bold]The return{whose} feeds {many(len(made.figures), 'indicator')}, "
        f"{int((made.figures['published'] != 'nowhere').sum())} of them published or proposed.[/]\n"
    )
    for goal, group in made.figures.groupby("goal", sort=False):
        table = plain_table(
            plain(str(goal)), ("figure", "right"), ("chance alone", "right"), ("neighbours", "right"),
            ("could move by", "right"), ("records in doubt", "right"),
        )  # fmt: skip
        for row in group.to_dict("records"):
            table.add_row(
                plain(row["title"]), row["shown"] or BY_CATEGORY, between(row["lower"], row["upper"]), _neighbours(row),
                "" if pd.isna(row["moves"]) else f"{row['moves']:.1f}", f"{row['records']:,}",
            )  # fmt: skip
        console.print(table)
        console.print()
    _print_first(console, made.damage)
    for caveat in CAVEATS:
        console.print(f"[dim]* {caveat}[/]")


def _neighbours(row: Mapping[Any, Any]) -> str:
    if pd.isna(row["neighbour_median"]):
        return ""
    within = {"yes": ", within chance", "no": ", beyond chance"}.get(row["within_chance"], "")
    return f"{row['neighbour_median']:g} in {row['neighbours_period']}{within}"


def _print_first(console: Console, damage: pd.DataFrame) -> None:
    if damage.empty:
        console.print("No error and no unknown answer touches a figure.\n")
        return
    table = plain_table(
        "rule", ("figures", "right"), ("most children", "right"), ("moves most", "left"), ("what is wrong", "left")
    )
    for rule, group in list(damage.groupby("rule", sort=False))[:MOST_RULES]:
        most = group.iloc[0]
        moved = "" if pd.isna(most["moves"]) else f"{most['indicator']} by up to {most['moves']:.1f}"
        title = most["title"] if rule != NOT_KNOWN else "answers that are blank, or cannot be known from the return"
        table.add_row(plain(str(rule)), f"{most['figures']}", f"{group['children'].max():,}", moved, plain(title))
    console.print("[bold]What to correct first, for the sake of the figures[/]")
    console.print(table)
    console.print()
