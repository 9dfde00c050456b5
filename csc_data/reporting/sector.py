"""What follows from the counts of many authorities, for a person at a terminal, as files and as JSON."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from os import PathLike
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from csc_data.errors import UsageError
from csc_data.files.columns import Columns
from csc_data.files.writing import replacing, written_together
from csc_data.reporting.html.sector import (
    CAVEATS,
    NO_PATTERN,
    between,
    hypotheses,
    left_out,
    shares,
    write_own_page,
    write_sector_page,
)
from csc_data.reporting.tables import write_csv_table
from csc_data.reporting.terminal import console_for, many, plain, plain_table
from csc_data.reporting.workbook import replacing_workbook
from csc_data.sector import AUTHORITIES, BUNDLES, CLUSTERS, INDICATORS, ITEMS, POINTS, PREVALENCE, ROUTES, RULES
from csc_data.sector.own import OWN

if TYPE_CHECKING:
    from csc_data.sector.findings import Findings
    from csc_data.sector.own import OwnPosition

FORMATS = ("html", "xlsx", "csv", "parquet")
"""What can be written."""

POOLED = "pooled.parquet"
"""The counts of all, for ``--against`` and ``--earlier``."""

_FUNNEL = Columns(
    {
        "of": "code of the rule, or name of the indicator",
        "counted": "what is counted: children, rows or indicator",
        "kind": "share, or rate of events",
        "limits": "which limits: additive, multiplicative or raw",
    }
)
FUNNELS = _FUNNEL + POINTS
"""Columns of the points of all funnels, one row a rule or indicator and authority."""

OVER_TIME = Columns(
    {
        "of": "code of the rule, or name of the indicator",
        "version": "the period",
        "value": "share of all authorities together",
        "part": "number of the stretch between breaks",
        "mean": "mean of the stretch",
        "moving_range": "mean moving range of the stretch; nothing with fewer than 12 periods",
        "lower": "lower limit",
        "upper": "upper limit",
        "near_lower": "two thirds of the way to the lower limit",
        "near_upper": "two thirds of the way to the upper limit",
        "signal": "outside, trend, two of three, shift, or nothing",
    },
    part=pa.int64(),
    **dict.fromkeys(("value", "mean", "moving_range", "lower", "upper", "near_lower", "near_upper"), pa.float64()),
)
"""Columns of the figures over time, one row a rule or indicator and period."""

LEFT_OUT = Columns({"text": "what could not be read, was superseded, set apart or is missing, as a sentence"})

TABLES: Mapping[str, Columns] = {
    "hypotheses": ROUTES,
    "prevalence": PREVALENCE,
    "tests": CLUSTERS,
    "bundles": BUNDLES,
    "funnels": FUNNELS,
    "over_time": OVER_TIME,
    "left_out": LEFT_OUT,
    "authorities": AUTHORITIES,
    "rules": RULES,
    "items": ITEMS,
    "indicators": INDICATORS,
}
"""Columns of each table of the sector view."""

MEANINGS: Mapping[str, str] = {
    "hypotheses": "One row a pattern of a rule, or of rules that fail together.",
    "prevalence": "One row a rule.",
    "tests": "One row a rule and grouping.",
    "bundles": "One row a bundle of rules that fail in the same authorities.",
    "funnels": "One row a rule or indicator and authority.",
    "over_time": "One row a rule or indicator and period.",
    "left_out": "One row a sentence on what is not in it.",
    "authorities": "One row an authority.",
    "rules": "One row an authority and rule.",
    "items": "One row an authority and item.",
    "indicators": "One row an authority and indicator.",
}
"""What a row of each table is."""

_SHEETS = ("left_out", "hypotheses", "prevalence", "tests", "bundles", "funnels", "over_time", "authorities")
"""Tables that are sheets of the workbook, in their order; the counts themselves are in CSV and Parquet."""

_MOST_SHOWN = 12
_WIDEST_COLUMN = 60


def sector_files(folder: str | PathLike[str], formats: Collection[str]) -> list[Path]:
    """Every file that is written of the sector view.

    Raises:
        UsageError: a format does not exist.
    """
    names = [POOLED] if "parquet" in formats else []
    for form in formats:
        if form not in FORMATS:
            raise UsageError(f"There is no format {form}. Choose from {', '.join(FORMATS)}.")
        names += {"html": ["sector.html"], "xlsx": ["sector.xlsx"]}.get(form, [f"{name}.{form}" for name in TABLES])
    return [Path(folder) / name for name in names]


def own_files(folder: str | PathLike[str]) -> list[Path]:
    """The files that are written of one authority beside others."""
    return [Path(folder) / "own_position.html", Path(folder) / "own_position.csv"]


def write_sector(made: Findings, folder: str | PathLike[str], formats: Collection[str] = FORMATS) -> list[Path]:
    """Write the sector view, all files or none. Returns the files.

    Raises:
        UsageError: a format does not exist, or the folder cannot be written to.
    """
    files = sector_files(folder, formats)
    tables = _tables(made)
    with written_together():
        for form in formats:
            if form == "html":
                write_sector_page(made, Path(folder) / "sector.html")
            elif form == "xlsx":
                _write_workbook(tables, Path(folder) / "sector.xlsx")
            elif form == "csv":
                for name, table in tables.items():
                    write_csv_table(table, TABLES[name], Path(folder) / f"{name}.csv")
            else:
                for name, table in tables.items():
                    _write_parquet(table, TABLES[name], Path(folder) / f"{name}.parquet")
                made.sector.save(Path(folder) / POOLED)
    return files


def write_own(made: OwnPosition, folder: str | PathLike[str]) -> list[Path]:
    """Write one authority's place beside others, as a page and a table, both or neither. Returns the files."""
    page, table = files = own_files(folder)
    with written_together():
        write_own_page(made, page)
        write_csv_table(made.table, OWN, table)
    return files


def _tables(made: Findings) -> dict[str, pd.DataFrame]:
    sector = made.sector
    funnels = [
        each.points.assign(of=each.of, counted=each.counted, kind=each.kind, limits=each.limits)[list(FUNNELS)]
        for each in made.funnels
    ]
    charts = [
        chart.points.assign(of=name)[list(OVER_TIME)] for name, chart in made.over_time.items() if len(chart.points)
    ]
    return {
        "hypotheses": made.routes,
        "prevalence": made.prevalence,
        "tests": made.tests,
        "bundles": made.bundles,
        "funnels": pd.concat(funnels, ignore_index=True) if funnels else FUNNELS.empty(),
        "over_time": pd.concat(charts, ignore_index=True) if charts else OVER_TIME.empty(),
        "left_out": pd.DataFrame({"text": left_out(made)}, dtype=object),
        "authorities": sector.authorities,
        "rules": sector.rules,
        "items": sector.items,
        "indicators": sector.indicators,
    }


def _write_parquet(table: pd.DataFrame, columns: Columns, path: Path) -> None:
    with replacing(path) as temporary:
        pq.write_table(columns.table(table), temporary, compression="zstd", store_schema=False)


def _write_workbook(tables: Mapping[str, pd.DataFrame], path: Path) -> None:
    with replacing_workbook(path, constant_memory=True) as book:
        bold = book.add_format({"bold": True})
        for name in _SHEETS:
            sheet, table = book.add_worksheet(name), tables[name]
            sheet.freeze_panes(1, 1)
            if len(table):
                sheet.autofilter(0, 0, len(table), len(table.columns) - 1)
            for at, column in enumerate(table.columns):
                longest = max((len(str(value)) for value in table[column]), default=0)
                sheet.set_column(at, at, min(max(len(column), longest) + 2, _WIDEST_COLUMN))
                sheet.write_string(0, at, str(column), bold)
            plain_values = table.astype(object).where(table.notna(), None)
            for number, row in enumerate(plain_values.itertuples(index=False), start=1):
                for at, value in enumerate(row):
                    _write_cell(sheet, number, at, value)


def _write_cell(sheet: Any, row: int, column: int, value: Any) -> None:
    if value is None:
        return
    if isinstance(value, bool):
        sheet.write_string(row, column, "yes" if value else "no")
    elif hasattr(value, "isoformat") or isinstance(value, str):
        sheet.write_string(row, column, str(value))
    else:
        sheet.write_number(row, column, float(value))


def print_sector(made: Findings, *, file: IO[str] | None = None) -> None:
    """Print what is not in it, then every hypothesis with what would refute it, then the most common failures."""
    console, sector = console_for(file), made.sector
    console.print(f"\n[bold]{many(len(sector.authorities), 'authority')} side by side, {plain(sector.standard)}[/]\n")
    for sentence in left_out(made):
        console.print(f"[yellow]Not in it:[/] {plain(sentence)}")
    said = hypotheses(made)
    console.print()
    for hypothesis in said[:_MOST_SHOWN]:
        console.print(f"[bold]{plain(hypothesis.title)}[/]")
        console.print(f"  {plain(hypothesis.sentence)}")
        console.print(f"  Concerns: {plain(hypothesis.concerns)}")
        console.print(f"  Refuted by: {plain(hypothesis.refuted_by)}\n")
    if len(said) > _MOST_SHOWN:
        console.print(f"{len(said) - _MOST_SHOWN} more stand in the files that --out writes.\n")
    if not said:
        console.print(f"{NO_PATTERN}\n")
    table = plain_table(
        "rule", ("fails in", "right"), ("failing in all", "right"), ("per 1,000", "right"), ("missing in", "right")
    )
    failing = made.prevalence[made.prevalence["failing"] > 0].sort_values(["failing", "rule"], ascending=[False, True])
    for row in failing.head(_MOST_SHOWN).to_dict("records"):
        table.add_row(
            plain(row["rule"]),
            f"{row['failing']} of {row['authorities']}",
            between(row["count_low"], row["count_high"]),
            between(row["per_1000_low"], row["per_1000_high"], decimals=1),
            str(row["missing"]),
        )
    if len(failing):
        console.print(table)
        console.print(f"\nFailing in at least one authority: {many(len(failing), 'rule')}.")
    console.print(f"{CAVEATS[0]}")


def print_own(made: OwnPosition, *, file: IO[str] | None = None) -> None:
    """Print where an authority lies: what could not be compared, then what is beyond the usual spread."""
    console, facts = console_for(file), made.own.authorities.iloc[0]
    console.print(f"\n[bold]{plain(facts['name'])} beside other authorities, {plain(made.own.standard)}[/]\n")
    for sentence in made.said:
        console.print(f"[yellow]Not in it:[/] {plain(sentence)}")
    outside = made.table[made.table["position"].isin(["above", "below"])]
    if outside.empty:
        console.print(f"{NO_PATTERN}\n")
        return
    table = plain_table(
        "rule or indicator", ("own share", "right"), ("position", "left"), (f"median of {made.beside}", "right")
    )
    for row in outside.head(_MOST_SHOWN).to_dict("records"):
        table.add_row(
            plain(row["of"]),
            shares(row["value_low"], row["value_high"]),
            f"{row['position']} ({shares(row['lower'], row['upper'])})",
            shares(row["neighbours_median"], row["neighbours_median"]),
        )
    console.print(table)
    console.print(f"\n{CAVEATS[0]}")
