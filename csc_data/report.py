"""The report of one validation, and ``validate``, which makes it: the face over the engine, the analyses and the writers."""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from os import PathLike
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TypeAlias

import pandas as pd

from csc_data.analysis.analyses import Analyses
from csc_data.declare.collection import Standard
from csc_data.errors import UsageError, of_the_caller, sealed
from csc_data.files.writing import sparing
from csc_data.reference.postcodes import Postcodes
from csc_data.reference.providers import Providers
from csc_data.results.outcome import Outcome
from csc_data.returns.given import Given
from csc_data.returns.identifier_forms import Identifiers, difference_in_form, identifiers_of
from csc_data.returns.read import Return, read
from csc_data.validation.engine import Engine
from csc_data.validation.run import Progress, codes_as_listed, engine_for, run_all, run_local, timed

if TYPE_CHECKING:
    from csc_data.analysis.burden.assumptions import Assumptions, OwnValues
    from csc_data.analysis.burden.card import Card
    from csc_data.analysis.comparison.compare import Comparable
    from csc_data.analysis.exchange.declared import Declared
    from csc_data.analysis.indicators import Benefit, Outside
    from csc_data.analysis.quality import Quality
    from csc_data.analysis.root_causes import RootCauses
    from csc_data.results.pseudonyms import Key
    from csc_data.results.work import Work


P = ParamSpec("P")

PathGiven: TypeAlias = "str | PathLike[str]"


def _sparing_inputs(write: Callable[Concatenate[Report, P], None]) -> Callable[Concatenate[Report, P], None]:
    """A method that writes, and refuses to write over the files that the report is about."""

    @functools.wraps(write)
    def called(self: Report, /, *args: P.args, **kwargs: P.kwargs) -> None:
        with sparing(self.ret.inputs):
            write(self, *args, **kwargs)

    return called


@dataclass(eq=False)
class Report(Outcome):
    """What a validation found, and what can be made of it.

    Attributes:
        ret: the return that was checked.
        typed: its tables, typed and linked.
        results: the result of every rule of the standard, then of every local rule.
        issues: one row a flagged row, those of local rules last; columns as ``csc_data.ISSUE_COLUMNS``.
        rules: one row a rule of the standard, then one a local rule, run or not; columns as ``csc_data.RULE_COLUMNS``.
        gaps: what was not checked, or cannot be trusted, the gravest first; with any of them this is no pass.
        reference: version of each kind of reference data that was used, by name.
        scope: what the verdict does not speak of though nothing is amiss.
        seconds: time taken by stage; nothing in a pseudonymised report.
        began: when the validation began, in UTC; nothing in a pseudonymised report.
        pseudonyms: those that stand for the identifiers of persons, if the report is pseudonymised.
        plain: the outcome before that, for analyses that judge values and name nobody.
        plain_rows: by table, which row of ``plain`` each row is.
        known_gaps: the gaps of ``plain``, in words that give nothing away.
        local_reference: version of each kind of reference data that a local rule used, by name.
        work: what people noted about the issues, if it was given.
        providers: the registered providers that were given.
        postcodes: the postcode directory that was given; None for the installed one.
        engine: what ran the rules, for analyses that ask a rule more; made again where it is not at hand.
    """

    providers: Providers | None = field(default=None, repr=False)
    postcodes: Postcodes | None = field(default=None, repr=False)
    engine: Engine | None = field(default=None, repr=False)

    def __repr__(self) -> str:
        return f"<Report on {self.ret!r}, {len(self.results)} rules>"

    def __getstate__(self) -> dict[str, Any]:
        """What another process needs: neither the engine nor analyses, which are worked out again when asked for."""
        state = super().__getstate__()
        return {name: value for name, value in state.items() if name != "analyses"} | {"engine": None}

    @cached_property
    def analyses(self) -> Analyses:
        """Each analysis of the report, worked out once."""
        return Analyses((self.plain or self).official, self._engine, self.official)

    def _engine(self) -> Engine:
        if self.engine is None:
            ret = (self.plain or self).ret
            self.engine = engine_for(ret, self.providers, self.postcodes)
        return self.engine

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
        return self.analyses.quality

    @sealed
    def indicators(
        self,
        population: PathGiven | int | None = None,
        parameters: Mapping[str, str] | None = None,
        *,
        beside: Sequence[Report] = (),
        neighbours: PathGiven | None = None,
        published: Sequence[PathGiven] = (),
        breakdowns: Collection[str] | None = None,
    ) -> pd.DataFrame:
        """Every known indicator, worked out from the return or listed with the reason why not.

        One row an indicator, and one a category of each breakdown; columns ``INDICATOR_FIGURE_COLUMNS`` of
        ``csc_data.analysis.indicators``. Small numbers are not protected: for use within the authority.

        Args:
            population: children aged 0 to 17 in the area in the middle of the year before the period ends, for rates, or a
                file of them by authority (columns ``time_period``, ``new_la_code``, ``population``).
            parameters: options chosen where definitions leave a point open: ``{"temporary": "count"}``.
            beside: reports on returns of other collections, of the same authority and year.
            neighbours: the published table of statistical neighbours.
            published: files of published figures by authority, for the median of the neighbours.
            breakdowns: titles of the breakdowns wanted; every one when left out.

        Raises:
            UsageError: a parameter, option or breakdown that does not exist, a file that cannot be read, a population that
                is no number of children, or reports that do not belong together.
        """
        outside = self._outside(population, neighbours, published)
        return self.analyses.indicators(outside, parameters, [report.analyses for report in beside], breakdowns)

    @sealed
    def visibility(
        self,
        parameters: Mapping[str, str] | None = None,
        *,
        beside: Sequence[Report] = (),
        breakdowns: Sequence[str] | None = None,
    ) -> pd.DataFrame:
        """Which groups of children each percentage can speak of, and which differences could have been seen at all.

        One row an indicator and group; columns ``VISIBILITY_COLUMNS`` of ``csc_data.analysis.indicators``.

        Args:
            parameters, beside, breakdowns: as for ``indicators``.

        Raises:
            UsageError: as for ``indicators``.
        """
        return self.analyses.visibility(parameters, [report.analyses for report in beside], breakdowns)

    @sealed
    def benefit(
        self,
        population: PathGiven | int | None = None,
        parameters: Mapping[str, str] | None = None,
        *,
        beside: Sequence[Report] = (),
        neighbours: PathGiven | None = None,
        published: Sequence[PathGiven] = (),
    ) -> Benefit:
        """What the authority gets back: the published figures that the return feeds, and which issues damage them most.

        Args:
            population, parameters, beside, neighbours, published: as for ``indicators``.

        Raises:
            UsageError: as for ``indicators``.
        """
        outside = self._outside(population, neighbours, published)
        return self.analyses.benefit(outside, parameters, [report.analyses for report in beside])

    def _outside(
        self, population: PathGiven | int | None, neighbours: PathGiven | None, published: Sequence[PathGiven]
    ) -> Outside:
        from csc_data.analysis.indicators import Outside
        from csc_data.metadata.installed import indicators

        return Outside.read(indicators(), population, neighbours, published)

    @sealed
    def indicator_changes(
        self,
        population: PathGiven | int | None = None,
        previous_population: PathGiven | int | None = None,
        parameters: Mapping[str, str] | None = None,
    ) -> pd.DataFrame:
        """Every indicator beside the figure that last year's return gives now: columns ``CHANGE_COLUMNS``.

        Args:
            population: as for ``indicators``.
            previous_population: the same for the year before; a file of several years is one for both.
            parameters: as for ``indicators``.

        Raises:
            UsageError: last year's return was not given, or as for ``indicators``.
        """
        before = population if previous_population is None and not isinstance(population, int) else previous_population
        return self.analyses.indicator_changes(
            self._outside(population, None, ()), self._outside(before, None, ()), parameters
        )

    @sealed
    def records_in_doubt(self, indicator: str, parameters: Mapping[str, str] | None = None) -> pd.DataFrame:
        """The records counted towards an indicator that are unknown or have an error: columns ``IN_DOUBT_COLUMNS``.

        It names children as they were submitted: for whoever corrects the records.

        Args:
            indicator: name of the indicator.
            parameters: as for ``indicators``.

        Raises:
            UsageError: the indicator is not worked out from this return, or the report is under pseudonyms.
        """
        if self.pseudonyms is not None:
            raise UsageError("A report under pseudonyms lists no records of children. Ask the report it was made from.")
        return self.analyses.records_in_doubt(indicator, parameters)

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
        return self.analyses.burden(assumptions, submissions, hours_logged, signed_off, avoidable, submitted)

    @sealed
    @_sparing_inputs
    def to_exchange(
        self,
        path: str | PathLike[str],
        assumptions: OwnValues | Assumptions | None = None,
        declared: Declared | None = None,
        sent: PathGiven | None = None,
    ) -> None:
        """Write counts by rule, item and indicator and burden metrics for pooling with other authorities, as one JSON file.

        No child, record or value is in it, and no count below 6 can be read off it or worked out from all that it shows.

        Args:
            path: the JSON file.
            assumptions: as for ``burden``.
            declared: the supplier of the system and what else the authority says of the return; unsaid when left out.
            sent: the exchange file of an earlier state of the return that others hold: counts that would tell beside it how
                few records were put right are hidden.

        Raises:
            UsageError: as for ``burden``, ``sent`` is no exchange file, or the folder cannot be written to.
        """
        from csc_data.analysis.exchange.exchange_file import write_exchange

        write_exchange((self.plain or self).official, self.analyses, path, assumptions, declared, sent)

    @sealed
    def pseudonymised(self, key: Key) -> Report:
        """The same report with keyed pseudonyms for persons, its records in another order.

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
        return self.analyses.timeliness(submitted)

    @sealed
    def root_causes(self) -> RootCauses:
        """Put issues down to the few cells that many of them share."""
        return self.analyses.root_causes

    @sealed
    @_sparing_inputs
    def to_csv(self, folder: str | PathLike[str]) -> None:
        """Write issues, rules, unreadable rows, quality, timeliness and causes as CSV files, all or none."""
        from csc_data.reporting.tables import write_csv

        write_csv(self, self.analyses, folder)

    @sealed
    @_sparing_inputs
    def to_parquet(self, folder: str | PathLike[str]) -> None:
        """Write the tables of ``to_csv`` as Parquet files, all or none."""
        from csc_data.reporting.tables import write_parquet

        write_parquet(self, self.analyses, folder)

    @sealed
    def to_dict(self, *, include_values: bool = False) -> dict[str, Any]:
        """The report as ``to_json`` writes it, as JSON-ready data."""
        from csc_data.reporting.json_report import document

        return document(self, self.analyses, include_values=include_values)

    @sealed
    @_sparing_inputs
    def to_json(self, path: str | PathLike[str], *, include_values: bool = False) -> None:
        """Write the report under the published JSON Schema. Child identifiers and values only if asked for."""
        from csc_data.reporting.json_report import write_json

        write_json(self, self.analyses, path, include_values=include_values)

    @sealed
    @_sparing_inputs
    def to_excel(
        self,
        path: str | PathLike[str],
        *,
        include_values: bool = False,
        previous_run: Comparable | None = None,
        complete_list: str = "",
    ) -> None:
        """Write the report as a workbook for whoever corrects the records: a worklist, with child identifiers.

        Its columns State, Owner, Note and Explanation hold what the work says of each issue, and are read back by
        ``csc_data.results.worklist_import.import_worklist``; a pseudonymised report has none of them.

        Args:
            path: the file to write, whole or not at all.
            include_values: show the values of flagged cells as they were submitted.
            previous_run: an earlier run of the same return, to mark what is new and list what is gone; as for ``compare``.
            complete_list: name of the file beside it that holds every issue, should a sheet not hold them all.

        Raises:
            UsageError, InputError: the previous run cannot be compared with this one, as for ``compare``.
        """
        from csc_data.reporting.excel import write_excel

        write_excel(
            self,
            self.analyses,
            path,
            include_values=include_values,
            previous_run=previous_run,
            complete_list=complete_list,
        )

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

        write_html(
            self,
            self.analyses,
            path,
            include_values=include_values,
            previous_run=previous_run,
            complete_list=complete_list,
        )


@sealed
def validate(
    given: Return | Given,
    standard: Standard | str | None = None,
    *,
    previous: Given | None = None,
    authority: str | int | None = None,
    period: tuple[dt.date, dt.date] | None = None,
    providers: Providers | str | PathLike[str] | Sequence[str | PathLike[str]] | None = None,
    postcodes: Postcodes | None = None,
    work: Work | str | PathLike[str] | None = None,
    only: Collection[str] = (),
    skip: Collection[str] = (),
    workers: int | None = None,
    progress: Progress | None = None,
) -> Report:
    """Check a return against its standard.

    Args:
        given: a ``Return`` from ``read``, or what ``read`` takes.
        standard: the standard or its name; taken from the return when ``given`` is one, worked out when left out.
        previous: last year's return, as for ``read``.
        authority: as for ``read``.
        period: as for ``read``.
        providers: the registered providers, or the file or files of the published lists.
        postcodes: the postcode directory to use instead of the installed one.
        work: what people noted about the issues of earlier checks, or its file; shown beside them, and nothing else.
        only: run these rules alone; the others are listed as skipped.
        skip: do not run these rules; they are listed as skipped.
        workers: threads that run rules; by default one, and for a return of many rows one a core. The result is the same.
        progress: called with how far the work is; an exception that it raises ends the work and comes back as it is.

    Raises:
        UsageError: unknown standard, authority, or rule code, or a work file of another return.
        InputError: what was given cannot be read.
        UnexpectedError: csc-data failed; as of every public function.
    """
    only, skip = ([codes] if isinstance(codes, str) else codes for codes in (only, skip))
    began, seconds = dt.datetime.now(dt.UTC), dict[str, float]()
    tell = of_the_caller(progress) if progress else _nobody
    tell(0, 0, "reading the return")
    with timed(seconds, "read"):
        ret = (
            given
            if isinstance(given, Return)
            else read(given, standard, previous=previous, authority=authority, period=period)
        )
        lists = providers if isinstance(providers, Providers) or providers is None else Providers.read(providers)
    if lists is not None:
        ret = _beside_providers(ret, lists)
    noted = _work_of(work) if isinstance(work, str | PathLike) else work
    if noted is not None:
        noted.refuse_other_return(ret)
    only, skip = (codes_as_listed(ret.standard, codes) for codes in (only, skip))
    tell(0, 0, f"linking the records of each {ret.standard.subject.singular}")
    with timed(seconds, "link"):
        engine = engine_for(ret, lists, postcodes, tell)
    with timed(seconds, "rules"):
        results = run_all(engine, list(ret.standard.rules.values()), only, skip, tell, workers)
        local, local_reference = run_local(ret, engine.typed, only, skip, tell, lists, postcodes)
    report = Report(
        ret,
        engine.typed,
        [*results, *local],
        engine.reference_used,
        seconds,
        local_reference=local_reference,
        providers=lists,
        postcodes=postcodes,
        engine=engine,
        began=began,
        work=noted,
    )
    tell(0, 0, "listing the issues")
    with timed(seconds, "issues"):
        report.rules  # noqa: B018  laid out here so that its time is counted
    return report


def _beside_providers(ret: Return, lists: Providers) -> Return:
    """The return with what is to be said of the lists of providers, and of its own numbers of providers beside them."""
    supplied = replace(ret.supplied, notes=[*ret.supplied.notes, *lists.notes], gaps=[*ret.supplied.gaps])
    name, _, item = ret.standard.collection.provider_item.partition(".")
    used = identifiers_of(supplied, ret.standard, name, item)
    if used:
        supplied.record(difference_in_form(used, Identifiers("the lists of providers", "", frozenset(lists.by_urn))))
    return replace(ret, supplied=supplied)


def _work_of(path: str | PathLike[str]) -> Work:
    from csc_data.results.work import Work

    return Work.read(path)


def _nobody(done: int, steps: int, what: str) -> None:
    """Who hears of the progress when nobody asked."""
