"""The burden card of one return: what was supplied, what is to be put right and explained, and the hours and cost of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from csc_data.analysis.burden.assumptions import SCENARIOS, Assumptions, OwnValues, Scenario, assumptions_from
from csc_data.analysis.burden.card import Card, CardTables
from csc_data.analysis.burden.changes import changes
from csc_data.analysis.burden.effort import TERMS, USED, Effort, Workload, scenarios, sensitivity
from csc_data.analysis.burden.failures import TREATMENTS, failures, rule_table, rules_for_share
from csc_data.analysis.burden.metrics import RETURN_METRICS
from csc_data.analysis.burden.rework import right, step_table
from csc_data.analysis.burden.supplied import children, item_table
from csc_data.analysis.comparison.compare import Comparable
from csc_data.analysis.required import RequiredCells
from csc_data.analysis.root_causes import root_causes
from csc_data.declare.slots import TableRef
from csc_data.disclosure.policies import STRICT
from csc_data.errors import UsageError
from csc_data.names import as_listed
from csc_data.results.outcome import Outcome
from csc_data.results.summary import counts, summarise
from csc_data.typed.columns import Dates

_NO_DAYS = "the days of submission are not known; give them"


@dataclass(frozen=True)
class Facts:
    """What the card is worked out from. ``given`` is the report as given, its children perhaps under pseudonyms."""

    outcome: Outcome
    required: Mapping[str, RequiredCells]
    given: Outcome
    assumptions: Assumptions
    submissions: Sequence[Comparable]
    hours_logged: float | None
    signed_off: dt.date | None
    avoidable: frozenset[str]
    submitted: Sequence[dt.date]

    @cached_property
    def items(self) -> pd.DataFrame:
        """What was supplied, item by item."""
        return item_table(self.outcome, self.required)

    @cached_property
    def rules(self) -> pd.DataFrame:
        """The rules that found something."""
        return rule_table(self.outcome)

    @property
    def nobody(self) -> str:
        """Why nothing is counted for each of those whom the return is about, where it is about none."""
        return f"there is no {self.outcome.ret.standard.subject.singular} in the return"

    @cached_property
    def children(self) -> int:
        """Children in the return."""
        return children(self.outcome)

    @cached_property
    def steps(self) -> pd.DataFrame:
        """What was done from each submission to the next."""
        return step_table(self.submissions, self.given)

    @cached_property
    def points(self) -> int:
        """R1: filled cells of data items."""
        return int(self.items.loc[self.items["role"] == "data", "filled"].sum())

    def count_treated(self, *treatments: str, what: str = "records") -> int:
        """Records or issues of the rules that are treated in one of these ways."""
        return int(self.rules.loc[self.rules["treatment"].isin(treatments), what].sum())

    @cached_property
    def work(self) -> Workload:
        """What is to be done for the return."""
        return Workload(
            errors=self.count_treated("bulk", "one by one"),
            queries=self.count_treated("explain", what="issues"),
            notes=int((self.rules["treatment"] == "note").sum()),
            loads=max(len(self.submissions) + 1, len(self.submitted)),
        )

    @cached_property
    def effort(self) -> dict[Scenario, Effort]:
        """R13 in the three scenarios."""
        return scenarios(self.work, self.assumptions)


def return_card(
    outcome: Outcome,
    required: Mapping[str, RequiredCells],
    assumptions: OwnValues | Assumptions | None = None,
    submissions: Sequence[Comparable] = (),
    hours_logged: float | None = None,
    signed_off: dt.date | None = None,
    avoidable: Collection[str] = (),
    submitted: Sequence[dt.date] = (),
    *,
    shown: Outcome | None = None,
) -> Card:
    """Burden metrics R1 to R16 of one return.

    Args:
        outcome: the return, checked: its latest submission.
        required: where its items must be filled.
        assumptions: the user's own values, as a file or by identifier; the package's hold for the others.
        submissions: the earlier submissions of the same return, first to last: reports, saved runs, or their paths.
        hours_logged: hours the authority logged for the return; shown beside the estimate, never put in its place.
        signed_off: the day the return was signed off.
        avoidable: codes of rules whose hits were explained as correct in the last two years, or that fail everywhere.
        submitted: the days of all submissions, this one included.
        shown: the return as it is shown, its children perhaps under pseudonyms, as those of the submissions are.

    Raises:
        UsageError: assumptions that cannot be used, unknown rule codes, hours logged that are not above 0, or submissions
            that are not of the same return.
        InputError: a saved run cannot be read.
    """
    if hours_logged is not None and not 0 < hours_logged < float("inf"):
        raise UsageError("Hours logged must be a number above 0.")
    codes = {code: as_listed(code, outcome.ret.standard.rules) for code in avoidable}
    if unknown := sorted(code for code, listed in codes.items() if listed is None):
        raise UsageError(f"{outcome.ret.standard.id} has no rule {', '.join(unknown)}. List them: csc-data rules list.")
    facts = Facts(
        outcome=outcome,
        required=required,
        given=shown or outcome,
        assumptions=assumptions_from(assumptions),
        submissions=submissions,
        hours_logged=hours_logged,
        signed_off=signed_off,
        avoidable=frozenset(code for code in codes.values() if code is not None),
        submitted=sorted(submitted),
    )
    tables = CardTables(RETURN_METRICS, outcome.ret.standard.subject)
    for part in (
        _supplied,
        _errors,
        _queries,
        _concentration,
        _first_time_right,
        _rework,
        _timeliness,
        _effort,
        _units,
    ):
        part(facts, tables)
    used = [*USED, "A2", "A11", "A15", "A17"]
    summary = summarise(outcome if shown is None else shown)
    return tables.card(
        f"Burden of a return, {outcome.ret.standard.collection.title}, {outcome.ret.standard.id}",
        details=_details(facts),
        assumptions=facts.assumptions.frame(used),
        sensitivity=sensitivity(facts.work, facts.assumptions),
        notes=_notes(facts),
        about={name: summary[name] for name in ("run", "library", "standard", "period", "authority")},
    )


def _supplied(facts: Facts, tables: CardTables) -> None:
    items = facts.items
    data = items[items["role"] == "data"]
    tables.count("children", facts.children)
    tables.count("records", sum(counts(facts.outcome)["rows"]["by_table"][table] for table in _tables(facts)))
    tables.count("R1", facts.points)
    tables.count("R1.repeat", items.loc[items["role"] == "repeat", "filled"].sum())
    required, given = int(data["required"].sum()), int(data["required_filled"].sum())
    tables.count("R2.required", required)
    tables.count("R2.supplied", given)
    tables.share("R2", given, required, nothing="no item of the tables supplied is known to be required")
    conditional = data[(data["need"] == "conditional") & data["required"].notna()]
    triggered = int(conditional["required"].sum())
    tables.count("R3", triggered)
    tables.share("R3.rate", triggered, int(conditional["rows"].sum()), nothing="no rule that asks for one of them ran")


def _errors(facts: Facts, tables: CardTables) -> None:
    failed = failures(facts.outcome.issues)
    errors = failed[failed["severity"] == "error"]
    tables.count("R4", len(errors))
    tables.count("R4.children", errors["child"].nunique())
    tables.share("R4.rate", len(errors), facts.children, nothing=facts.nobody)
    tables.count("R4r", root_causes(facts.outcome, "error").places)
    if facts.outcome.ret.standard.collection.burden.fixed_in_bulk:
        tables.share("R8", facts.count_treated("bulk"), len(errors), nothing="there is no error to fix")
    else:
        tables.absent("R8", "the standard records no rule whose failures the return itself shows how to put right")


def _queries(facts: Facts, tables: CardTables) -> None:
    tables.count("R5", facts.count_treated("automatic", "note", "explain", what="issues"))
    known = facts.outcome.ret.standard.collection.burden
    if known.automatic:
        tables.count("R5.automatic", facts.count_treated("automatic", what="issues"))
    else:
        tables.absent("R5.automatic", "the standard records no rule whose queries are accepted automatically")
    if known.noted:
        tables.count("R5.noted", facts.count_treated("note", what="issues"))
        tables.count("R5.notes", facts.work.notes)
    else:
        for metric in ("R5.noted", "R5.notes"):
            tables.absent(metric, "the standard records no rule that one note for the return covers")
    tables.count("R5.explain", facts.work.queries)


def _concentration(facts: Facts, tables: CardTables) -> None:
    records = facts.rules["records"]
    if records.empty:
        for metric in ("R6.top5", "R6.rules80"):
            tables.absent(metric, "nothing failed")
        return
    tables.share("R6.top5", int(records.nlargest(5).sum()), int(records.sum()))
    tables.count("R6.rules80", rules_for_share(records, 0.8))


def _first_time_right(facts: Facts, tables: CardTables) -> None:
    first = right(facts.submissions[0] if facts.submissions else facts.outcome)
    nobody = f"there is no {facts.outcome.ret.standard.subject.singular}"
    nothing = "there is no record in the return"
    tables.share("R7", first.records - first.records_wrong, first.records, nothing=nothing)
    tables.share("R7.children", first.children - first.children_wrong, first.children, nothing=nobody)


def _rework(facts: Facts, tables: CardTables) -> None:
    tables.count("R10", facts.work.loads)
    due = facts.outcome.ret.standard.deadline
    if facts.submitted and due:
        tables.count("R10.late", sum(day > due.day for day in facts.submitted))
    else:
        tables.absent("R10.late", _NO_DAYS if due else "the deadline is not recorded")
    tables.absent("R11", "a return holds its own year; amendments to the returns of earlier years are not in it")
    steps = facts.steps
    if steps.empty:
        for metric in ("R9.changed", "R9.added", "R9.removed", "R9.churn", "R9.yield", "R9.regress"):
            tables.absent(metric, "only one submission is known; give the runs of the earlier ones")
        return
    total = steps.sum()
    edited = int(total["cells_added"] + total["cells_changed"] + total["cells_removed"])
    for kind in ("changed", "added", "removed"):
        tables.count(f"R9.{kind}", total[f"cells_{kind}"])
    tables.share("R9.churn", int(total["cells_changed"]), int(total["cells_before"]))
    tables.share("R9.yield", int(total["issues_resolved"]), edited, times=1, nothing="no cell was edited")
    tables.count("R9.regress", total["issues_introduced"])


def _timeliness(facts: Facts, tables: CardTables) -> None:
    ret = facts.outcome.ret
    window = ret.standard.collection.timeliness.window
    if facts.submitted and window:
        tables.count("R12.first", (facts.submitted[0] - window.opens(ret.standard.version)).days)
    else:
        tables.absent("R12.first", _NO_DAYS if window else "the day the submission window opens is not recorded")
    tables.absent("R12r", "the return holds no times of recording")
    if facts.signed_off is None:
        for metric in ("R12.deadline", "R12.reference", "R12.event", "R12.event90"):
            tables.absent(metric, "the day of sign-off is not known; give it")
        return
    if due := ret.standard.deadline:
        tables.count("R12.deadline", (facts.signed_off - due.day).days)
    else:
        tables.absent("R12.deadline", f"the deadline of {ret.standard.id} is not recorded")
    tables.count("R12.reference", (facts.signed_off - ret.period.end).days)
    lags = days_since_events(facts.outcome, facts.signed_off)
    if len(lags) >= STRICT.threshold:
        tables.count("R12.event", float(np.median(lags)))
        tables.count("R12.event90", float(np.percentile(lags, 90)))
    else:
        few = f"fewer than {STRICT.threshold} events would give away the day of one (policy {STRICT.name})"
        for metric in ("R12.event", "R12.event90"):
            tables.absent(metric, few if len(lags) else "there is no readable date of an event in the period")


def days_since_events(outcome: Outcome, day: dt.date) -> np.ndarray:
    """Days from the events in the period to a day, one a filled and readable date of an event."""
    lags = [np.zeros(0)]
    for field in outcome.ret.standard.collection.timeliness.events:
        table, _, item = field.partition(".")
        source = outcome.typed.sources.get(TableRef.of(table))
        column = source.parse(item) if source is not None and item in source.items else None
        if isinstance(column, Dates):
            here = column.within(outcome.ret.period.start, outcome.ret.period.end)
            lags.append((np.datetime64(day, "D") - column.days[here]).astype(float))
    return np.concatenate(lags)


def _effort(facts: Facts, tables: CardTables) -> None:
    each, assumed = facts.effort, facts.assumptions
    for term in TERMS:
        tables.estimate(f"R13.{term}", {scenario: each[scenario].terms[term] for scenario in SCENARIOS})
    tables.estimate("R13.hours", {scenario: each[scenario].hours for scenario in SCENARIOS})
    tables.estimate("R13.burden", {scenario: each[scenario].burden_hours for scenario in SCENARIOS})
    tables.estimate("R13.cost", {scenario: each[scenario].cost for scenario in SCENARIOS})
    tables.estimate("R14.cost", {scenario: assumed.value("A2", scenario) for scenario in SCENARIOS})
    tables.estimate(
        "R14.hours",
        {scenario: assumed.value("A2", scenario) / assumed.value("A1", "central") for scenario in SCENARIOS},
    )
    if assumed["A15"].changed:
        tables.estimate(
            "R13.frontline", {scenario: facts.points * assumed.value("A15", scenario) / 60 for scenario in SCENARIOS}
        )
    else:
        tables.absent(
            "R13.frontline", "it is off: no figure is published; it is worked out only from one of yours (A15)"
        )
    last = facts.outcome.ret.standard.previous
    if last is None:
        tables.absent("R13.change", f"{facts.outcome.ret.standard.version} is the first year known")
    else:
        build = changes(last, facts.outcome.ret.standard).items_to_build
        tables.estimate("R13.change", {scenario: build * assumed.value("A11", scenario) for scenario in SCENARIOS})
    _avoidable(facts, tables)
    if facts.hours_logged is None:
        tables.absent("H.logged", "no hours were given")
        tables.absent("H.calibration", "no hours were given")
    else:
        tables.count("H.logged", facts.hours_logged)
        _calibrate(facts.hours_logged, each, tables)


def _calibrate(logged: float, each: dict[Scenario, Effort], tables: CardTables) -> None:
    if all(each[scenario].hours for scenario in SCENARIOS):
        opposite: dict[Scenario, Scenario] = {"low": "high", "central": "central", "high": "low"}
        tables.estimate("H.calibration", {scenario: logged / each[opposite[scenario]].hours for scenario in SCENARIOS})
    else:
        tables.absent("H.calibration", "the estimate is of no hours")


def _avoidable(facts: Facts, tables: CardTables) -> None:
    if not facts.avoidable:
        for metric in ("R15.hours", "R15"):
            tables.absent(
                metric, "not known which queries were explained as correct before, or fail everywhere; name the rules"
            )
        return
    named = facts.rules[facts.rules["rule"].isin(facts.avoidable)]
    by_way = {way: named[named["treatment"] == way] for way in TREATMENTS}
    work = Workload(
        errors=int(by_way["bulk"]["records"].sum() + by_way["one by one"]["records"].sum()),
        queries=int(by_way["explain"]["issues"].sum()),
        notes=len(by_way["note"]),
    )
    avoided = scenarios(work, facts.assumptions)
    hours = {scenario: avoided[scenario].terms["errors"] + avoided[scenario].terms["queries"] for scenario in SCENARIOS}
    tables.estimate("R15.hours", hours)
    shares = sorted(
        100 * hours[scenario] / facts.effort[scenario].hours if facts.effort[scenario].hours else 0.0
        for scenario in SCENARIOS
    )
    tables.estimate("R15", dict(zip(SCENARIOS, shares, strict=True)))


def _units(facts: Facts, tables: CardTables) -> None:
    each = facts.effort
    if facts.children:
        tables.estimate(
            "R16.hours_per_child", {scenario: each[scenario].hours / facts.children for scenario in SCENARIOS}
        )
        tables.estimate(
            "R16.cost_per_child", {scenario: each[scenario].cost / facts.children for scenario in SCENARIOS}
        )
    else:
        for metric in ("R16.hours_per_child", "R16.cost_per_child"):
            tables.absent(metric, facts.nobody)
    tables.share("R16.points_per_child", facts.points, facts.children, times=1, nothing=facts.nobody)
    if facts.points:
        tables.estimate(
            "R16.hours_per_1000", {scenario: each[scenario].hours / facts.points * 1000 for scenario in SCENARIOS}
        )
    else:
        tables.absent("R16.hours_per_1000", "no data point was supplied")


def _tables(facts: Facts) -> list[str]:
    return [name for name in facts.outcome.typed.sources if name in facts.outcome.ret.standard.models]


def _details(facts: Facts) -> dict[str, pd.DataFrame]:
    items = facts.items
    numbers = ["filled", "required", "required_filled"]
    data = items[items["role"] == "data"]
    by_table = data.groupby("table", sort=False)[numbers].sum().reset_index()
    return {"by_item": items, "by_table": by_table, "by_rule": facts.rules, "submissions": facts.steps}


def _notes(facts: Facts) -> tuple[str, ...]:
    rules = facts.outcome.rules
    idle = int(rules["status"].isin(["skipped", "crashed"]).sum())
    changed = facts.assumptions.frame().query("changed")["id"].tolist()
    due = facts.outcome.ret.standard.deadline
    timed = bool(facts.signed_off or facts.submitted)
    return tuple(
        note
        for note in (
            due.note if due and timed else "",
            f"{'1 rule' if idle == 1 else f'{idle:,} rules'} did not run: what would have been found is in no figure."
            if idle
            else "",
            "" if facts.submissions else "Right first time is that of this submission, the only one known.",
            f"Assumptions of your own: {', '.join(changed)}." if changed else "",
            "Nothing is counted for external cost (A13): no figure was given."
            if facts.assumptions["A13"].high is None
            else "",
        )
        if note
    )
