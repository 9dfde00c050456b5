"""The burden card of a standard: what it asks for, how that changed, who else asks for it, and what it is used for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

import pandas as pd

from csc_data.analysis.burden.assumptions import SCENARIOS, Assumptions, OwnValues, assumptions_from
from csc_data.analysis.burden.card import Card, CardTables
from csc_data.analysis.burden.changes import NOTICE_EXPECTED, changes, lead_time
from csc_data.analysis.burden.effort import NO_SENSITIVITY
from csc_data.analysis.burden.metrics import STANDARD_METRICS
from csc_data.analysis.burden.uses import (
    USES,
    duplication,
    held_concepts,
    lacking_single_item,
    others_holding,
    served,
    sum_and_union,
    use,
)
from csc_data.analysis.burden.volume import volumes
from csc_data.declare.collection import Standard
from csc_data.declare.rules import Rule
from csc_data.declare.slots import Slot, TableRef
from csc_data.declare.tables import Item
from csc_data.metadata.installed import concepts, indicators
from csc_data.metadata.shape import condition_terms, data_items, need, role, supplied_items
from csc_data.metadata.verification import in_a_line

LONG_LIST = 20
"""Codes above which a code list is counted as long."""

_USED = ("A2", "A11", "A12", "A16", "A17", "A19", "A20", "A21", "A22")


def standard_card(
    standard: Standard,
    assumptions: OwnValues | Assumptions | None = None,
    fill: Mapping[str, float] | None = None,
) -> Card:
    """Burden metrics S1 to S12 of a standard.

    Args:
        standard: the standard; it is compared with that of the year before.
        assumptions: the user's own values, as a file or by identifier; the package's hold for the others.
        fill: share of rows in which an item is filled, by "Table.ITEM", from 0 to 1, where it is known from returns.

    Raises:
        UsageError: assumptions that cannot be used, or a fill that is no share.
    """
    assumed = assumptions_from(assumptions)
    tables = CardTables(STANDARD_METRICS, standard.subject)
    items = data_items(standard)
    rules = [rule for rule in standard.rules.values() if rule.origin != "structure"]
    _count_items(standard, items, tables)
    _need(standard, items, tables)
    _rules(standard, items, rules, tables)
    _codes(standard, items, tables)
    _change(standard, assumed, tables)
    _shared(standard, tables)
    item_uses = {item.field: use(standard, item, indicators(), concepts()) for item in items}
    _uses(standard, item_uses, tables)
    volume = volumes(standard, assumed, fill or {})
    _volumes(standard, volume, tables)
    tables.estimate(
        "S11.cost", {scenario: assumed.value("A2", scenario) * assumed.value("A16", scenario) for scenario in SCENARIOS}
    )
    _days(standard, tables)
    return tables.card(
        f"Burden of a standard, {standard.collection.title}, {standard.id}",
        details={
            "by_item": _item_table(standard, items, rules, item_uses),
            "by_table": _table_table(standard, volume, assumed),
            "duplication": duplication(standard),
            "indicators_lacking_one_item": lacking_single_item(standard),
            "differences": _differences(standard),
        },
        assumptions=assumed.frame(_USED),
        sensitivity=NO_SENSITIVITY.copy(),
        notes=_notes(standard, volume),
    )


def _count_items(standard: Standard, items: list[Item], tables: CardTables) -> None:
    columns = list(supplied_items(standard))
    roles = Counter(role(standard, item) for item in columns)
    tables.count("S1", len(items))
    tables.count("S1.key", roles["key"])
    tables.count("S1.repeat", roles["repeat"])
    tables.count("S1.tables", len(standard.items))
    tables.count("S1.columns", len(columns))
    tables.count("S1.names", len({item.name for item in columns}))


def _need(standard: Standard, items: list[Item], tables: CardTables) -> None:
    needs = {item.field: need(standard, item) for item in items}
    counts = Counter(needs.values())
    tables.share("S2.always", counts["always"], len(items))
    tables.share("S2.conditional", counts["conditional"], len(items))
    tables.share("S2.optional", counts["optional"], len(items))
    conditional = [condition_terms(standard, item) for item in items if needs[item.field] == "conditional"]
    tables.share("S2.terms", sum(conditional), len(conditional), times=1, nothing="no item is conditional")


def _rules(standard: Standard, items: list[Item], rules: list[Rule], tables: CardTables) -> None:
    tables.count("S3", len(rules))
    severities = Counter(rule.severity for rule in rules)
    tables.share("S3.errors", severities["error"], len(rules), nothing="there is no rule")
    tables.share("S3.queries", severities["query"], len(rules), nothing="there is no rule")
    touching = sum(item.field in rule.fields for rule in rules for item in items)
    tables.share("S3.per_item", touching, len(items), times=1)
    read = [[TableRef.of(name) for name in standard.tables_read_by(rule)] for rule in rules]
    several = sum(len({table.name for table in each}) > 1 for each in read)
    tables.share("S3.tables", several, len(rules), nothing="there is no rule")
    last = sum(any(table.slot is Slot.PREVIOUS for table in each) for each in read)
    tables.share("S3.years", last, len(rules), nothing="there is no rule")


def _codes(standard: Standard, items: list[Item], tables: CardTables) -> None:
    lengths = [len(item.codes.at(standard.version)) for item in items if item.codes]
    tables.count("S4", sum(lengths))
    tables.count("S4.items", len(lengths))
    tables.share("S4.mean", sum(lengths), len(lengths), times=1, nothing="no item is coded")
    tables.count("S4.long", sum(length > LONG_LIST for length in lengths))


def _change(standard: Standard, assumed: Assumptions, tables: CardTables) -> None:
    last = standard.previous
    if last is None:
        names = [name for name in STANDARD_METRICS if name.startswith("S5") and not name.startswith("S5n")]
        for name in names:
            tables.absent(name, f"{standard.version} is the first year known")
    else:
        change = changes(last, standard)
        for kind in ("item", "code", "rule"):
            for step in ("added", "removed", "changed"):
                tables.count(f"S5.{kind}s_{step}", change.count(kind, step))
        tables.count("S5.gross", change.gross("item"))
        tables.count("S5.net", change.net_items)
        tables.share("S5.churn", change.gross("item"), change.items_before)
        tables.estimate("S5.index", {scenario: change.index(assumed, scenario) for scenario in SCENARIOS})
        hours = {scenario: change.items_to_build * assumed.value("A11", scenario) for scenario in SCENARIOS}
        tables.estimate("S5h", hours)
        tables.estimate(
            "S5h.national", {scenario: hours[scenario] * assumed.value("A16", scenario) for scenario in SCENARIOS}
        )
    published = standard.collection.burden.specification_published.get(standard.version)
    if published:
        notice = (standard.period.start - published.day).days
        tables.count("S5n", notice)
        tables.count("S5n.spare", notice - NOTICE_EXPECTED)
    else:
        for name in ("S5n", "S5n.spare"):
            tables.absent(name, f"the day the specification of {standard.id} was published is not recorded")
    tables.estimate("S5n.lead", lead_time(assumed))


def _shared(standard: Standard, tables: CardTables) -> None:
    total, union = sum_and_union(standard)
    tables.share("S6", total - union, total, nothing="no concept is recorded for the collection")
    held = held_concepts(standard)
    shared = sum(bool(others_holding(concept, standard.collection.id)) for concept in held)
    tables.count("S6.shared", shared)
    tables.count("S6.single", len(held) - shared)


def _uses(standard: Standard, item_uses: Mapping[str, str], tables: CardTables) -> None:
    counts = Counter(item_uses.values())
    for name in USES:
        tables.count(f"S7.{name}", counts[name])
    needed = served(standard)
    tables.count("S8", len({name for names in needed.values() for name in names}))
    tables.count("S8.most", max(map(len, needed.values()), default=0))
    tables.count("S8.solo", len(lacking_single_item(standard)))


def _volumes(standard: Standard, volume: pd.DataFrame, tables: CardTables) -> None:
    known = volume[volume["rows"].notna()]
    often = standard.collection.burden.submissions_a_year
    if known.empty:
        for name in ("S9", "S10"):
            tables.absent(name, "no published volume is recorded")
    else:
        tables.estimate("S9", {scenario: float(known[scenario].sum()) for scenario in SCENARIOS})
        if often:
            tables.estimate("S10", {scenario: float(known[scenario].sum()) * often for scenario in SCENARIOS})
        else:
            tables.absent("S10", "how often the return is sent in a year is not recorded")
    tables.absent(
        "S11.covered",
        f"the population of {standard.subject.plural} and who is in the return are not recorded with the standard",
    )
    tables.absent("S11.suppressed", "it needs the published tables of authorities, which are not part of the standard")


def _days(standard: Standard, tables: CardTables) -> None:
    known, period = standard.collection.burden, standard.period
    if due := standard.deadline:
        tables.count("S12.deadline", (due.day - period.end).days)
    else:
        tables.absent("S12.deadline", f"the deadline of {standard.id} is not recorded")
    published = known.statistics_published.get(standard.version)
    if published:
        tables.count("S12.publication", (published.day - period.end).days)
        tables.count("S12.age", (published.day - period.start).days)
    else:
        for name in ("S12.publication", "S12.age"):
            tables.absent(name, f"the day the figures of {standard.id} were published is not recorded")


def _item_table(standard: Standard, items: list[Item], rules: list[Rule], item_uses: Mapping[str, str]) -> pd.DataFrame:
    needed = served(standard)
    rows = []
    for item in items:
        held = concepts().of(item.field, standard.collection.id)
        rows.append(
            {
                "table": item.table,
                "item": item.name,
                "title": item.title,
                "need": need(standard, item),
                "rules": sum(item.field in rule.fields for rule in rules),
                "codes": len(item.codes.at(standard.version)) if item.codes else 0,
                "use": item_uses[item.field],
                "indicators_lost_without_it": len(needed[item.field]),
                "also_in": ", ".join(
                    dict.fromkeys(name for each in held for name in others_holding(each, standard.collection.id))
                ),
            }
        )
    return pd.DataFrame(rows)


def _table_table(standard: Standard, volume: pd.DataFrame, assumed: Assumptions) -> pd.DataFrame:
    """S11: per table, what is expected and what it serves, side by side; no score."""
    needed = served(standard)
    shown = volume.copy()
    shown["indicators_served"] = [
        len({name for field, names in needed.items() if field.partition(".")[0] == table for name in names})
        for table in volume["table"]
    ]
    share = volume["central"] / volume["central"].sum()
    for scenario in SCENARIOS:
        shown[f"cost_share_{scenario}"] = share * assumed.value("A2", scenario) * assumed.value("A16", scenario)
    return shown


def _differences(standard: Standard) -> pd.DataFrame:
    last = standard.previous
    if last is None:
        return pd.DataFrame(columns=["kind", "name", "change", "aspect", "old", "new"])
    return changes(last, standard).differences.to_frame()


def _notes(standard: Standard, volume: pd.DataFrame) -> tuple[str, ...]:
    unknown = volume.loc[volume["rows"].isna() & (volume["items"] > 0), "table"].tolist()
    due = standard.deadline
    notes = [
        due.note if due else "",
        "A link between items of two collections is a proposal to be confirmed by a person.",
        f"No published volume is recorded for {', '.join(unknown)}: they are in no expected number of values."
        if unknown
        else "",
        f"What the standard was checked against: {in_a_line(standard.verification)}",
    ]
    return tuple(note for note in notes if note)
