"""The pages on many authorities, and on one beside them, for people who open them in a browser."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from os import PathLike
from typing import Any

import pandas as pd

from csc_data.files.writing import replacing
from csc_data.reporting.html.charts.funnel import FunnelPicture, funnel_picture
from csc_data.reporting.html.charts.over_time import OverTime, over_time
from csc_data.reporting.html.charts.picture import Figures
from csc_data.reporting.html.templating import environment
from csc_data.sector.findings import Findings
from csc_data.sector.own import OwnPosition

NO_PATTERN = "No pattern beyond chance."
"""Printed where nothing was found."""

CAVEATS = (
    "The limits of a funnel are the usual spread between authorities: what is common is not therefore acceptable, and what "
    "lies outside may have its reasons.",
    "Every sentence below is a hypothesis from counts: it says where to look, and what would refute it.",
    "A hidden count (1 to 5, or one that would give such a count away) is taken as a range, never as zero.",
    "An authority in which a rule crashed, was skipped, or ran in another text is missing there, and not passing.",
)
"""What a reader must know before the figures."""

_MOST_RULES = 60
_MOST_CHARTS = 24


@dataclass(frozen=True)
class Table(Figures):
    """Figures under a title."""

    title: str = ""


@dataclass(frozen=True)
class Hypothesis:
    """A sentence with whom it concerns and what would refute it."""

    title: str
    sentence: str
    concerns: str
    refuted_by: str


@dataclass(frozen=True)
class Section:
    """A part of the page, in the order in which it is shown."""

    id: str
    title: str
    sentences: Sequence[str] = ()
    listed: Sequence[str] = ()
    hypotheses: Sequence[Hypothesis] = ()
    charts: Sequence[Any] = ()
    tables: Sequence[Table] = field(default_factory=tuple)


def write_sector_page(made: Findings, path: str | PathLike[str]) -> None:
    """Write the page on many authorities, whole or not at all."""
    sector = made.sector
    many = len(sector.authorities)
    sections = [
        Section("left-out", "What is not in it", listed=left_out(made)),
        Section("read-first", "Read this first", listed=CAVEATS),
        _hypotheses(made),
        _prevalence(made),
        _funnels(made),
        *([_over_time(made)] if made.over_time else []),
        Section("tests", "Tests of groups", tables=[_tests(made)], sentences=_TESTS),
        Section("together", "Rules that fail together", **_bundles(made)),
        Section("authorities", "Authorities", tables=[_authorities(made)]),
    ]
    lead = f"{sector.standard}: {many} {'authority' if many == 1 else 'authorities'}, from counts alone."
    _write(path, "Many authorities side by side", "Sector view", sector.standard, lead, sections)


def write_own_page(made: OwnPosition, path: str | PathLike[str]) -> None:
    """Write the page on one authority beside all others, whole or not at all. It names nobody who did not consent."""
    facts = made.own.authorities.iloc[0]
    table = made.table
    outside = table[table["position"].isin(["above", "below"])]
    named = f" Named with their consent: {', '.join(made.named)}." if made.named else ""
    sections = [
        Section("left-out", "What is not in it", listed=made.said or ("Everything that ran was compared.",)),
        Section("read-first", "Read this first", listed=CAVEATS),
        Section(
            "outside",
            "Beyond the usual spread",
            sentences=[f"{len(outside)} of {len(table)} shares lie beyond the limits of 99.8 per cent."] if len(outside)
            else [NO_PATTERN],
            tables=[_own(outside, "Beyond the limits", made)] if len(outside) else (),
        ),
        Section(
            "all",
            "Every rule and indicator",
            sentences=[f"The median is that of the {made.beside} whose share is not hidden.{named}"],
            tables=[_own(table[table["kind"] == kind], f"{kind.capitalize()}s", made) for kind in ("rule", "indicator")],
        ),
    ]  # fmt: skip
    _write(path, f"{facts['name']} beside other authorities", "Sector view", made.own.standard,
           f"{made.own.standard}. No other authority is named here unless it consented.", sections)  # fmt: skip


def _write(
    path: str | PathLike[str], title: str, what: str, standard: str, lead: str, sections: Sequence[Section]
) -> None:
    template = environment().get_template("sector.html")
    text = template.render(title=title, what=what, standard=standard, lead=lead, sections=sections)
    with replacing(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


def left_out(made: Findings) -> list[str]:
    """What could not be read, was superseded, set apart or is missing, as sentences."""
    sector = made.sector
    sentences = [f"Not read: {why}" for why in sector.unreadable] + list(sector.said)
    words = {"skipped": "was skipped", "crashed": "crashed", "another text": "ran in another text"}
    for why, rows in made.not_compared.groupby("why", sort=True):
        count, cases = rows["rule"].nunique(), int(rows["size"].sum())
        listed = ", ".join(rows.sort_values(["size", "rule"], ascending=[False, True])["rule"].head(8))
        more = f" and {count - 8} more" if count > 8 else ""
        sentences.append(
            f"{count:,} {'rule' if count == 1 else 'rules'} {words[str(why)]} in {cases:,} "
            f"{'case' if cases == 1 else 'cases'}, and "
            f"{'is' if count == 1 else 'are'} missing there: {listed}{more}."
        )
    hidden = int(sector.authorities["size"].isna().sum())
    if hidden:
        sentences.append(f"{hidden} authorities hide how many children they have.")
    unsaid = int((sector.authorities["supplier"] == "unsaid").sum())
    if unsaid:
        sentences.append(f"{unsaid} authorities do not say which system they use: they are in no test of suppliers.")
    return sentences or ["Every file was read, and every rule ran in every authority."]


def hypotheses(made: Findings) -> list[Hypothesis]:
    """The sentences of all patterns that name somebody; rules of which the same is said stand together."""
    together: dict[tuple[str, str, str], list[str]] = {}
    for row in made.patterns.to_dict("records"):
        who = "" if pd.isna(row["who"]) else f" ({row['who']})"
        said = str(row["sentence"]), f"{row['routed_to']}{who}", str(row["refuted_by"])
        together.setdefault(said, []).append(_ruled(str(row["rules"]), made))
    return [Hypothesis("; ".join(rules), *said) for said, rules in together.items()]


def _ruled(codes: str, made: Findings) -> str:
    first, *others = codes.split(" ")
    title = made.titles.get(first, "")
    also = f" (with {', '.join(others)})" if others else ""
    return f"{first}{also}: {title}" if title else f"{first}{also}"


def _hypotheses(made: Findings) -> Section:
    said = hypotheses(made)
    sentences = [] if said else [NO_PATTERN]
    return Section("hypotheses", "Hypotheses", sentences=sentences, hypotheses=said)


def _prevalence(made: Findings) -> Section:
    table = made.prevalence[made.prevalence["failing"] > 0]
    ordered = table.sort_values(["failing", "rule"], ascending=[False, True]).head(_MOST_RULES)
    rows = [
        (
            _ruled(str(row["rule"]), made),
            row["severity"],
            f"{row['failing']} of {row['authorities']}",
            between(row["count_low"], row["count_high"]),
            between(row["per_1000_low"], row["per_1000_high"], decimals=1),
            _whole(row["half_in"]),
            _whole(row["missing"]),
        )
        for row in ordered.to_dict("records")
    ]
    heads = ("Rule", "Severity", "Fails in", "Failing in all", "Per 1,000", "Half of it lies in", "Did not run in")
    more = [f"The {_MOST_RULES} that fail in most authorities; the files beside this page list all."]
    return Section(
        "prevalence",
        "How common each failure is",
        sentences=[
            f"Rules that fail in at least one authority: {len(table)}.",
            *(more if len(table) > _MOST_RULES else []),
        ],
        tables=[Table(heads, rows, "Failing rules, those of most authorities first")] if rows else (),
    )


def _funnels(made: Findings) -> Section:
    drawn: list[FunnelPicture] = []
    for number, each in enumerate(made.funnels):
        chart = funnel_picture(each, _ruled(each.of, made), number=number)
        if chart is not None and len(drawn) < _MOST_CHARTS:
            drawn.append(chart)
    return Section(
        "funnels",
        "Funnels",
        sentences=[
            "A point is an authority. Between the dashed lines lie 95 of 100 by chance and usual spread, between the solid "
            "ones 998 of 1,000; a diamond lies outside with its whole range. A bar is a hidden count, taken as 1 to 5."
        ]
        if drawn
        else ["No rule or indicator can be compared between two authorities."],
        charts=drawn,
    )


def _over_time(made: Findings) -> Section:
    charts: list[OverTime] = []
    for number, (name, chart) in enumerate(made.over_time.items()):
        drawn = over_time(chart, f"{_ruled(name, made)} (over time)", number=number)
        if drawn is not None and len(charts) < _MOST_CHARTS:
            charts.append(drawn)
    return Section(
        "over-time",
        "Over time",
        sentences=["The share of all authorities together, period by period."]
        if charts
        else ["No rule or indicator has a figure in two periods."],
        charts=charts,
    )


_TESTS = (
    "Each rule was tested for following the supplier, the region, the way of extraction and the size: labels were exchanged "
    "between authorities, those of suppliers within regions and those of regions within suppliers. Of all that is named, at "
    "most 5 per cent are chance (q). Groups of fewer than 5 authorities are not named.",
)


def _tests(made: Findings) -> Table:
    chosen = made.tests[(made.tests["q"] < 0.05) | made.tests["cluster"].fillna(False).astype(bool)]
    rows = [
        (
            str(row["rule"]),
            str(row["grouping"]),
            "none named" if pd.isna(row["group"]) else row["group"],
            _of(row["group_failing"], row["group_authorities"]),
            _of(row["other_failing"], row["other_authorities"]),
            between(row["odds_ratio_low"], row["odds_ratio_high"], decimals=1),
            f"{row['q']:.3f}",
            "named" if row["cluster"] else "not named" if pd.isna(row["remark"]) else row["remark"],
        )
        for row in chosen.to_dict("records")
    ]
    heads = ("Rule", "Grouping", "Group", "Fails within", "Fails elsewhere", "Odds ratio (95 per cent)", "q", "Remark")
    return Table(heads, rows, f"{len(chosen)} of {len(made.tests):,} tests with q below 0.05")


def _bundles(made: Findings) -> dict[str, Any]:
    if made.bundles.empty:
        return {"sentences": ["No three rules fail in the same authorities more than chance and their number explain."]}
    rows = [
        (str(row["rules"]), int(row["size"]), f"{row['similarity']:.2f}", int(row["authorities"]))
        for row in made.bundles.to_dict("records")
    ]
    heads = ("Rules", "How many", "Likeness (Jaccard)", "Authorities")
    return {"tables": [Table(heads, rows, "Rules that fail in the same authorities")]}


def _authorities(made: Findings) -> Table:
    rows = [
        (
            f"{row['name']} ({row['authority']})",
            "hidden" if pd.isna(row["size"]) else int(row["size"]),
            str(row["supplier"]),
            str(row["extract"]),
            str(row["stage"]),
        )
        for row in made.sector.authorities.to_dict("records")
    ]
    return Table(("Authority", "Children", "Supplier", "Extract", "Stage"), rows, "Authorities, by their codes")


def _own(table: pd.DataFrame, title: str, made: OwnPosition) -> Table:
    rows = [
        (
            f"{row['of']}: {row['title']}" if row["title"] else str(row["of"]),
            between(row["n_low"], row["n_high"]),
            "hidden" if pd.isna(row["d"]) else int(row["d"]),
            shares(row["value_low"], row["value_high"]),
            f"{row['position']} ({shares(row['lower'], row['upper'])})"
            if not pd.isna(row["lower"])
            else row["position"],
            "not given"
            if pd.isna(row["neighbours_median"])
            else shares(row["neighbours_median"], row["neighbours_median"]),
            "" if pd.isna(row["failing"]) else f"{row['failing']} of {row['authorities']}",
        )
        for row in table.to_dict("records")
    ]
    heads = ("Rule or indicator", "Count", "Of", "Share", "Position (limits)", f"Median of {made.beside}", "Fails in")
    return Table(heads, rows, title)


def between(low: float, high: float, *, decimals: int = 0) -> str:
    """A range, or one figure; "not known" where there is none."""
    if pd.isna(low):
        return "not known"
    least = f"{low:,.{decimals}f}"
    if pd.isna(high):
        return f"{least} or more"
    return least if low == high else f"{least} to {high:,.{decimals}f}"


def shares(low: float, high: float) -> str:
    """A share in per cent, or the range of it."""
    if pd.isna(low):
        return "not known"
    if pd.isna(high) or low == high:
        return f"{low:.1%}"
    return f"{low:.1%} to {high:.1%}"


def _of(count: float, whole: float) -> str:
    return "none" if pd.isna(count) else f"{int(count):,} of {int(whole):,}"


def _whole(count: float) -> str:
    return "none" if pd.isna(count) else f"{int(count):,}"
