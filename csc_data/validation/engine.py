"""Runs the rules of a standard over a typed return. Knows no particular collection."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from threading import RLock
from typing import Any

import numpy as np

from csc_data.declare.collection import Standard
from csc_data.declare.form_rules import EMPTY_TEXT, REFUSED
from csc_data.declare.json_form import UNREAD_VALUES, FormFault, JsonForm
from csc_data.declare.rules import CONTEXT, Parameter, Rule, View
from csc_data.declare.slots import Slot, TableRef
from csc_data.declare.tables import CellCheck, Item, cell_checks
from csc_data.errors import position_of
from csc_data.reasons import NotRunError, Reason, SkipReason
from csc_data.results.rule_results import FlaggedRows, RuleResult
from csc_data.returns.typed_return import SourceTable, TypedReturn
from csc_data.typed.columns import Mask, Positions, Words
from csc_data.typed.rows import SUBJECT, Flags, NotSuppliedError, Rows, number_combinations


class Engine:
    """Runs rules one by one; tables, views and reference data are worked out once and shared.

    Args:
        standard: the standard whose rules are run.
        typed: the typed return.
        context: a function a parameter name of ``CONTEXT``, called on first use; it raises ``NotSuppliedError``, with the
            reason, when the call did not provide the thing.
        reference_used: filled with the version of each kind of reference data that a rule really used.
        views: views that rules may name in addition to those of the collection.
    """

    def __init__(
        self,
        standard: Standard,
        typed: TypedReturn,
        context: Mapping[str, Callable[[], Any]],
        reference_used: dict[str, str],
        views: Mapping[str, View] | None = None,
    ) -> None:
        self._standard, self.typed, self._context = standard, typed, context
        self._views = {**(views or {}), **standard.collection.views}
        self.reference_used = reference_used
        self._known: dict[str, Any] = {}
        self._unfit_cells: dict[tuple[str, str, str], Mask] = {}
        self._finding = RLock()

    def run(self, rule: Rule) -> RuleResult:
        """Run one rule. Whatever happens in it, the result says so."""
        started = time.perf_counter()
        try:
            if rule.form_fault:
                result = self._report_faults(rule)
            else:
                result = self._check_cells(rule) if rule.cells else self._call(rule)
        except NotRunError as error:
            result = RuleResult(rule, "skipped", error.reasons)
        except Exception as error:
            result = RuleResult(rule, "crashed", (SkipReason.CRASHED(position=position_of(error)),))
        return replace(result, seconds=time.perf_counter() - started)

    def _call(self, rule: Rule) -> RuleResult:
        assert rule.function is not None
        values = self.given(rule.parameters)
        judged = self._judged(rule, values)
        if self._nothing_to_judge(rule, judged):
            return RuleResult(rule, "not_applicable", (SkipReason.NO_ROWS(tables=rule.tables, alternatives=True),))
        outcome = rule.function(**values, **rule.constants)
        if judged is not None and not len(judged) and not isinstance(outcome, Flags):
            return RuleResult(rule, "not_applicable", (SkipReason.NO_ROWS(tables=(judged.table.name,)),))
        flags = outcome if isinstance(outcome, Flags) else _first_rows(judged).flag(_mask(outcome, judged))
        flagged = tuple(self._flagged(rule, flags))
        checked = {TableRef.of(table.name): table.length for table in flags.tables()}
        if not checked and judged is not None:
            checked = {TableRef.of(judged.table.name): len(judged)}
        return RuleResult(rule, "failed" if flagged else "passed", checked=checked, flagged=flagged)

    def flagged_if_blank(self, rule: Rule, table: str, item: str) -> Mask:
        """Rows of a table that a rule would report if every cell of an item were blank: where the rule asks for it.

        Views are taken as they are, so a condition that rests on the item through a view keeps its real value.

        Raises:
            NotSuppliedError: the rule, or the item, cannot be taken from the return.
        """
        assert rule.function is not None
        rows = self._table(table)
        blanked = Rows(rows.table.with_blank(item))
        given = self.given(rule.parameters)
        values = {name: blanked if value is rows else value for name, value in given.items()}
        outcome = rule.function(**values, **rule.constants)
        judged = self._judged(rule, given)
        flags = outcome if isinstance(outcome, Flags) else _first_rows(judged).flag(_mask(outcome, judged))
        flagged = np.zeros(len(rows), dtype=bool)
        for reported, positions in flags.tables().items():
            if reported.name == table:
                flagged[positions] = True
        return flagged

    def given(self, parameters: Iterable[Parameter]) -> dict[str, Any]:
        """What parameters name: tables, views, reference data.

        Raises:
            NotSuppliedError: one of them cannot be taken from the return or the call.
        """
        return {parameter.name: self._resolve(parameter) for parameter in parameters}

    def _nothing_to_judge(self, rule: Rule, judged: Rows | None) -> bool:
        """Whether every supplied table the rule concerns is empty."""
        rows = [self.typed.rows[name] for name in rule.tables if name in self.typed.rows]
        return judged is not None and not len(judged) and not any(len(table) for table in rows)

    def _judged(self, rule: Rule, values: Mapping[str, Any]) -> Rows | None:
        """The rows of the table named by the rule's first field, or of its first table parameter."""
        named = self.typed.rows.get(rule.tables[0]) if rule.tables else None
        given = [value for value in values.values() if isinstance(value, Rows)]
        return named if named is not None else next(iter(given), None)

    def _resolve(self, parameter: Parameter) -> Any:
        try:
            return self._value(parameter.table or parameter.name)
        except NotSuppliedError:
            if parameter.optional:
                return None
            raise

    def _value(self, name: str) -> Any:
        """What a parameter names. A thing that is absent stays absent: the reason is remembered too."""
        with self._finding:  # rules in other threads wait for a view rather than work it out again
            if name not in self._known:
                try:
                    self._known[name] = self._find(name)
                except NotSuppliedError as error:
                    self._known[name] = error
        value = self._known[name]
        if isinstance(value, NotSuppliedError):
            raise NotSuppliedError(*value.reasons)
        return value

    def _find(self, name: str) -> Any:
        if name in CONTEXT:
            return self._context[name]()
        view = self._views.get(name)
        if isinstance(view, View):
            return view.function(**self.given(view.parameters))
        return self._table(name)

    def _table(self, name: str) -> Rows:
        reference = TableRef.of_parameter(name, (model.__name__ for model in self._standard.collection.tables))
        if reference is None:
            raise KeyError(f"{name} names no table of {self._standard.collection.id}")
        earlier = self._standard.earlier
        if reference.slot is Slot.PREVIOUS and not self.typed.has_previous:
            raise NotSuppliedError(SkipReason.NO_PREVIOUS(none=earlier.none))
        if reference.slot is Slot.PREVIOUS and self.typed.previous_doubtful:
            raise NotSuppliedError(SkipReason.PREVIOUS_NOT_TRUSTED(called=earlier.name))
        if reference not in self.typed.rows:
            whose = reference.slot.whose(earlier)
            raise NotSuppliedError(SkipReason.TABLE_MISSING(reference, table=reference.name, whose=whose))
        return self.typed.rows[reference]

    def _flagged(self, rule: Rule, flags: Flags) -> Iterable[FlaggedRows]:
        for flagged, rows in flags.tables().items():
            if len(rows):
                table = TableRef.of(flagged.name)
                items = [field.partition(".")[2] for field in rule.fields if field.partition(".")[0] == table]
                rows = rows[~self._unfit(table, items, self._silencing(rule))[rows]]
                if rule.per != "row" and table in self._beside_unread:
                    rows = rows[~self._beside_unread[table][rows]]
                if not len(rows):
                    continue
                issues = self._issue_numbers(rule, self.typed.rows[table], rows)
                fields = np.zeros(len(rows), dtype=np.int32)
                yield FlaggedRows(table, rows, issues, fields, (", ".join(dict.fromkeys(items)),))

    def _unfit(self, table: TableRef, items: Iterable[str], checks: Iterable[str]) -> Mask:
        """Rows of a table of which one of the items does not fit the form of the payload: that alone is reported of it.

        Args:
            table: the table.
            items: the items.
            checks: the codes of the checks of form that count, beside what the reader could not take.
        """
        unfit = np.zeros(len(self.typed.sources[table]), dtype=bool)
        codes = list(checks)
        for item in items:
            unfit[self.typed.unread.get((table, item), [])] = True
            for code in codes:
                if check := self._checks_of_form.get(code, {}).get((table, item)):
                    unfit |= self._unfit_by(table, *check)
        return unfit

    @cached_property
    def _beside_unread(self) -> dict[TableRef, Mask]:
        """By table, the rows in lists of which the reader of a payload could not take an entry, or the whole.

        What a rule on several rows says of them may be due to the one that is lacking, which is reported.
        """
        form = self._standard.collection.form(JsonForm)
        lists: dict[tuple[str, str], set[int]] = {}
        for fault in self.typed.faults or ():
            if fault.kind in UNREAD_VALUES and not fault.item:
                lists.setdefault((fault.table, fault.at.split("/")[1]), set()).add(fault.row)
        masks: dict[TableRef, Mask] = {}
        for (holder, name), rows in lists.items():
            assert form is not None
            table = next(TableRef(Slot.THIS, layout.table) for layout in form.below(holder) if layout.property == name)
            above = self.typed.rows[TableRef(Slot.THIS, holder)]
            kind = holder if above.linked(holder) else SUBJECT
            masks[table] = np.isin(self.typed.rows[table].group(kind), above.group(kind)[sorted(rows)])
        return masks

    def _silencing(self, rule: Rule) -> Iterable[str]:
        """The checks of form that keep a rule from saying of a cell a second time what they say of it."""
        return () if rule.label == REFUSED else (code for code in self._checks_of_form if code != rule.code)

    @cached_property
    def _checks_of_form(self) -> dict[str, dict[tuple[str, str], tuple[Item, CellCheck]]]:
        """The checks of cells that follow from the form of a payload, but for what is absent: by code, table and item."""
        return {
            rule.code: {(item.table, item.name): (item, check) for item, check in rule.cells if check.fault != "blank"}
            for rule in self._standard.rules.values()
            if rule.label == REFUSED or rule.code == EMPTY_TEXT
        }

    def _unfit_by(self, table: TableRef, item: Item, check: CellCheck) -> Mask:
        """Rows of a table of which a check of form flags an item."""
        key = (check.code, table, item.name)
        if key not in self._unfit_cells:
            source = self.typed.sources[table]
            lacking = source.lacks(item.name)
            self._unfit_cells[key] = np.zeros(len(source), dtype=bool) if lacking else bad_cells(source, item, check)
        return self._unfit_cells[key]

    def _issue_numbers(self, rule: Rule, table: Rows, rows: Positions) -> Positions:
        """Rows of one issue get one number, by what the rule says an issue is; rows that nothing links, one each."""
        if rule.per == "return":
            return np.zeros(len(rows), dtype=np.int64)
        kind = SUBJECT if rule.per == self._standard.subject.singular else rule.per
        if rule.per == "row" or not (rule.per == "value" or table.linked(kind)):
            return _own_issues(rows)
        if rule.per == "value":
            column = table[rule.fields[0].partition(".")[2]]
            groups = column.codes.astype(np.int64) if isinstance(column, Words) else column.ranks()
        else:
            groups = table.group(kind)
        return np.where(groups[rows] >= 0, groups[rows], _own_issues(rows))

    def _report_faults(self, rule: Rule) -> RuleResult:
        """What the reader of a payload noticed of the kind that a rule is about."""
        if self.typed.faults is None:
            reason = SkipReason.NOT_IN_THIS_FORM(what="it", form="JSON")
            return RuleResult(rule, "not_applicable", (reason,))
        by_table = self._faults_by_kind.get(rule.form_fault, {})
        flagged = tuple(
            self._faulty_rows(rule, TableRef(Slot.THIS, table), by_row) for table, by_row in by_table.items()
        )
        rows = {name: len(source) for name, source in self.typed.sources.items() if name.of_this_return}
        return RuleResult(rule, "failed" if flagged else "passed", checked=rows, flagged=flagged)

    @cached_property
    def _faults_by_kind(self) -> dict[str, dict[str, dict[int, list[FormFault]]]]:
        """What the reader of a payload noticed: by kind, table and row."""
        kinds: dict[str, dict[str, dict[int, list[FormFault]]]] = {}
        for fault in self.typed.faults or ():
            rows = kinds.setdefault(fault.kind, {}).setdefault(fault.table, {})
            rows.setdefault(fault.row, []).append(fault)
        return kinds

    def _faulty_rows(self, rule: Rule, table: TableRef, by_row: Mapping[int, Sequence[FormFault]]) -> FlaggedRows:
        """The rows of a table with faults of a kind: where one of them stands, or the object in which several do."""
        rows = np.array(sorted(by_row), dtype=np.int64)
        said = [
            (
                ", ".join(dict.fromkeys(fault.item for fault in by_row[row] if fault.item)),
                by_row[row][0].at if len(by_row[row]) == 1 else "",
            )
            for row in rows.tolist()
        ]
        sets = {each: number for number, each in enumerate(dict.fromkeys(said))}
        fields = np.array([sets[each] for each in said], dtype=np.int32)
        issues = np.zeros(len(rows), dtype=np.int64) if rule.per == "return" else _own_issues(rows)
        items, at = zip(*sets, strict=True)
        return FlaggedRows(table, rows, issues, fields, items, at)

    def _check_cells(self, rule: Rule) -> RuleResult:
        by_table: dict[TableRef, list[tuple[Item, CellCheck]]] = {}
        for item, check in rule.cells:
            by_table.setdefault(TableRef(Slot.THIS, item.table), []).append((item, check))
        sources = {name: self.typed.sources[name] for name in by_table if name in self.typed.sources}
        checked = {
            name: [(item, check) for item, check in by_table[name] if not source.lacks(item.name)]
            for name, source in sources.items()
        }
        missing = _missing(by_table, sources)
        if not any(checked.values()):
            return RuleResult(rule, "skipped", missing)
        rows = {name: len(source) for name, source in sources.items() if checked[name]}
        parents = {name: parent for name, cells in checked.items() if (parent := self._parent_of_each(name, cells))}
        absent = [
            flagged_rows
            for name, parent in parents.items()
            if (flagged_rows := self._flag_absent(name, parent)) is not None
        ]
        if not any(rows.values()) and not absent:
            return RuleResult(rule, "not_applicable", (SkipReason.NO_ROWS(tables=tuple(sources)),))
        bad = [
            flagged_rows
            for name, source in sources.items()
            if (flagged_rows := self._flag_cells(rule, source, checked[name])) is not None
        ]
        flagged = (*bad, *absent)
        rows |= {parent: len(self.typed.rows[parent]) for parent in parents.values()}
        return RuleResult(rule, "failed" if flagged else "passed", missing, rows, flagged)

    def _flag_cells(self, rule: Rule, source: SourceTable, cells: list[tuple[Item, CellCheck]]) -> FlaggedRows | None:
        masks: dict[str, Mask] = {}
        for item, check in cells:
            bad = bad_cells(source, item, check)
            if self._checks_of_form:
                bad &= ~self._unfit(source.name, [item.name], self._silencing(rule))
            masks[item.name] = masks[item.name] | bad if item.name in masks else bad
        return _flag_cells(source, masks)

    def _parent_of_each(self, table: TableRef, cells: Sequence[tuple[Item, CellCheck]]) -> TableRef | None:
        """The table whose every row should have a row in a table, if that row has an item which must not be blank."""
        declared = self.typed.sources[table].model.declaration()
        parent = TableRef(Slot.THIS, declared.parent.__name__ if declared.parent else "")
        asked = any(check.fault == "blank" for _, check in cells)
        if not (declared.each and asked and parent in self.typed.rows):
            return None
        return parent if self.typed.rows[parent].linked() and self.typed.rows[table].linked() else None

    def _flag_absent(self, table: TableRef, parent: TableRef) -> FlaggedRows | None:
        """Rows of the parent that should have a row in a table and have none."""
        declared = self.typed.sources[table].model.declaration()
        above, below = self.typed.rows[parent], self.typed.rows[table]
        rows = np.flatnonzero((above.group() >= 0) & ~above.has_any_in(below))
        items = ", ".join(item for item in declared.key if above.has(item))
        return (
            FlaggedRows(parent, rows, _own_issues(rows), np.zeros(len(rows), np.int32), (items,)) if len(rows) else None
        )


def _own_issues(rows: Positions) -> Positions:
    """Every row an issue of its own: negative numbers, which meet neither those of groups nor those of other tables."""
    return -1 - rows


def _missing(
    by_table: Mapping[TableRef, list[tuple[Item, CellCheck]]], sources: Mapping[TableRef, SourceTable]
) -> tuple[Reason, ...]:
    """Why tables and columns cannot be judged, each once."""
    absent = [SkipReason.TABLE_MISSING(name, table=name) for name in by_table if name not in sources]
    lacking = [source.lacks(item.name) for name, source in sources.items() for item, _ in by_table[name]]
    return tuple(dict.fromkeys([*absent, *filter(None, lacking)]))


def _flag_cells(source: SourceTable, masks: Mapping[str, Mask]) -> FlaggedRows | None:
    """Rows with a bad cell, and which cells are bad; ``masks`` says by item which are."""
    if not masks:
        return None
    rows = np.flatnonzero(np.logical_or.reduce(list(masks.values())))
    if not len(rows):
        return None
    fields, _ = number_combinations(mask[rows] for mask in masks.values())
    _, firsts = np.unique(fields, return_index=True)
    field_sets = tuple(", ".join(name for name, mask in masks.items() if mask[row]) for row in rows[firsts])
    return FlaggedRows(source.name, rows, _own_issues(rows), fields.astype(np.int32), field_sets)


def bad_cells(source: SourceTable, item: Item, check: CellCheck) -> Mask:
    """Rows whose cell fails a check. Each distinct text is judged once; the answer is spread over the rows."""
    texts = source.encoded(item.name)
    absent_is_bad = check.fault == "blank"
    if not len(texts.distinct):
        return np.full(len(texts.positions), absent_is_bad)
    return texts.spread(~_in_form(source, item, check).good(texts.distinct), absent_is_bad)


def _in_form(source: SourceTable, item: Item, check: CellCheck) -> CellCheck:
    """The check as it is in the form in which the table was given."""
    own = source.items[item.name]
    if type(own.kind) is type(item.kind):
        return check
    return next((cell for cell in cell_checks(own, source.standard.version) if cell.code == check.code), check)


def _first_rows(judged: Rows | None) -> Rows:
    if judged is None:
        raise TypeError("a rule that returns a mask must name a table")
    return judged


def _mask(outcome: Any, judged: Rows | None) -> Mask:
    mask = np.asarray(outcome)
    if mask.dtype != bool or judged is None or len(mask) != len(judged):
        raise TypeError("a rule must return Flags, or a mask over the rows of the table of its first field")
    return mask
