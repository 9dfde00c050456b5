"""Burden cards for a person at a terminal: counts, estimates with their ranges, and what neither must be read as."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import IO, TYPE_CHECKING

import pandas as pd
from rich.console import Console
from rich.table import Table

from csc_data.analysis.burden.assumptions import SCENARIOS
from csc_data.analysis.burden.card import shown_estimate
from csc_data.analysis.burden.metrics import shown_id
from csc_data.reporting.terminal import Terminal, plain

if TYPE_CHECKING:
    from csc_data.analysis.burden import Beside, Card
    from csc_data.declare.subject import Subject

TABLE_WIDTH = 130
"""Columns that tables of a case need so that no word is cut; a narrower terminal wraps them."""

SENSITIVE = 3
"""Assumptions that move the cost most, shown in the terminal; the JSON holds all."""


def print_card(card: Card, *, file: IO[str] | None = None) -> None:
    """Print a card. Nothing of a single child is in it."""
    console = Terminal(file=file, highlight=False)
    console.print(f"\n[bold]{plain(card.title)}[/]\n")
    _print_counts(console, card)
    _print_estimates(console, card)
    _print_missing(console, card)
    _print_assumptions(console, card)
    if card.details:
        console.print(f"[dim]* The tables behind the figures are in the JSON: {', '.join(card.details)}.[/]")
    for note in (*card.notes, *card.caveats):
        console.print(f"[dim]* {plain(note)}[/]")


def print_beside(side_by_side: Beside, *, file: IO[str] | None = None) -> None:
    """Print returns beside one another. Nothing of a single child is in it."""
    console = Terminal(file=file, highlight=False)
    table = Table(box=None, pad_edge=False)
    table.add_column("")
    for standard in side_by_side.standards:
        table.add_column(plain(standard), justify="right")
    for line in side_by_side.lines:
        name = f"{line.name} ({line.unit})" if line.unit else line.name
        table.add_row(
            plain(name),
            *("not known" if figure is None else f"{figure:,.1f}".removesuffix(".0") for figure in line.figures),
        )
    table.add_row("of them in the first, too", *(f"{figure:,}" for figure in side_by_side.shared))
    console.print(table)
    for note in side_by_side.notes:
        console.print(f"[dim]* {plain(note)}[/]")


def print_markdown(text: str, *, file: IO[str] | None = None) -> None:
    """Print Markdown for a person at a terminal."""
    from rich.markdown import Markdown

    width = max(Terminal(file=file).width, TABLE_WIDTH)
    made = Markdown(text, hyperlinks=False)
    Terminal(file=file, highlight=False, width=width).print(made)


def exact(value: float, unit: str, subject: Subject) -> str:
    """A count as text: whole where it is whole, else with one decimal."""
    text = f"{value:,.0f}" if float(value).is_integer() else f"{value:,.1f}"
    if value == 1:
        singular = {"queries": "query", subject.plural: subject.singular}
        unit = singular.get(unit, unit.removesuffix("s"))
    return f"{text}%" if unit == "%" else f"{text} {unit}".strip()


def estimate_text(value: float, unit: str) -> str:
    """An estimate as text, to two significant figures; a published figure as it stands."""
    if pd.isna(value):
        return "not known"
    shown = shown_estimate(value, unit)
    return f"{shown:,.0f}" if abs(shown) >= 10 or shown == 0 else f"{shown:,.2g}"


def _print_counts(console: Console, card: Card) -> None:
    counts = card.counts
    shown = [exact(value, unit, card.subject) for value, unit in zip(counts["value"], counts["unit"], strict=True)]
    _print_metrics(console, "counts (exact)", "", counts.assign(shown=shown), card.subject)


def _print_estimates(console: Console, card: Card) -> None:
    shown = [
        "".join(f"{estimate_text(estimate[name], estimate['unit']):>12}" for name in SCENARIOS)
        + f"  {estimate['unit']}"
        for estimate in card.estimates.to_dict("records")
    ]
    heading = "".join(f"{name:>12}" for name in SCENARIOS)
    _print_metrics(console, "estimates (ranges)", heading, card.estimates.assign(shown=shown), card.subject)


def _print_metrics(console: Console, title: str, heading: str, metrics: pd.DataFrame, subject: Subject) -> None:
    if metrics.empty:
        return
    metrics = metrics.assign(metric=[shown_id(metric, subject) for metric in metrics["metric"]])
    widths = [metrics[name].str.len().max() + 2 for name in ("metric", "name")]
    console.print(f"[bold]{title:{sum(widths)}}{heading}[/]", soft_wrap=True)
    for claim, group in _by_claim(metrics):
        for count in group.to_dict("records"):
            line = f"{count['metric']:{widths[0]}}{count['name']:{widths[1]}}{count['shown']}"
            console.print(plain(line), soft_wrap=True)
        console.print(f"[dim]{'':{widths[0]}}must not claim {plain(claim)}[/]", soft_wrap=True)
    console.print()


def _by_claim(metrics: pd.DataFrame) -> Iterator[tuple[str, pd.DataFrame]]:
    """Neighbouring metrics that must not be read as the same thing, together."""
    claims = metrics["must_not_claim"]
    for _, group in metrics.groupby((claims != claims.shift()).cumsum(), sort=False):
        yield str(group["must_not_claim"].iloc[0]), group


def _print(console: Console, table: Table) -> None:
    if table.row_count:
        console.print(table)
        console.print()


def _print_missing(console: Console, card: Card) -> None:
    missing = card.not_computed
    if missing.empty:
        return
    console.print("[bold]Not worked out[/]")
    for reason, group in missing.groupby("reason", sort=False):
        names = ", ".join(
            f"{shown_id(metric['metric'], card.subject)} {metric['name']}" for metric in group.to_dict("records")
        )
        console.print(f"  {plain(names)}: {plain(str(reason))}.")
    console.print()


def _print_assumptions(console: Console, card: Card) -> None:
    if not card.sensitivity.empty:
        console.print(
            "[bold]What moves the cost most[/] (one assumption at its low and high value, the others central)"
        )
        for row in card.sensitivity.head(SENSITIVE).to_dict("records"):
            span = " to ".join(estimate_text(row[name], "pounds") for name in ("cost_low", "cost_high"))
            console.print(f"  {row['id']} {plain(row['parameter'])}: {span} pounds")
        console.print()
    if card.assumptions.empty:
        return
    table = _table("assumptions used", numbers=["low, central, high"])
    table.add_column("status")
    for assumption in card.assumptions.to_dict("records"):
        values = ", ".join("none" if pd.isna(assumption[name]) else f"{assumption[name]:g}" for name in SCENARIOS)
        status = "[bold]changed by you[/]" if assumption["changed"] else plain(assumption["status"])
        table.add_row(assumption["id"], plain(assumption["parameter"]), f"{values} {plain(assumption['unit'])}", status)
    _print(console, table)


def _table(first: str, *, numbers: Sequence[str]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("", no_wrap=True)
    table.add_column(first)
    for name in numbers:
        table.add_column(name, justify="right", no_wrap=True)
    return table
