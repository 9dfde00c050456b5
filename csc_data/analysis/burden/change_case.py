"""The case for a change of a standard: what changes, what for, whether it is held elsewhere, what it costs, when."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import pandas as pd

from csc_data.analysis.burden.assumptions import SCENARIOS, Assumptions, OwnValues, Scenario, assumptions_from
from csc_data.analysis.burden.card import Card, CardTables
from csc_data.analysis.burden.changes import NOTICE_EXPECTED, Changes, changes, lead_time
from csc_data.analysis.burden.effort import NO_SENSITIVITY
from csc_data.analysis.burden.metrics import CHANGE_METRICS
from csc_data.analysis.burden.uses import computable, others_holding
from csc_data.analysis.burden.volume import volumes
from csc_data.declare.collection import Standard
from csc_data.declare.tables import Item
from csc_data.errors import UsageError
from csc_data.metadata.draft import Case, DraftStandard
from csc_data.metadata.installed import concepts, indicators
from csc_data.metadata.shape import need

YEARS_AHEAD = 3
"""Years over which the net cost of a new burden is assessed."""

_USED = ("A1", "A11", "A12", "A16", "A17", "A18", "A19", "A20", "A21", "A22")


@dataclass(frozen=True, eq=False)
class ChangeCase:
    """The case for a change.

    Attributes:
        old: the version before.
        new: the version after, or a draft.
        case: the reasons a draft gives; those of a version in force are blank.
        changes: what changes.
        card: counts and estimates; its details are items (each item added, removed or redefined), elsewhere (where their
            concepts are held already), indicators (gained and lost) and differences (old and new wording).
        notice: days of notice, None where the day of publication is not known.
        follows: changes that follow from those of a draft.
    """

    old: Standard
    new: Standard
    case: Case
    changes: Changes
    card: Card
    notice: int | None
    follows: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """The case as JSON-ready data; estimates to two significant figures."""
        return {
            "old": self.old.id,
            "new": self.new.id,
            "case": vars(self.case),
            "follows": list(self.follows),
            **self.card.to_dict(),
        }


def change_case(old: Standard, new: Standard, assumptions: OwnValues | Assumptions | None = None) -> ChangeCase:
    """The case for the change from one version of a standard to another.

    Args:
        old: the version before.
        new: the version after, or a draft over the old one.
        assumptions: the user's own values, as a file or by identifier.

    Raises:
        UsageError: the versions are not of one collection, or are the same; or assumptions that cannot be used.
    """
    if old.collection.id != new.collection.id:
        raise UsageError(f"{old.id} and {new.id} are not of one collection. Give two versions of the same.")
    if old.id == new.id:
        raise UsageError(f"{old.id} cannot be compared with itself. Give two versions, old and new, or a draft.")
    assumed = assumptions_from(assumptions)
    change = changes(old, new)
    notice = _notice(new)
    gained, lost = _indicators(old, new)
    items, elsewhere = _items(change), _elsewhere(change)
    tables = CardTables(CHANGE_METRICS, new.subject)
    _count(change, assumed, tables)
    _cost(change, assumed, tables)
    _values(change, assumed, tables)
    tables.count("C.duplicates", elsewhere["item"].nunique())
    tables.count("C.gained", len(gained))
    tables.count("C.lost", len(lost))
    _days(new, notice, assumed, tables)
    follows = tuple(new.follows) if isinstance(new, DraftStandard) else ()
    card = tables.card(
        f"Change of {old.collection.title}, {old.id} to {new.id}",
        details={
            "items": items,
            "elsewhere": elsewhere,
            "indicators": pd.DataFrame(
                [("gained", indicator) for indicator in gained] + [("lost", indicator) for indicator in lost],
                columns=["change", "indicator"],
            ),
            "differences": change.differences.to_frame(),
        },
        assumptions=assumed.frame(_USED),
        sensitivity=NO_SENSITIVITY.copy(),
        notes=(*_unestimated(change), *follows),
    )
    return ChangeCase(old, new, new.case if isinstance(new, DraftStandard) else Case(""), change, card, notice, follows)


def _count(change: Changes, assumed: Assumptions, tables: CardTables) -> None:
    for kind in ("item", "code", "rule"):
        for step in ("added", "removed", "changed"):
            tables.count(f"C.{kind}s_{step}", change.count(kind, step))
    tables.count("C.net", change.net_items)
    tables.share("C.churn", change.gross("item"), change.items_before)
    tables.estimate("C.index", {scenario: change.index(assumed, scenario) for scenario in SCENARIOS})


def _cost(change: Changes, assumed: Assumptions, tables: CardTables) -> None:
    once = {scenario: change.items_to_build * assumed.value("A11", scenario) for scenario in SCENARIOS}
    yearly = {scenario: change.net_items * assumed.value("A18", scenario) for scenario in SCENARIOS}
    rate = {scenario: assumed.value("A1", scenario) * assumed.value("A16", scenario) for scenario in SCENARIOS}
    tables.estimate("C.hours", once)
    tables.estimate("C.recurring_hours", _ordered(yearly))
    tables.estimate("C.oneoff", {scenario: once[scenario] * rate[scenario] for scenario in SCENARIOS})
    tables.estimate("C.recurring", _ordered({scenario: yearly[scenario] * rate[scenario] for scenario in SCENARIOS}))
    in_all = {scenario: (once[scenario] + YEARS_AHEAD * yearly[scenario]) * rate[scenario] for scenario in SCENARIOS}
    tables.estimate("T7", _ordered(in_all))


def _ordered(values: dict[Scenario, float]) -> dict[Scenario, float]:
    """Put a range in order: where items are taken away, the scenario of high burden saves most."""
    return dict(zip(SCENARIOS, sorted(values.values()), strict=True))


def _values(change: Changes, assumed: Assumptions, tables: CardTables) -> None:
    before, after = (volumes(version, assumed, {}) for version in (change.differences.old, change.differences.new))
    touched = {field.partition(".")[0] for fields in change.items.values() for field in fields}
    known = set(before.loc[before["rows"].notna(), "table"])
    if touched - known:
        tables.absent("C.values", f"no published volume is recorded for {', '.join(sorted(touched - known))}")
        return
    tables.estimate(
        "C.values",
        _ordered({scenario: float(after[scenario].sum() - before[scenario].sum()) for scenario in SCENARIOS}),
    )


def _days(new: Standard, notice: int | None, assumed: Assumptions, tables: CardTables) -> None:
    if notice is None:
        for name in ("C.notice", "C.spare"):
            tables.absent(name, f"the day the specification of {new.id} is published is not recorded")
    else:
        tables.count("C.notice", notice)
        tables.count("C.spare", notice - NOTICE_EXPECTED)
    tables.estimate("C.lead", lead_time(assumed))


def _notice(new: Standard) -> int | None:
    """Days from publication of the specification to the first day it holds for."""
    published: dt.date | None
    if isinstance(new, DraftStandard):
        published = new.published
    else:
        recorded = new.collection.burden.specification_published.get(new.version)
        published = recorded.day if recorded else None
    return (new.period.start - published).days if published else None


def _item(standard: Standard, field: str) -> Item:
    table, _, name = field.partition(".")
    return standard.items[table][name]


def _items(change: Changes) -> pd.DataFrame:
    rows = []
    for step in ("added", "removed", "changed"):
        standard = change.differences.old if step == "removed" else change.differences.new
        for field in change.items[step]:
            declared = _item(standard, field)
            rows.append(
                {
                    "change": step,
                    "item": field,
                    "title": declared.title,
                    "what": declared.definition,
                    "why": declared.why,
                    "needed": need(standard, declared),
                    "condition": declared.condition,
                    "indicators": ", ".join(_serves(standard, field)),
                }
            )
    columns = ["change", "item", "title", "what", "why", "needed", "condition", "indicators"]
    return pd.DataFrame(rows, columns=columns)


def _serves(standard: Standard, field: str) -> list[str]:
    """Titles of the indicators that need an item; for an item of a draft, those it says it would serve."""
    if isinstance(standard, DraftStandard) and field in standard.indicators_of:
        return [_title(indicator) for indicator in standard.indicators_of[field]]
    return [indicator.title for indicator in indicators().using(field, standard.collection.id)]


def _title(indicator: str) -> str:
    return indicators()[indicator].title if indicator in indicators() else indicator


def _elsewhere(change: Changes) -> pd.DataFrame:
    """Where other collections hold the concepts of items added or redefined."""
    new, collection, rows = change.differences.new, change.differences.new.collection.id, []
    for field in (*change.items["added"], *change.items["changed"]):
        held = list(concepts().of(field, collection))
        if isinstance(new, DraftStandard) and field in new.concept_of:
            held.append(concepts()[new.concept_of[field]])
        for concept in held:
            for other in others_holding(concept, collection):
                rows.append(
                    {
                        "item": field,
                        "concept": concept.title,
                        "collection": other,
                        "relation": concept.relation_between(collection, other) or concept.relation(other),
                        "held_as": ", ".join(concept.items(other)),
                    }
                )
    return pd.DataFrame(rows, columns=["item", "concept", "collection", "relation", "held_as"])


def not_looked_for(change: Changes) -> tuple[str, ...]:
    """Items added or redefined that hold no concept of the crosswalk, so that nothing can be said of other collections."""
    new, collection = change.differences.new, change.differences.new.collection.id
    named = new.concept_of if isinstance(new, DraftStandard) else {}
    fields = (*change.items["added"], *change.items["changed"])
    return tuple(field for field in fields if field not in named and not concepts().of(field, collection))


def _indicators(old: Standard, new: Standard) -> tuple[list[str], list[str]]:
    """Titles of the indicators gained and lost."""
    before, after = computable(old), computable(new)
    gained = [_title(indicator) for indicator in sorted(after - before)]
    if isinstance(new, DraftStandard):
        promised = [_title(indicator) for names in new.indicators_of.values() for indicator in names]
        gained = list(dict.fromkeys([*gained, *promised]))
    return gained, [_title(indicator) for indicator in sorted(before - after)]


def _unestimated(change: Changes) -> tuple[str, ...]:
    codes, rules = change.gross("code"), change.gross("rule")
    return (
        f"Changes of codes ({codes}) and of rules ({rules}) are in no hours: no figure is known of the work they cause.",
        "What suppliers charge is in no figure; ask them.",
    )
