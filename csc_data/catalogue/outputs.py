"""Writes the page on every file and column that comes out: ``python -m csc_data.catalogue.outputs DOCS``."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from csc_data.analysis.comparison.compare import CHILD_CHANGE_COLUMNS, NOT_COMPARED_COLUMNS, RULE_CHANGE_COLUMNS
from csc_data.analysis.comparison.issue_changes import ISSUE_CHANGE_COLUMNS
from csc_data.analysis.comparison.record_changes import RECORD_CHANGE_COLUMNS, TABLE_CHANGE_COLUMNS
from csc_data.analysis.indicators import (
    BENEFIT_COLUMNS,
    DAMAGE_COLUMNS,
    INDICATOR_FIGURE_COLUMNS,
    VISIBILITY_COLUMNS,
)
from csc_data.analysis.quality import NOT_MEASURED_COLUMNS, QUALITY_COLUMNS, QUALITY_MEASURES
from csc_data.analysis.root_causes import ROOT_CAUSE_COLUMNS
from csc_data.analysis.timeliness import TIMELINESS_COLUMNS
from csc_data.catalogue.publishing import publish
from csc_data.catalogue.tables import CHANGE_COLUMNS, CODE_COLUMNS, ITEM_COLUMNS
from csc_data.catalogue.tables import RULE_COLUMNS as CATALOGUE_RULE_COLUMNS
from csc_data.files.columns import Columns
from csc_data.files.identity import IDENTITY_COLUMNS
from csc_data.metadata.concepts import CONCEPT_COLUMNS
from csc_data.metadata.indicators import INDICATOR_COLUMNS
from csc_data.metadata.installed import collections
from csc_data.reporting import comparison, history, json_report, sector
from csc_data.reporting.tables import UNREADABLE_COLUMNS
from csc_data.reporting.worklist import ENTRY_COLUMNS
from csc_data.results import runs
from csc_data.results.issues import ISSUE_COLUMNS, RULE_COLUMNS
from csc_data.results.summary import ROW_COUNT_COLUMNS
from csc_data.results.worklist import WORK_COLUMNS
from csc_data.sector.own import OWN
from csc_data.synthetic.synthesise import FAULT_COLUMNS

_INTRODUCTION = """# What comes out

This page is made by `python -m csc_data.catalogue.outputs docs`; change what it is made from, not the page.

`csc-data validate PATH --out DIR --format LIST` writes these files, [all or none](#when-something-goes-wrong). CSV,
Parquet and JSON are complete: every rule with its status, every flagged row. The columns are closed sets: a column that is
added, renamed or dropped changes the number in the name of the format.

| format | files | holds |
|---|---|---|
| `html` | `report.html` | a report to read; issues are sampled and the complete list is named |
| `xlsx` | `report.xlsx` | a worklist, issue by issue: State, Owner, Note and Explanation are filled in and read back |
| `csv` | `issues.csv`, `rules.csv`, `unreadable.csv`, `row_counts.csv` | everything found; UTF-8, commas, \
one header row |
| | `causes.csv`, `quality.csv`, `not_measured.csv`, `timeliness.csv` | what follows from it; no child is named |
| `parquet` | `issues.parquet`, ... | the same tables, with types and, in every row, [which run](#which-run-a-table-is-of) \
it is of |
| `json` | `report.json` | the same tables and what was checked, under [a \
schema](../csc_data/reporting/report.schema.json) |
| `run` | `run.zip` | what `csc-data compare` needs to compare this submission with another |
| `exchange` | `exchange.json` | counts for pooling with other authorities, small ones hidden, under \
[a schema](../csc_data/analysis/exchange/exchange.schema.json); see [the exchange file](burden.md#the-exchange-file) |

`csc-data batch` keeps results and receipts of many submissions in a store, under [columns of its own](department.md) and \
[a schema](../csc_data/store/receipt.schema.json).

## Texts from outside

Names of files, columns, sheets and children, and submitted values, are shown as text and nothing else.

| output | what is done |
|---|---|
| terminal, messages | control characters, turns of direction, characters of no width and what is no \
character are written out (`\\x1b`, `\\u202e`); nothing is taken for colours or links |
| HTML (report, catalogue) | the same, and markup is escaped; the policy of the page lets only its own script \
and style act, by their hash, and nothing be fetched |
| workbook | every text is a text: no formula, link, date or number is made of it |
| CSV | a text that a spreadsheet would run as a formula (it begins with `=`, `+`, `-`, `@`, their wide \
forms, a tab or a line end) has a `'` before it |
| JSON, `run.zip` | as it is; what is not seen is escaped as JSON allows (`\\u202e`). On standard output JSON \
is ASCII |
| Parquet | as it is |
| Markdown of a case for change | as in the terminal; no HTML, link or picture of a draft |
| CSV and XML of `convert` | the return as it was submitted, for upload: do not open it in a spreadsheet. The \
command says how many cells begin as a formula does |

## What is never written over

Refused, with exit code 2, before anything is read or written:

| output | is not written over |
|---|---|
| of any command, and of `to_...` and `save` in Python | a file that is read for it, in whatever way it is \
named: another path, a link, letters of another case. Of a folder that is read these are the files in it, but for \
what csc-data itself left there |
| `convert` | anything; nor does it write into the folder that is read, or into one that already holds a file of one \
of the names that the standard has, in letters of any case: they would be read as one return |
| `synthesise` | anything but a return that it wrote there earlier and that was not changed since \
(`invented.json` beside it says so, with the SHA-256 of each file) |
| `work import`, and the work file of `app` | anything but a work file that nobody changed since it was read |
| `burden exchange`, `validate --format exchange` | anything but an exchange file of the same authority, collection \
and year |

What a shell writes (`> FILE`) is beyond the program.

## What convert says

`csc-data convert` reads back what it wrote, compares it with the return cell by cell, and checks both by every rule.
"Nothing was lost" means that all is the same: every row, what its cells mean to the rules, and every issue. Otherwise
the exit code is 1 and everything is listed:

| line | what it says |
|---|---|
| `not read` | a row that could not be read, with the reason: it is in neither form |
| `not kept` | a row that does not come back as it was, with file, line and reason: no record to hang on, a second \
row where the form has one, a value that the form holds once and that differs, characters that XML cannot hold, a \
date that only one of the forms reads |
| `not as it was` | rows that come back and were not there as they are |
| `rule` | issues that are found in one of the two and not in the other |
| `passed over` | columns and files that are not part of the return, as when it is checked; this alone is no loss |

Rules that only one of the two can be checked by, as the other lacks tables or columns, are named apart: an XML return
has every table, if without rows.

Cells are written as they were submitted. A date that is read in the form it comes from and would not be in the other
(a census in CSV with 14/06/2025, as XML has 2025-06-14) is written as the other has it; how many, is said. In XML rows
that hang on one record are told by the running number of the record; without it they are listed as not kept.

## When something goes wrong

The files of one run are written in a folder `.csc-data-....part` beside their places and put there at the end, all or none.

| what happens | what is left |
|---|---|
| the folder cannot be made or written to, a report is write-protected or is a folder, the disk is full at \
the start | reported before the work begins; exit code 2; nothing is written |
| the disk or quota is full on the way, the folder vanishes | the earlier files, whole; exit code 2 |
| one file cannot be replaced (open in another program) | those already replaced are put back; exit code 2. \
Should even that be refused, the message says where the earlier file is |
| Ctrl-C, or ended by the system | the earlier files, or, if it came at the very end, all new ones; \
exit code 3 |
| killed outright, or power fails | the earlier files, perhaps some of them new, and the folder \
`.csc-data-....part`. It does no harm, is never read, and the next run clears it after a day, unless earlier \
files are kept in it |
| two runs write into one folder | all files of the one or all of the other (on Windows: each file whole) |
| the folder holds a report of another collection, year or authority | refused, exit code 2: choose another folder |
| it holds reports of other files of the same return | written, and said on standard error |
| a report would replace a file of the return, or one beside it, that csc-data did not write | refused, exit code 2 |

A file that is replaced keeps its permissions; a new one has those of any new file. Of a link, the link is replaced and what
it points to left alone. Folders that were made are removed again if nothing comes into them.

## Who is named where

| output | child identifiers | submitted values |
|---|---|---|
| terminal, logs, messages of errors | never | never |
| `report.html`, `report.json`, `comparison.json` | only with `--include-values` | only with `--include-values` |
| `issues.*`, `worklist.*`, `compared_children.csv`, `compared_issues.csv`, `compared_records.csv` | yes | no |
| `report.xlsx` | yes | those of flagged cells with `--include-values`; without it \
those that tell a record from others (its key) |
| `run.zip` | yes | a hash of each |
| `indicators_internal.*`, `visibility_internal.*`, `benefit_internal.*`, `damage_internal.csv` | no | no, but counts \
however small |

Without `--include-values`, `report.json` also leaves out the measures of data quality by group of children (age, sex,
ethnicity), and times of fewer than 6 events: few children can be told by their group, and a median of one event is its day.
CSV and Parquet hold both, for use where the return itself may be used.

The first key of a JSON document, and the head of an HTML report, says whether child-level values are in it.

The HTML report shows figures of indicators under the policy `strict` of [disclosure control](disclosure.md): hidden ones
stand as c, with nothing beside them. The workbook holds them all, and is internal.

Counts of issues are shown however small (a rule that one child breaks), and the lines of flagged rows: reports are for
those who hold the return. What is made for others is the exchange file of `csc-data burden exchange`, where small counts
are hidden.

Files and columns have the names that they were given (a path as it was typed); a file name should not name a child. Size
and SHA-256 of a file let whoever guesses its content test the guess (a table of one row is guessed in seconds), so they
stand only where children are named anyway: in `report.xlsx`, `run.zip`, and HTML and JSON with `--include-values`. What each
output gives away to somebody with a list of identifiers stands in the
[threat model](threat-model.md#what-somebody-with-a-list-of-identifiers-can-work-out).

Files are made with the permissions that your system gives new files (the umask on Linux and macOS). Nothing is written but
below `--out`, where files that are being written have names ending in `.part`, and the directory of postcodes in the cache
folder, which holds nothing of a return. Nothing is sent anywhere.

`--pseudonymise KEYFILE` replaces identifiers of persons by pseudonyms in all of these. A pseudonym is 16 letters and
digits: the first 80 bits of the HMAC-SHA-256 of the identifier under the key, in base 32. The same identifier has the same
pseudonym for the same key, in every run, table, year and collection; without the key it cannot be worked out. The key file
is one line of text of 32 to 4,096 characters, without spaces. Whoever has the key and a list of identifiers can tell who is
who: keep it as safe as the children's records, and apart from the outputs.

A list of identifiers alone is of no use. Most exports are sorted by identifier, so the order of a file would tell who is
who; therefore, in every table of every output:

* the records of a table stand in the order of their pseudonyms, those of one person in the order of a keyed hash; `row` and
  `line` are the number of a record in that order, and say nothing of the file. Numbers of issues follow from it
* rows that could not be read have no line, and notes say that lines are not shown
* a file has the name of the table in it, or a number
* sizes of files are left out, and so is the time that rules took. In place of the SHA-256 of a file there is an HMAC of it
  under the key, so that two runs of the same key still tell whether a file is the same

To correct records, use a report without pseudonyms: this one cannot say where they stand.

Replaced are:
"""

_IDENTITY = """
## Which run a table is of

Every table has the same columns and the same types whatever was found, without a row too, so that those of many runs can be
put together as they are, of several collections and versions, too:

```
select authority, rule, sum(children) from 'runs/*/rules.parquet' group by all  -- duckdb
```

```python
pyarrow.dataset.dataset([str(path) for path in Path("runs").glob("*/rules.parquet")]).to_table()
```

The types below are Arrow's; CSV files hold them as text. So that the rows can still be told apart, every Parquet file, those
of `run.zip` too, ends with the columns below. JSON
documents say the same under `run`, `library`, `standard`, `period` and `authority`; CSV files of a report or comparison do
not, as people work through them.

`run` is a hash of the summary (library, standard and its fingerprint, period, authority, reference data, verdict, gaps,
counts, rows of each file by its name, notes, unreadable rows), of whether there are pseudonyms, and of status, reason and
counts by rule. It is equal for two runs of which all of these are equal, and says nothing else: the same return checked
again, from files of the same names, has the same, and so have two submissions that differ in cells alone, without a count
that changes. `run` and `run_time` together tell those apart. No value and no hash of a file goes into
it, so that nobody can test a guess by it that the summary does not answer. In an exchange file it is a hash of what that
file shows. Under pseudonyms there is no time.
"""

_STAYS = """
What stays: every other value. Dates of birth, postcodes, ethnicity and dates of events stand in the values of a workbook
and of an output with `--include-values`, and a few of them together can point to one child. **A pseudonymised output with
values is still personal data.** So do all counts.
"""

_RUN = """## `run.zip`

A zip of `run.json` (what was checked, with what, how it came out), `issues.parquet`, `rules.parquet` (the columns above,
without `seconds`) and `records/<table>.parquet` for every table of the return and of the one before it (`_last`), one row a
record in the order of the file, or of pseudonyms:

| column | what it is |
|---|---|
| `line` | line of the record as seen when the file is opened; under pseudonyms, its number in their order |
| `child` | child identifier of the record |
| `item.<ITEM>`, one for each item of the table | 64-bit hash (BLAKE2b) of the value as rules read it: trimmed, dates and \
numbers in one form; 0 is blank; nothing if the item was not supplied |

The hashes keep anybody from reading a value off the file, and no more: an item with few possible values, such as a date, can
be found by hashing them all. Keep a run as safe as the return. Saved with `--pseudonymise`, the hashes are keyed too, and
without the key they cannot be found by trying; that equal values have equal hashes still shows.
"""

_WORK = """## The work file

What people noted about issues is kept in one JSON file that they name, under [a
schema](../csc_data/results/work.schema.json) and nowhere else. It holds identifiers: keep it as you would the return. An
entry is of a rule, a child, and the natural key of a row as its table declares it, so that it is known again in another
extract, whatever the order of the rows, the lines and the form. It also has a fingerprint of the values that the rule
concerns: once they have changed, the issue is to do again, and says so. An entry of a rule alone holds for each of its
issues that has none of its own. Entries of issues that a check no longer finds are kept. Nothing that is noted alters a
verdict, a count or an exit code. Where a work file is given, the rows of `report.html` have the state of their issue,
and `report.json` has `work`; who does it, notes and explanations stand there only with `--include-values`, as they may name
anybody. A file that is no work file, or that somebody else changed since it was read, is not
written over.
"""

_COMPARED = """## Two submissions compared

`csc-data compare RUN1 RUN2 --out DIR` writes `comparison.json`, under
[a schema](../csc_data/reporting/comparison.schema.json), and the tables below.

Records are matched within their table by key, several of the same key by their values; a record whose key alone differs
from one of the same child is the same record, corrected. In place of running numbers, as those of episodes in the census,
stands what their records hold, then the day by which they are known, then their position: one more before them makes no
other of them. A child whose identifier was changed counts as one child gone and another come. Issues are matched by rule
and records, never by row or line. A rule that did not run in both is listed apart, never counted as resolved. *Cells
edited* are those filled in, changed or emptied on matched records; two spellings of the same value (` 1/4/2025` and
`01/04/2025`) are no edit. Standards, years and authorities that differ are refused; another period, version of csc-data,
reference data or earlier return is said.
None of this measures effort, and not every edit
is a correction: what happened since changes cells too.
"""

_INDICATORS = """## Indicators

`csc-data indicators PATH --out DIR` writes the first two as CSV and Parquet, `csc-data benefit PATH --out DIR` the others
and a page. The figures are exact and small numbers are not protected: the names of the files, the first line of what is
printed and every row say that they are internal. No child is named. See [indicators](indicators.md).
"""


def outputs_page() -> str:
    """Every file and column that comes out, and who is named where."""
    parts = [
        _INTRODUCTION.rstrip("\n"),
        *_replaced(),
        _STAYS,
        _IDENTITY,
        *_columns(IDENTITY_COLUMNS),
        *_table("`issues`", "One row a flagged row, in the order of the rules.", ISSUE_COLUMNS),
        *_table("`rules`", "One row a rule of the standard, run or not.", RULE_COLUMNS),
        *_table("`unreadable`", "One row a row that could not be read, so that no rule saw it.", UNREADABLE_COLUMNS),
        *_table("`row_counts`", "One row a table of a file: what became of its rows.", ROW_COUNT_COLUMNS),
        *_table(
            "`causes`", "One row a set of rules that report the same cells, most issues first.", ROOT_CAUSE_COLUMNS
        ),
        *_table("`quality`", "One row a measure of data quality, with what it counts.", QUALITY_COLUMNS),
        *_measures(),
        *_table("`not_measured`", "What measures of data quality leave out.", NOT_MEASURED_COLUMNS),
        *_table("`timeliness`", "One row a kind of event, and a statutory process.", TIMELINESS_COLUMNS),
        *_table(
            "`worklist`",
            "One row a flagged row, as `worklist.csv` and `worklist.parquet`, where `--work` and the format are given; the "
            "columns State, Owner, Note, "
            "Explanation and Key of the sheet *Issues* "
            "of the workbook say the same. `csc-data work import` takes over what is filled in there.",
            WORK_COLUMNS,
        ),
        *_table("CSV of `work export`", "One row an entry of a work file.", ENTRY_COLUMNS),
        _WORK,
        *_document("`report.json`", json_report.FORMAT, json_report.schema()),
        _RUN,
        _COMPARED,
        *_table("`compared_rules.csv`", "Rules that ran in both.", RULE_CHANGE_COLUMNS, level=3),
        *_table("`compared_not_compared.csv`", "Rules that did not run in both.", NOT_COMPARED_COLUMNS, level=3),
        *_table("`compared_tables.csv`", "Without the earlier return.", TABLE_CHANGE_COLUMNS, level=3),
        *_table("`compared_issues.csv`", "One row an issue of a rule that ran in both.", ISSUE_CHANGE_COLUMNS, level=3),
        *_table(
            "`compared_children.csv`",
            "One row a child with an issue or a change; an issue of several children counts for each.",
            CHILD_CHANGE_COLUMNS,
            level=3,
        ),
        *_table(
            "`compared_records.csv`", "One row a record added, changed or removed.", RECORD_CHANGE_COLUMNS, level=3
        ),
        *_document("`comparison.json`", comparison.FORMAT, comparison.schema(), level=3),
        *_document("Answers of `csc-data history` as JSON", history.FORMAT, history.schema()),
        "Under [a schema](../csc_data/reporting/history.schema.json). [The questions](history.md) say what they answer; the "
        "document says what each of its columns holds.\n",
        _INDICATORS,
        *_table("`indicators_internal`", "One row an indicator and category.", INDICATOR_FIGURE_COLUMNS, level=3),
        *_table(
            "`visibility_internal`", "One row an indicator and group, with --breakdown.", VISIBILITY_COLUMNS, level=3
        ),
        *_table("`benefit_internal.csv`", "One row an indicator that the returns feed.", BENEFIT_COLUMNS, level=3),
        *_table("`damage_internal.csv`", "One row a rule and indicator.", DAMAGE_COLUMNS, level=3),
        "## Tables of the catalogue\n",
        "`csc-data catalogue tables` writes these as CSV, and as sheets of one workbook.\n",
        *_table("`items.csv`", "One row an item of a standard.", ITEM_COLUMNS, level=3),
        *_table("`codes.csv`", "One row a code of a code set of a standard.", CODE_COLUMNS, level=3),
        *_table("`rules.csv`", "One row a rule of a standard.", CATALOGUE_RULE_COLUMNS, level=3),
        *_table("`differences.csv`", "One row a difference between consecutive versions.", CHANGE_COLUMNS, level=3),
        *_table("`concepts.csv`", "One row a concept, collection and item.", CONCEPT_COLUMNS, level=3),
        *_table("`indicators.csv`", "One row an indicator and an item it needs.", INDICATOR_COLUMNS, level=3),
        "## Tables of the sector view\n",
        "`csc-data sector` writes these as CSV and Parquet; `own_position.csv` is that of one authority beside others.\n",
        *(
            part
            for name, columns in sector.TABLES.items()
            for part in _table(f"`{name}`", sector.MEANINGS[name], columns, level=3)
        ),
        *_table("`own_position.csv`", "One row a rule that ran or an indicator.", OWN, level=3),
        *_table("`faults.csv` of `synthesise`", "One row a fault that was put in.", FAULT_COLUMNS),
        f"The formats described here are `{json_report.FORMAT}`, `{comparison.FORMAT}` and `{runs.FORMAT}`.",
    ]
    return "\n".join(parts).rstrip("\n") + "\n"


def _measures() -> Iterable[str]:
    """The measures of data quality, and when they are better."""
    yield from ("| measure | share | better when |", "|---|---|---|")
    for name, measure in QUALITY_MEASURES.items():
        yield f"| {name} | {measure.meaning} | {measure.good} |"
    yield ""


def _replaced() -> Iterable[str]:
    for collection in collections().values():
        named = sorted(
            {
                item.name
                for table in collection.tables
                for item in table.declared_items().values()
                if item.identifies or item.name == collection.subject.item
            }
        )
        yield f"* {collection.title}: {', '.join(f'`{name}`' for name in named)}"


def _table(name: str, about: str, columns: Columns, level: int = 2) -> list[str]:
    return [f"{'#' * level} {name}", "", about, "", *_columns(columns)]


def _columns(columns: Columns) -> list[str]:
    rows = [f"| `{name}` | {columns.type_name(name)} | {meaning} |" for name, meaning in columns.items()]
    return ["| column | type | what it is |", "|---|---|---|", *rows, ""]


def _document(name: str, form: str, schema: Mapping[str, object], level: int = 2) -> list[str]:
    properties = schema["properties"]
    assert isinstance(properties, Mapping)
    keys = ", ".join(f"`{key}`" for key in properties)
    return [f"{'#' * level} {name}", "", f"Format `{form}`; its keys, in order: {keys}.", ""]


def main(arguments: Sequence[str]) -> int:
    """Write the page into the folder of the documentation."""
    publish(Path(arguments[0]) / "outputs.md", outputs_page())
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
