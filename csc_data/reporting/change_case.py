"""The case for a change as Markdown, under the headings of a scrutiny board and of a new burdens assessment."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from csc_data.analysis.burden.assumptions import SCENARIOS
from csc_data.analysis.burden.change_case import not_looked_for
from csc_data.analysis.burden.changes import NOTICE_EXPECTED
from csc_data.metadata.wording import NO_JUSTIFICATION
from csc_data.reporting.burden import estimate_text, exact
from csc_data.visible import no_markup

if TYPE_CHECKING:
    from csc_data.analysis.burden.change_case import ChangeCase

NOT_SAID = "Not said."

_COUNTED = ("items", "codes", "rules")


def markdown(case: ChangeCase) -> str:
    """The whole case, texts of a draft without markup of their own. Nothing of a single child is in it."""
    return no_markup("\n".join(_lines(case)) + "\n")


def _lines(case: ChangeCase) -> Iterator[str]:
    card, said = case.card, case.case
    yield f"# {said.title or card.title}"
    yield from ("", f"From {case.old.id} to {case.new.id}: {case.new.collection.title}, {case.new.collection.owner}.")
    yield from (
        "",
        "## What would change",
        "",
        *_counts(case),
        "",
        *_metric_lines(case, ["C.net", "C.churn", "C.index"]),
    )
    yield from _follows(case)
    yield from ("", "## Why it is needed", "", said.need or NOT_SAID)
    yield from ("", "## Is every item essential?", "", *_items(case))
    yield from ("", "## Is it held elsewhere already?", "", *_elsewhere(case))
    yield from ("", "Other sources looked at: " + (said.alternatives or NOT_SAID))
    yield from ("", "## What it will be used for", "", said.use or NOT_SAID, "", *_indicators(case))
    yield from ("", "## What authorities get back", "", said.shared_back or NOT_SAID)
    yield from ("", "## Work of an authority (compliance)", "", *_metric_lines(case, ["C.hours", "C.recurring_hours"]))
    yield from ("", *_metric_lines(case, ["C.values"]))
    yield from ("", "## New burdens: net additional cost to all authorities", "")
    yield from _metric_lines(case, ["C.oneoff", "C.recurring", "T7"])
    yield from ("", *(f"* {note}" for note in card.notes if note not in case.follows))
    yield from ("", "## Is the cost justified?", "", said.justification or NOT_SAID)
    yield from ("", "## Notice", "", *_notice(case))
    yield from ("", "## Assumptions", "", *_assumptions(card.assumptions))
    yield from ("", "## What this must not be read as", "", *(f"* {caveat}" for caveat in card.caveats))
    yield "* It does not take the place of a scrutiny board's decision or of a new burdens assessment."


def _counts(case: ChangeCase) -> Iterator[str]:
    steps = ("added", "removed", "changed")
    counts = [
        [kind, *(exact(case.card.count(f"C.{kind}_{step}"), "", case.card.subject) for step in steps)]
        for kind in _COUNTED
    ]
    yield from _table(["", *steps], counts)
    yield from ("", f"Identifiers and copies of the {case.new.subject.singular}'s own record are left out.")


def _follows(case: ChangeCase) -> Iterator[str]:
    if case.follows:
        yield from ("", "From this follows:", "", *(f"* {consequence}" for consequence in case.follows))


def _items(case: ChangeCase) -> Iterator[str]:
    items = case.card.details["items"]
    if items.empty:
        yield "No item is added, removed or redefined."
        return
    rows = [
        [
            item["change"],
            item["item"],
            item["title"],
            item["why"] or NO_JUSTIFICATION,
            _when(item),
            item["indicators"] or "none",
        ]
        for item in items.to_dict("records")
    ]
    yield from _table(["", "item", "what", "why", "needed", "indicators that need it"], rows)


def _when(item: dict[Any, Any]) -> str:
    if item["needed"] == "always":
        return "in every row"
    return item["condition"] or "no condition recorded"


def _elsewhere(case: ChangeCase) -> Iterator[str]:
    held = case.card.details["elsewhere"]
    if held.empty:
        yield "No other collection was found to hold one of them."
    else:
        columns = ["item", "concept", "collection", "relation", "held_as"]
        yield from _table(["item", "concept", "held in", "relation", "as"], held[columns].to_numpy().tolist())
        yield from ("", f"This is no proof {_claim(case, 'C.duplicates')}.")
    if unknown := not_looked_for(case.changes):
        yield from ("", f"Not looked for, as no concept of the crosswalk is named: {', '.join(unknown)}.")


def _indicators(case: ChangeCase) -> Iterator[str]:
    changed = case.card.details["indicators"]
    for step in ("gained", "lost"):
        names = changed.loc[changed["change"] == step, "indicator"].tolist()
        yield f"Indicators {step}: {', '.join(names) if names else 'none'}."
        yield ""
    yield f"This does not measure {_claim(case, 'C.gained')}."


def _notice(case: ChangeCase) -> Iterator[str]:
    lead = [estimate_text(days, "days") for days in case.card.estimate("C.lead")]
    if case.notice is None:
        yield f"The day the specification of {case.new.id} is published is not recorded, so the notice is not known."
    else:
        spare = int(case.card.count("C.spare"))
        met = f"{spare} days more than" if spare >= 0 else f"{-spare} days short of"
        yield f"{case.notice} days from publication to the first day of the period:"
        yield f"{met} the six months ({NOTICE_EXPECTED} days) expected."
        if case.notice < case.card.estimate("C.lead")[0]:
            yield "That is less than the shortest lead time of suppliers."
    yield f"Suppliers of case systems need {lead[0]} to {lead[2]} days (central {lead[1]}; A12)."


def _metric_lines(case: ChangeCase, names: Sequence[str]) -> Iterator[str]:
    """Counts and estimates in separate tables, each with what it must not claim; what is missing, with the reason."""
    card = case.card
    counts, estimates = (table[table["metric"].isin(names)] for table in (card.counts, card.estimates))
    if len(counts):
        rows = [
            [count["name"], exact(count["value"], count["unit"], case.card.subject), count["must_not_claim"]]
            for count in counts.to_dict("records")
        ]
        yield from _table(["count (exact)", "", "must not claim"], rows)
        yield ""
    if len(estimates):
        rows = [
            [estimate["name"], *(estimate_text(estimate[name], estimate["unit"]) for name in SCENARIOS),
             estimate["unit"], estimate["formula"],
             estimate["must_not_claim"]]
            for estimate in estimates.to_dict("records")
        ]  # fmt: skip
        yield from _table(["estimate", *SCENARIOS, "unit", "formula", "must not claim"], rows)
    for metric in card.not_computed[card.not_computed["metric"].isin(names)].to_dict("records"):
        yield f"{metric['name']}: not worked out, as {metric['reason']}."


def _claim(case: ChangeCase, metric: str) -> str:
    counts = case.card.counts
    return str(counts.loc[counts["metric"] == metric, "must_not_claim"].iloc[0])


def _assumptions(table: pd.DataFrame) -> Iterator[str]:
    rows = []
    for assumption in table.to_dict("records"):
        values = [f"{assumption[name]:g}" if pd.notna(assumption[name]) else "none" for name in SCENARIOS]
        status = "changed by you" if assumption["changed"] else assumption["status"]
        rows.append(
            [assumption["id"], assumption["parameter"], *values, assumption["unit"], status, assumption["basis"]]
        )
    yield from _table(["", "assumption", *SCENARIOS, "unit", "status", "basis"], rows)


def _table(header: Sequence[str], rows: Sequence[Sequence[object]]) -> Iterator[str]:
    yield _row(header)
    yield _row(["---"] * len(header))
    yield from map(_row, rows)


def _row(cells: Sequence[object]) -> str:
    return "| " + " | ".join(str(cell).replace("|", "\\|").replace("\n", " ").strip() for cell in cells) + " |"
