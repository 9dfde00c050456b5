"""The burden metrics: what each is called, its unit, its formula, and what it must not be read as."""

from __future__ import annotations

import re
from dataclasses import dataclass

from csc_data.declare.subject import CHILDREN, Subject


@dataclass(frozen=True)
class Metric:
    """One metric, or one part of it. ``id`` is "R4", parts are "R4.children".

    The texts have ``{subject}`` and ``{subjects}`` for whom a return is about. An id is a code, the same in all collections.
    """

    id: str
    name: str
    unit: str
    formula: str
    must_not_claim: str


def shown_id(metric: str, subject: Subject) -> str:
    """The id of a metric as people see it, in the words for whom the return is about: "R4.workers"."""
    words = {CHILDREN.plural: subject.plural, CHILDREN.singular: subject.singular}
    return re.sub(f"{CHILDREN.plural}|{CHILDREN.singular}", lambda match: words[match[0]], metric)


AS_PUBLISHED = "pounds, as published"
"""Unit of published figures, which are shown as they stand."""


def _metrics(*each: tuple[str, str, str, str, str]) -> dict[str, Metric]:
    return {metric[0]: Metric(*metric) for metric in each}


_TYPING = "typing effort: most values are extracted from a case system"
_MISTAKES = "the number of mistakes: one wrong date can fail many rules"
_MEASURED = "measured time, or work done by social workers"
_NOT_ADDED = "a figure to add to other returns: teams, extracts and fixes are shared between them"
_LIST_OF_SINGLE = "a comparison between authorities of different size or duty"

RETURN_METRICS = _metrics(
    ("R1", "Data points supplied", "values", "filled cells of items that are neither identifiers nor copies", _TYPING),
    ("R1.repeat", "Repeated values supplied", "values",
     "filled identifiers of {subject} tables, and copies of items of the {subject}'s own record", _TYPING),
    ("R2.required", "Required values", "values",
     "cells that the rules that ran ask for",
     "a full count of what the law requires"),
    ("R2.supplied", "Required values supplied", "values", "required values that are filled", "accuracy"),
    ("R2", "Completeness", "%", "required values supplied / required values", "accuracy"),
    ("R3", "Conditional values triggered", "values",
     "cells of conditional items for which the condition holds, as the rules that ask for them say",
     "the complexity of the cases"),
    ("R3.rate", "Share of conditional cells triggered", "%", "R3 / (rows x conditional items that such a rule asks for)",
     "the complexity of the cases"),
    ("R4", "Errors to put right", "records", "failures of error rules, one a rule and record", _MISTAKES),
    ("R4.children", "{Subjects} with an error", "{subjects}", "distinct {subjects} of these records", _MISTAKES),
    ("R4.rate", "Errors per 100 {subjects}", "per 100 {subjects}", "R4 / {subjects} x 100", _LIST_OF_SINGLE),
    ("R4r", "Root causes", "cells", "smallest set of cells found that touches every failure", "the exact cause"),
    ("R5", "Queries", "queries", "issues of query rules", "that a query is an error"),
    ("R5.automatic", "Queries accepted automatically", "queries", "issues of rules that the collection accepts by itself",
     "that the rule is useless"),
    ("R5.noted", "Queries covered by notes", "queries", "issues of rules that one note for the return covers",
     "that a query is an error"),
    ("R5.notes", "Notes to write", "notes", "rules among them that found something", "that a query is an error"),
    ("R5.explain", "Queries to explain one by one", "queries", "R5 - R5.automatic - R5.noted",
     "that a query is an error"),
    ("R6.top5", "Share of the five most frequent rules", "%", "failures of the five / all failures", "who is at fault"),
    ("R6.rules80", "Rules that make up 80% of the failures", "rules", "the most frequent first", "who is at fault"),
    ("R7", "Records right first time", "%", "records without an error at the first submission / records",
     "the quality of practice"),
    ("R7.children", "{Subjects} right first time", "%",
     "{subjects} without an error at the first submission / {subjects}",
     "the quality of practice"),
    ("R8", "Errors fixable in bulk", "%", "failures of rules with a fix that follows from the return itself / R4",
     "that the fix is right without a look at it"),
    ("R9.changed", "Cells changed between submissions", "cells",
     "cells whose value differs on records of both, added up from each submission to the next",
     "waste: events that happened late change cells too"),
    ("R9.added", "Cells added between submissions", "cells", "cells filled in on records of both",
     "waste: events that happened late change cells too"),
    ("R9.removed", "Cells removed between submissions", "cells", "cells emptied on records of both",
     "waste: events that happened late change cells too"),
    ("R9.churn", "Cells changed, share of filled cells", "%", "R9.changed / filled cells of the earlier submissions",
     "waste: events that happened late change cells too"),
    ("R9.yield", "Issues resolved per cell edited", "ratio", "issues resolved / cells changed, added and removed",
     "waste: events that happened late change cells too"),
    ("R9.regress", "New issues introduced", "issues", "issues that the submission before did not have",
     "carelessness: added records bring their own"),
    ("R10", "Submissions", "loads", "earlier runs given and this one, or the days of submission given",
     "inefficiency: repeated loading is normal practice"),
    ("R10.late", "Submissions after the deadline", "loads", "submissions made later than the deadline",
     "inefficiency: repeated loading is normal practice"),
    ("R11", "Cells changed in earlier years", "%", "changed cells of records that ended before the period / R9.changed",
     "that the earlier return was poor"),
    ("R12.first", "First submission after the window opened", "days", "first submission - opening day",
     "that lateness is the authority's choice"),
    ("R12.deadline", "Sign-off after the deadline", "days", "sign-off - deadline; negative is early",
     "that lateness is the authority's choice"),
    ("R12.reference", "Sign-off after the reference date", "days", "sign-off - last day of the period",
     "that lateness is the authority's choice"),
    ("R12.event", "Sign-off after the event, median", "days", "median of sign-off - dates of events in the period",
     "that lateness is the authority's choice"),
    ("R12.event90", "Sign-off after the event, nine in ten within", "days", "90th percentile of the same",
     "that lateness is the authority's choice"),
    ("R12r", "Recording lag", "days", "time of recording - date of the event",
     "anything, where times of recording are absent or loaded in bulk"),
    ("R13.fixed", "Hours: fixed effort", "hours", "A9", _MEASURED),
    ("R13.errors", "Hours: errors", "hours", "R4 x (1 - A6) x A5 / 60", _MEASURED),
    ("R13.queries", "Hours: queries", "hours", "R5.explain x A7 / 60 + R5.notes x A8 / 60", _MEASURED),
    ("R13.rework", "Hours: further submissions", "hours", "(R10 - 1) x A10", _MEASURED),
    ("R13.hours", "Hours in all", "hours", "sum of the four", _MEASURED),
    ("R13.burden", "Hours due to the return alone", "hours", "R13.hours x (1 - A14)", _MEASURED),
    ("R13.cost", "Cost", "pounds", "R13.hours x A1 + A13", f"a measured cost, or {_NOT_ADDED}"),
    ("R13.change", "One-off hours for the changes of this version", "hours", "items added or redefined x A11",
     "what the supplier charges, or training"),
    ("R13.frontline", "Hours of recording at the front line, by your own figure", "hours", "R1 x A15 / 60",
     "a part of the hours or cost above, or what returns cause: most of it is recorded for practice"),
    ("R14.cost", "Published cost of a return", AS_PUBLISHED, "A2, as published", "this authority's actual cost"),
    ("R14.hours", "Published cost in hours", "hours", "A2 / central A1", "this authority's actual time"),
    ("R15.hours", "Avoidable hours", "hours", "R13 terms of the rules you named as avoidable",
     "that it can be avoided next year"),
    ("R15", "Avoidable share", "%", "R15.hours / R13.hours", "that it can be avoided next year"),
    ("R16.hours_per_child", "Hours per {subject}", "hours per {subject}", "R13.hours / {subjects}", _LIST_OF_SINGLE),
    ("R16.hours_per_1000", "Hours per 1,000 data points", "hours per 1,000 values", "R13.hours / R1 x 1,000",
     _LIST_OF_SINGLE),
    ("R16.cost_per_child", "Cost per {subject}", "pounds per {subject}", "R13.cost / {subjects}", _LIST_OF_SINGLE),
    ("R16.points_per_child", "Data points per {subject}", "values per {subject}", "R1 / {subjects}", _LIST_OF_SINGLE),
    ("H.logged", "Hours logged", "hours", "as you logged them", "the hours of other authorities"),
    ("H.calibration", "Logged hours over estimated hours", "ratio", "hours logged / R13.hours",
     "that the estimate was rescaled: it was not"),
    ("children", "{Subjects} in the return", "{subjects}", "distinct {subject} identifiers of its tables",
     "a published count: definitions differ"),
    ("records", "Records in the return", "records", "rows of its tables", _TYPING),
)  # fmt: skip
"""Metrics of one return, by id."""

_NOT_COST = "cost: a count of changes is no measure of effort"
_EITHER = "that either copy can be dropped: same name is not same meaning, and a person must confirm each link"
_UNNECESSARY = "that the item is unnecessary: safeguarding, inspection, funding and research are outside the map"
_VALUE = "the value of the item to practice, inspection and research"
_EXTRACTED = "effort: most values are extracted, not typed"

STANDARD_METRICS = _metrics(
    ("S1", "Items", "items", "columns that are neither identifiers nor copies",
     "that more items mean more recording work"),
    ("S1.key", "Identifiers", "items", "identifiers, each where it first stands",
     "that more items mean more recording work"),
    ("S1.repeat", "Repeated columns", "items",
     "identifiers in {subject} tables, and copies of items of the {subject}'s own record",
     "that more items mean more recording work"),
    ("S1.tables", "Tables", "tables", "tables of the year", "that more items mean more recording work"),
    ("S1.columns", "Columns", "columns", "columns supplied, over all tables", "that more items mean more recording work"),
    ("S1.names", "Distinct column names", "names", "names of these columns, each once",
     "that more items mean more recording work"),
    ("S2.always", "Needed in every row", "%", "items that a blank of is always a fault / S1", "difficulty for staff"),
    ("S2.conditional", "Needed under a condition", "%",
     "items with a condition, or that a rule asks for in some rows / S1", "difficulty for staff"),
    ("S2.optional", "No condition recorded", "%", "all others / S1", "difficulty for staff"),
    ("S2.terms", "Terms of a condition, mean", "items", "other items that the rules asking for a conditional item concern",
     "difficulty for staff"),
    ("S3", "Rules", "rules", "rules in force, our own checks of structure left out", "the quality of the rules"),
    ("S3.errors", "Rules that are errors", "%", "error rules / S3", "the quality of the rules"),
    ("S3.queries", "Rules that are queries", "%", "query rules / S3", "the quality of the rules"),
    ("S3.per_item", "Rules to an item, mean", "rules", "rules that concern an item, mean over the items of S1",
     "the quality of the rules"),
    ("S3.tables", "Rules over several tables", "%", "rules that read more than one table / S3", "the quality of the rules"),
    ("S3.years", "Rules that compare with the earlier return", "%", "rules that read it / S3",
     "the quality of the rules"),
    ("S4", "Codes", "codes", "sum over coded items of the codes in force", "that long lists are wrong"),
    ("S4.items", "Coded items", "items", "items with a code set", "that long lists are wrong"),
    ("S4.mean", "Codes to a coded item, mean", "codes", "S4 / S4.items", "that long lists are wrong"),
    ("S4.long", "Items with more than 20 codes", "items", "coded items with more than 20 codes",
     "that long lists are wrong"),
    *(
        (f"S5.{kind}s_{step}", f"{kind.capitalize()}s {step} since the version before", f"{kind}s",
         f"{kind}s {step}, from the difference between the two versions", _NOT_COST)
        for kind in ("item", "code", "rule")
        for step in ("added", "removed", "changed")
    ),
    ("S5.gross", "Items added, removed or redefined", "items", "sum of the three", _NOT_COST),
    ("S5.net", "Items, net", "items", "added - removed", _NOT_COST),
    ("S5.churn", "Churn of items", "%", "S5.gross / items of the version before", _NOT_COST),
    ("S5.index", "Change index", "index", "items x A19 + codes x A20 + rules x A21, gross", _NOT_COST),
    ("S5h", "One-off hours of an authority", "hours", "(items added + redefined) x A11",
     "what the supplier charges, or training"),
    ("S5h.national", "One-off hours of all authorities", "hours", "S5h x A16", "what suppliers charge, or training"),
    ("S5n", "Notice", "days", "first day of the period - day the specification was published",
     "that the notice was adequate"),
    ("S5n.spare", "Notice beyond six months", "days", "S5n - 183; negative is too short", "that the notice was adequate"),
    ("S5n.lead", "Lead time of suppliers", "days", "A12 x 365.25 / 12", "that every supplier needs so long"),
    ("S6", "Concepts asked for more than once", "%",
     "(sum of the concepts of each installed collection - distinct ones) / sum", _EITHER),
    ("S6.shared", "Concepts another collection holds too", "concepts",
     "concepts of this standard that some other collection, installed or not, has items for", _EITHER),
    ("S6.single", "Concepts of this collection alone", "concepts", "concepts no other collection has items for", _EITHER),
    ("S7.indicator", "Items an indicator needs", "items", "items among the inputs of at least one indicator", _UNNECESSARY),
    ("S7.enabling", "Items that link or group {subjects}", "items",
     "no indicator needs them, but {subjects} are linked or grouped by them", _UNNECESSARY),
    ("S7.published", "Items with another reason recorded", "items", "neither, but a reason is recorded with the item",
     _UNNECESSARY),
    ("S7.validation_only", "Items used in rules alone", "items", "none of these, but a rule over several items reads them",
     _UNNECESSARY),
    ("S7.none_recorded", "Items with no recorded use", "items", "all others", _UNNECESSARY),
    ("S8", "Indicators the standard serves", "indicators", "indicators that need at least one of its items", _VALUE),
    ("S8.most", "Indicators lost with one item, at most", "indicators", "largest number of indicators that need one item",
     _VALUE),
    ("S8.solo", "Indicators that lack one item alone", "indicators",
     "indicators of this collection whose only unmet need is one item that the year does not have", _VALUE),
    ("S9", "Values expected from England in a year", "values",
     "sum over items of rows expected x fill; fill is 1 where every row needs the item, else A22 or as given", _EXTRACTED),
    ("S10", "Values expected in a year, all submissions", "values", "S9 x submissions a year",
     "that frequent means heavier: automatic feeds cost little a run"),
    ("S11.cost", "Published cost to all authorities in a year", "pounds", "A2 x A16",
     "value for money, a saving, or a total for all returns"),
    ("S11.covered", "Share of England's {subjects} covered", "%", "{subjects} in the return / all {subjects} of England",
     "value for money"),
    ("S11.suppressed", "Cells of authorities that are suppressed", "%", "suppressed cells / cells published",
     "value for money"),
    ("S12.deadline", "Deadline after the reference date", "days", "deadline - last day of the period",
     "that the lag is caused by authorities"),
    ("S12.publication", "Publication after the reference date", "days", "publication - last day of the period",
     "that the lag is caused by authorities"),
    ("S12.age", "Publication after the first day of the period", "days", "publication - first day of the period",
     "that the lag is caused by authorities"),
)  # fmt: skip
"""Metrics of a standard, by id."""

_OWN_SIDE = "what suppliers charge, training, or recording at the front line"
_FUNDING = f"a funding decision; nor does it hold {_OWN_SIDE}"

CHANGE_METRICS = _metrics(
    *(
        (f"C.{kind}s_{step}", f"{kind.capitalize()}s {step}", f"{kind}s", f"{kind}s {step}", _NOT_COST)
        for kind in ("item", "code", "rule")
        for step in ("added", "removed", "changed")
    ),
    ("C.net", "Items, net", "items", "added - removed", _NOT_COST),
    ("C.churn", "Churn of items", "%", "items added, removed and redefined / items before", _NOT_COST),
    ("C.index", "Change index", "index", "items x A19 + codes x A20 + rules x A21, gross", _NOT_COST),
    ("C.hours", "One-off hours of an authority", "hours", "(items added + redefined) x A11", _OWN_SIDE),
    ("C.recurring_hours", "Recurring hours of an authority in a year", "hours", "net items x A18", _OWN_SIDE),
    ("C.oneoff", "One-off cost to all authorities", "pounds", "C.hours x A1 x A16", _FUNDING),
    ("C.recurring", "Recurring cost to all authorities in a year", "pounds", "C.recurring_hours x A1 x A16",
     _FUNDING),
    ("T7", "Net cost to all authorities over three years", "pounds", "C.oneoff + 3 x C.recurring", _FUNDING),
    ("C.values", "Values expected in a year, net", "values", "S9 of the new version - S9 of the old one", _EXTRACTED),
    ("C.duplicates", "Items added that another collection holds", "items",
     "items added or redefined whose concept another collection has items for", _EITHER),
    ("C.gained", "Indicators gained", "indicators",
     "indicators that can be worked out after but not before, and those a draft says it serves", _VALUE),
    ("C.lost", "Indicators lost", "indicators", "indicators that can be worked out before but not after", _VALUE),
    ("C.notice", "Notice", "days", "first day of the period - day the specification is published",
     "that the notice is adequate"),
    ("C.spare", "Notice beyond six months", "days", "C.notice - 183; negative is too short", "that the notice is adequate"),
    ("C.lead", "Lead time of suppliers", "days", "A12 x 365.25 / 12", "that every supplier needs so long"),
)  # fmt: skip
"""Metrics of a change, by id."""

CAVEATS = (
    "Estimates are not measured time: the minutes and hours assumed have no published source unless marked published.",
    "They leave out recording at the front line, and what suppliers charge unless A13 is given.",
    "They are not a ranking of authorities, not a saving, and not to be added to those of other returns.",
    "Low, central and high take every assumption at its low, central, high value: a wide range, no confidence interval.",
    "Fewer errors do not mean a cheaper process, and errors are neither harm to {subjects} nor mistakes of staff.",
)
"""What no burden figure may be read as; printed with every card, with the words for whom the return is about."""
