"""The report for a person at a terminal: verdict first, then counts, worst rules, and what did not run."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping, Sequence
from typing import IO, TYPE_CHECKING, Any

import pandas as pd
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from csc_data.declare.slots import EarlierReturn, Slot
from csc_data.reasons import ReasonKind, SkipReason
from csc_data.results.summary import (
    VERDICTS,
    local_sentence,
    scope_sentences,
    summarise,
    worst_first,
)
from csc_data.results.worklist import work_sentences
from csc_data.versions import day_in_words
from csc_data.visible import visible

if TYPE_CHECKING:
    from csc_data.declare.subject import Subject
    from csc_data.results.outcome import Outcome
    from csc_data.results.rule_results import RuleResult

MOST_GAPS = 10
"""Gaps listed with the verdict."""

WORST_RULES = 15
"""Rules listed in the terminal; the files written with --out hold all."""

MOST_CODES = 60
"""Rules listed by their codes for one reason not to run; of more, only their number is given."""

PIPED_WIDTH = 120
"""Width of tables when the output is piped, in characters."""

_FILES = {
    "html": "open it in a browser; every rule with what to do about it",
    "xlsx": "one sheet to work through, issue by issue",
    "csv": "every issue with its file, line and {subject}",
    "parquet": "every issue with its file, line and {subject}",
    "json": "everything, for programs",
    "run": "for csc-data compare with the next submission; holds {subject}-level data",
}
"""What each format is for, in the order in which people want them."""

_COLOURS = {"errors": "red", "queries": "yellow", "clean": "green", "incomplete": "red"}
_GIVE: dict[ReasonKind, str] = {
    SkipReason.NO_PREVIOUS: "--previous PATH",
    SkipReason.NO_PROVIDERS: "--providers FILE",
    SkipReason.NO_AUTHORITY: "--authority NAME",
}
"""How to give what a rule lacked, by the kind of reason it was skipped for."""

_DID_NOT_RUN = {"skipped": "Skipped", "crashed": "Failed to run"}


def print_report(
    outcome: Outcome, *, timings: bool = False, files: Mapping[str, str] | None = None, file: IO[str] | None = None
) -> None:
    """Print the summary of a report. No child-level value is printed.

    Args:
        timings: also say where the time went.
        files: the first file to open of each format that was written, to name what to do next.
        file: where to print; standard output when left out.
    """
    console = console_for(file)
    summary = summarise(outcome)
    earlier = outcome.ret.standard.earlier
    _print_heading(console, summary, _read(outcome), earlier)
    subject = outcome.ret.standard.subject
    _print_counts(console, summary["counts"], subject)
    _print_work(console, outcome)
    _print_worst_rules(console, outcome.official.rules, f"Rules that most {subject.plural} break", subject)
    _print_not_run(console, outcome.official.results)
    _print_local(console, summary["local"], outcome.local, subject)
    _print_unreadable(console, summary, earlier)
    if timings:
        _print_timings(console, outcome)
    _print_next(console, outcome, files or {})


def _print_heading(console: Console, summary: Mapping[str, Any], read: str, earlier: EarlierReturn) -> None:
    colour, sentence = _COLOURS[summary["verdict"]], VERDICTS[summary["verdict"]]
    standard, period, authority = summary["standard"], summary["period"], summary["authority"]
    console.print(f"\n[bold {colour}]{sentence}[/]")
    for gap in summary["gaps"][:MOST_GAPS]:
        console.print(f"  {plain(gap['message'])} {plain(gap['advice'])}".rstrip())
    if len(summary["gaps"]) > MOST_GAPS:
        console.print(f"  and {len(summary['gaps']) - MOST_GAPS:,} more, which --json lists")
    for sentence in scope_sentences(summary["scope"], earlier):
        console.print(f"[yellow]{plain(sentence)}[/]")
    whose = f", {plain(authority['name'])} ({authority['ons_code']})" if authority else ""
    days = f"{day_in_words(period['start'])} to {day_in_words(period['end'])}"
    console.print(f"{plain(standard['title'])}, {standard['id']}, {days}{whose}")
    more = f"csc-data standards show {standard['id']}"
    console.print(f"[dim]{plain(standard['verification']['sentence'])} More: {plain(more)}[/]")
    console.print(f"[dim]{read}[/]\n")


def _read(outcome: Outcome) -> str:
    """Say how many tables were read, of each year's return, and from where."""
    supplied, previous = outcome.ret.supplied, outcome.ret.previous
    before = f", and {len(previous.tables):,} of {outcome.ret.standard.earlier.name}," if previous else ""
    tables = f"{many(len(supplied.tables), 'table')}{before} read from "
    both = [supplied, previous] if previous else [supplied]
    units = {"excel": "sheet", "frames": "DataFrame"}
    counted: dict[str, int] = {}
    for each in both:
        unit = units.get(each.format, "file")
        counted[unit] = counted.get(unit, 0) + len({table.file for table in each.tables.values()})
    return tables + " and ".join(many(count, unit) for unit, count in counted.items())


def _print_counts(console: Console, counts: Mapping[str, Any], subject: Subject) -> None:
    table = plain_table("", ("issues", "right"), ("rules", "right"), ("rows", "right"), (subject.plural, "right"))
    for severity, name in (("error", "errors"), ("query", "queries")):
        by_kind = counts["by_severity"][severity]
        table.add_row(name, *(f"{by_kind[counted]:,}" for counted in ("issues", "rules", "rows", "children")))
    for label, by_kind in counts["by_label"].items():
        table.add_row(label, *(f"{by_kind[counted]:,}" for counted in ("issues", "rules", "rows", "children")))
    console.print(table)
    rows = counts["rows"]
    console.print(
        f"{counts['children_with_issues']:,} of {subject.count(counts['children'])} "
        f"{'has' if counts['children_with_issues'] == 1 else 'have'} an issue. "
        f"{many(rows['validated'], 'row')} checked, {rows['unreadable']:,} unreadable."
    )
    statuses = ", ".join(f"{count:,} {name.replace('_', ' ')}" for name, count in counts["rules"].items())
    console.print(f"Rules: {statuses}.\n")


def _print_work(console: Console, outcome: Outcome) -> None:
    if outcome.work is not None:
        for sentence in work_sentences(outcome.worklist):
            console.print(plain(sentence))
        console.print()


def _print_worst_rules(console: Console, rules: pd.DataFrame, heading: str, subject: Subject) -> None:
    failed = worst_first(rules)
    if failed.empty:
        return
    table = plain_table("rule", ("", "left"), (subject.plural, "right"), ("rows", "right"), ("what is wrong", "left"))
    for rule in failed.head(WORST_RULES).to_dict("records"):
        counts = f"{rule['children']:,}", f"{rule['rows']:,}"
        table.add_row(plain(rule["rule"]), rule["severity"], *counts, plain(rule["title"]))
    console.print(f"[bold]{heading}[/]")
    console.print(table)
    if len(failed) > WORST_RULES:
        console.print(f"and {many(len(failed) - WORST_RULES, 'more rule')}")
    console.print()


def _print_local(console: Console, local: Mapping[str, Any], outcome: Outcome, subject: Subject) -> None:
    """What local rules found, apart from everything above."""
    if sentence := local_sentence(local):
        console.print(f"[bold]Local rules[/]\n{plain(sentence)}\n")
        _print_worst_rules(console, outcome.rules, f"Local rules that most {subject.plural} break", subject)
        _print_not_run(console, outcome.results)


def _print_not_run(console: Console, results: Sequence[RuleResult]) -> None:
    """Rules that did not run, grouped by reason: a skipped rule is not a passed one."""
    for status, name in _DID_NOT_RUN.items():
        chosen = [result for result in results if result.status == status]
        if not chosen:
            continue
        console.print(f"[bold]{name}[/] ({many(len(chosen), 'rule')}, by reason)")
        by_reason: dict[str, list[RuleResult]] = {}
        for result in chosen:
            by_reason.setdefault(result.reason, []).append(result)
        for reason, group in by_reason.items():
            codes = [result.rule.code for result in group]
            console.print(f"  {plain(reason)}{_how_to_give(group[0])}: {plain(_listed(codes))}")
        console.print()


def _how_to_give(result: RuleResult) -> str:
    """How to give what a rule lacked; "" if no option gives it."""
    options = [_GIVE[reason.kind] for reason in result.reasons if reason.kind in _GIVE]
    return f" (give it with {' and '.join(options)})" if options else ""


def _print_unreadable(console: Console, summary: Mapping[str, Any], earlier: EarlierReturn) -> None:
    for counted in summary["row_counts"]:
        if counted["unreadable"]:
            whose = Slot.of_code(counted["return"]).of_whom(earlier)
            console.print(
                f"{plain(counted['table'])}{whose}: {counted['checked']:,} of {many(counted['rows'], 'row')} checked, "
                f"{counted['unreadable']:,} unreadable ({plain(counted['file'])})"
            )
    for row in summary["unreadable"][:20]:
        line = "" if row["line"] is None else f", line {row['line']}"
        console.print(f"[red]Unreadable[/] {plain(row['file'])}{line}: {plain(row['reason'])}")
    if len(summary["unreadable"]) > 20:
        console.print(f"and {many(len(summary['unreadable']) - 20, 'more unreadable row')}")
    for note in summary["notes"]:
        console.print(f"[dim]Note: {plain(note['file'])}: {plain(note['message'])}[/]")
    for unused in summary["set_aside"]:
        console.print(f"[yellow]{plain(unused['message'])}[/]")
    if summary["unreadable"] or summary["notes"] or summary["set_aside"]:
        console.print()


def _print_timings(console: Console, outcome: Outcome) -> None:
    table = plain_table("stage or rule", ("seconds", "right"))
    timed = outcome.plain or outcome
    for stage, seconds in timed.seconds.items():
        table.add_row(stage, f"{seconds:.3f}")
    ran = timed.rules[timed.rules["seconds"] > 0]
    for rule in ran.nlargest(20, "seconds").to_dict("records"):
        table.add_row(f"rule {plain(rule['rule'])}", f"{rule['seconds']:.4f}")
    console.print(table)
    console.print()


def _print_next(console: Console, outcome: Outcome, files: Mapping[str, str]) -> None:
    """What to do with this: which file to open, or how to get one."""
    words = outcome.ret.standard.subject.words
    steps = [f"{plain(files[form])}: {words(what)}" for form, what in _FILES.items() if form in files]
    failed = worst_first(outcome.official.rules)
    if not steps:
        steps.append("--out DIR writes every issue with its file and line, and a report to read in the browser")
    if not failed.empty:
        code, standard = plain(str(failed["rule"].iloc[0])), outcome.ret.standard.id
        steps.append(
            f"csc-data rules show {code} --standard {standard}: why rule {code} matters and how to fix what it finds"
        )
    console.print("[bold]Next[/]")
    for step in steps:
        console.print(f"  {step}")


def _listed(codes: Sequence[str]) -> str:
    """The codes, or how many there are when they are too many to read."""
    return ", ".join(codes) if len(codes) <= MOST_CODES else many(len(codes), "rule")


def many(count: int, noun: str, nouns: str = "") -> str:
    """A count with its noun in the singular or plural."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {nouns or noun + 's'}"


def plain(text: str) -> str:
    """Text from outside as it is put among our own: what is not seen in it written out, and nothing taken for markup."""
    return escape(visible(text))


class Terminal(Console):
    """A console that leaves it to the command line to deal with a reader who has gone."""

    def on_broken_pipe(self) -> None:
        """Pass on what the system says."""
        raise BrokenPipeError


def console_for(file: IO[str] | None) -> Console:
    """The console that reports are printed on. Piped, it is plain, and lines of text are left whole."""
    console = Terminal(file=file, highlight=False, width=width_from_environment())
    if not console.is_terminal:
        console.soft_wrap = True
        if not _width_is_set():
            console.width = PIPED_WIDTH
    return console


def width_from_environment() -> int | None:
    """How wide the terminal is where the environment says nonsense of it (``COLUMNS=0``); None where a console knows."""
    return None if "COLUMNS" not in os.environ or _width_is_set() else shutil.get_terminal_size().columns


def _width_is_set() -> bool:
    """Whether the environment says how wide the terminal is. A width of 0, or one that is no number, says nothing."""
    return os.environ.get("COLUMNS", "").isdecimal() and int(os.environ["COLUMNS"]) > 0


def plain_table(first: str, *others: tuple[str, str]) -> Table:
    """A table without lines: the first column never wraps, the others are aligned as said; no word is cut."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column(first, no_wrap=True, overflow="fold")
    for name, justify in others:
        table.add_column(name, justify=justify, overflow="fold")  # type: ignore[arg-type]
    return table
