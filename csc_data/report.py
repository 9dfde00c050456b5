"""The report of one validation: issues, rules, and everything needed to trace them."""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from os import PathLike
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec

import pandas as pd

from csc_data.errors import sealed
from csc_data.files.writing import sparing
from csc_data.gaps import Gap
from csc_data.results.completeness import Scope, gaps_of, scope_of
from csc_data.results.issues import issues_table, rules_table
from csc_data.results.rule_results import RuleResult
from csc_data.returns.read import Return
from csc_data.returns.typed_return import TypedReturn
from csc_data.typed.columns import Positions
from csc_data.validation.engine import Engine

if TYPE_CHECKING:
    from csc_data.analysis.burden import Assumptions, Card, OwnValues
    from csc_data.analysis.comparison.compare import Comparable
    from csc_data.analysis.quality import Quality
    from csc_data.analysis.root_causes import RootCauses
    from csc_data.results.pseudonyms import Key, Pseudonyms

P = ParamSpec("P")


def _sparing_inputs(write: Callable[Concatenate[Report, P], None]) -> Callable[Concatenate[Report, P], None]:
    """A method that writes, and refuses to write over the files that the report is about."""

    @functools.wraps(write)
    def called(self: Report, /, *args: P.args, **kwargs: P.kwargs) -> None:
        with sparing(self.ret.inputs):
            write(self, *args, **kwargs)

    return called


@dataclass(eq=False)
class Report:
    """What a validation found.

    Attributes:
        ret: the return that was checked.
        issues: one row a flagged row; columns as ``csc_data.ISSUE_COLUMNS``.
        rules: one row a rule of the standard, run or not; columns as ``csc_data.RULE_COLUMNS``.
        reference: version of each kind of reference data that was used, by name.
        seconds: time taken by stage; nothing in a pseudonymised report.
        engine: what ran the rules, for analyses that ask a rule more.
        pseudonyms: those that stand for the identifiers of persons, if the report is pseudonymised.
        plain: the report before it was pseudonymised, for analyses that judge values and name nobody.
        plain_rows: by table, which row of ``plain`` each row of a pseudonymised report is.
    """

    ret: Return
    typed: TypedReturn
    results: Sequence[RuleResult]
    reference: dict[str, str]
    seconds: dict[str, float]
    engine: Engine
    pseudonyms: Pseudonyms | None = None
    plain: Report | None = None
    plain_rows: Mapping[str, Positions] = field(default_factory=dict)

    def __repr__(self) -> str:
        return f"<Report on {self.ret!r}, {len(self.results)} rules>"

    @cached_property
    @sealed
    def issues(self) -> pd.DataFrame:
        """One row a flagged row."""
        return issues_table(self.results, self.typed)

    @cached_property
    @sealed
    def rules(self) -> pd.DataFrame:
        """One row a rule."""
        return rules_table(self.results, self.issues, self.typed)

    @cached_property
    @sealed
    def gaps(self) -> tuple[Gap, ...]:
        """What was not checked, or cannot be trusted, the gravest first; while there is anything, this is no pass."""
        if self.plain is not None:
            from csc_data.results.pseudonymise import disguised_gaps

            return disguised_gaps(self.plain)
        return gaps_of(self.ret, self.typed, self.results)

    @cached_property
    @sealed
    def scope(self) -> Scope:
        """What the verdict does not speak of though nothing is amiss: tables without rows, rules that were not wanted."""
        return scope_of(self.ret, self.typed, self.results)

    @property
    def incomplete(self) -> bool:
        """Whether something was not checked or cannot be trusted, so that this is no pass."""
        return bool(self.gaps)

    @sealed
    def cells(self, issues: pd.DataFrame | None = None) -> pd.DataFrame:
        """The issues with one row a field, and the value as it was submitted (columns of ``issues``, field, value).

        Args:
            issues: some rows of ``issues``; all when left out.
        """
        chosen = self.issues if issues is None else issues
        cells = chosen.assign(field=chosen["fields"].astype("str").str.split(", ")).explode("field")
        cells = cells.drop(columns="fields").reset_index(drop=True)
        cells["value"] = self._values(cells)
        return cells

    def _values(self, cells: pd.DataFrame) -> pd.Series[str]:
        values = pd.Series(pd.NA, index=cells.index, dtype="string")
        for key, here in cells.groupby(["table", "field"], observed=True).indices.items():
            table, name = (str(part) for part in key)  # type: ignore[attr-defined]
            source = self.typed.sources[table]
            if source.supplied(name):
                rows = cells["row"].to_numpy()[here]
                values.iloc[here] = source.submitted.data.column(name).take(rows).to_pylist()
        return values

    @sealed
    def summary(self, *, fingerprints: bool = False) -> dict[str, Any]:
        """What was checked and how it came out, as JSON-ready data without any child-level value.

        Args:
            fingerprints: with the size and hash of every file, by which whoever guesses its content can test the guess.
        """
        from csc_data.results.summary import summarise

        return summarise(self, fingerprints=fingerprints)

    @sealed
    def quality(self) -> Quality:
        """Measure completeness, uniqueness, consistency, timeliness, validity and (by signs only) accuracy."""
        return self._quality

    @cached_property
    def _quality(self) -> Quality:
        from csc_data.analysis.quality import quality

        return quality(self.plain or self)

    @sealed
    def burden(
        self,
        assumptions: OwnValues | Assumptions | None = None,
        submissions: Sequence[Comparable] = (),
        hours_logged: float | None = None,
        signed_off: dt.date | None = None,
        avoidable: Collection[str] = (),
        submitted: Sequence[dt.date] = (),
    ) -> Card:
        """What the return takes to supply and put right: counts exactly, hours and cost as ranges.

        Args:
            assumptions: your own values in place of some of the package's: a TOML or CSV file, or values by identifier.
            submissions: the earlier submissions of the same return, first to last: reports, saved runs or their paths.
            hours_logged: hours logged for the return; shown beside the estimate.
            signed_off: the day the return was signed off.
            avoidable: codes of rules whose hits were explained as correct in the last two years, or that fail everywhere.
            submitted: the days of all submissions, this one included.

        Raises:
            UsageError: assumptions that cannot be used, unknown rule codes, hours logged that are not above 0, or
                submissions that are not of the same return.
            InputError: a saved run cannot be read.
        """
        from csc_data.analysis.burden import return_card

        return return_card(self, assumptions, submissions, hours_logged, signed_off, avoidable, submitted)

    @sealed
    @_sparing_inputs
    def to_exchange(self, path: str | PathLike[str], assumptions: OwnValues | Assumptions | None = None) -> None:
        """Write counts by rule and burden metrics for pooling with other authorities: JSON, and CSV beside it.

        No child, record or value is in it, and no count below 6 can be read off it or worked out from its totals.

        Args:
            path: the JSON file; the counts by rule are also written as CSV of the same name.
            assumptions: as for ``burden``.

        Raises:
            UsageError: as for ``burden``, or the folder cannot be written to.
        """
        from csc_data.analysis.sector.exchange import write_exchange

        write_exchange(self, path, assumptions)

    @sealed
    def pseudonymised(self, key: Key) -> Report:
        """The same report with keyed pseudonyms for persons, its records in another order; see ``csc_data.results.pseudonymise``.

        Nothing in it lets anybody without the key tell who is who: see the threat model for what stays.

        Args:
            key: file that holds the key and nothing else (32 or more characters), or ``Pseudonyms`` made before.

        Raises:
            UsageError: the file cannot be read or holds no good key.
        """
        from csc_data.results.pseudonymise import pseudonymised

        return pseudonymised(self, key)

    @sealed
    @_sparing_inputs
    def save(self, path: str | PathLike[str]) -> None:
        """Save the run in one file, whole or not at all, for ``compare``; see ``csc_data.results.runs``.

        The file holds the child identifiers of issues and records, and a hash of every value.
        """
        from csc_data.results.runs import Run

        Run.of(self).save(path)

    @sealed
    def timeliness(self, submitted: dt.date | None = None) -> pd.DataFrame:
        """Time events to the submission (the deadline, if its day is left out), and statutory processes."""
        from csc_data.analysis.timeliness import timeliness

        return timeliness(self.plain or self, submitted)

    @sealed
    def root_causes(self) -> RootCauses:
        """Put issues down to the few cells that many of them share."""
        return self._root_causes

    @cached_property
    def _root_causes(self) -> RootCauses:
        from csc_data.analysis.root_causes import root_causes

        if self.plain is not None:
            from csc_data.results.pseudonymise import disguised_causes

            return disguised_causes(self, self.plain.root_causes())
        return root_causes(self)

    @sealed
    @_sparing_inputs
    def to_csv(self, folder: str | PathLike[str]) -> None:
        """Write issues, rules, unreadable rows, quality, timeliness and causes as CSV files, all or none."""
        from csc_data.reporting.tables import write_csv

        write_csv(self, folder)

    @sealed
    @_sparing_inputs
    def to_parquet(self, folder: str | PathLike[str]) -> None:
        """Write the tables of ``to_csv`` as Parquet files, all or none."""
        from csc_data.reporting.tables import write_parquet

        write_parquet(self, folder)

    @sealed
    @_sparing_inputs
    def to_json(self, path: str | PathLike[str], *, include_values: bool = False) -> None:
        """Write the report under the published JSON Schema. Child identifiers and values only if asked for."""
        from csc_data.reporting.json_report import write_json

        write_json(self, path, include_values=include_values)

    @sealed
    @_sparing_inputs
    def to_excel(self, path: str | PathLike[str], *, complete_list: str = "") -> None:
        """Write the report as a workbook for whoever corrects the records: with child identifiers and values.

        Args:
            path: the file to write, whole or not at all.
            complete_list: name of the file beside it that holds every issue, should a sheet not hold them all.
        """
        from csc_data.reporting.excel import write_excel

        write_excel(self, path, complete_list=complete_list)

    @sealed
    @_sparing_inputs
    def to_html(
        self,
        path: str | PathLike[str],
        *,
        include_values: bool = False,
        previous_run: Comparable | None = None,
        complete_list: str = "issues.csv",
    ) -> None:
        """Write the report as one HTML file for people, which needs no network. It shows a sample of the rows.

        Args:
            path: the file to write, whole or not at all.
            include_values: show child identifiers and values, and say so on the first line.
            previous_run: an earlier run of the same return, to show what changed since; as for ``compare``.
            complete_list: name of the file that holds every issue, to which the report refers.

        Raises:
            UsageError, InputError: the previous run cannot be compared with this one, as for ``compare``.
        """
        from csc_data.reporting.html.page import write_html

        write_html(self, path, include_values=include_values, previous_run=previous_run, complete_list=complete_list)
