"""The HTML report: whole, harmless, small, and without a child-level value unless asked for."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from lxml import html
from support.invented import check, checked, faulty

import csc_data
from csc_data.commands.cli import main
from csc_data.comparison import compare
from csc_data.metadata.verification import described, in_a_line
from csc_data.reasons import SkipReason
from csc_data.reporting.html import rules
from csc_data.reporting.html.children import CHILDREN, RULES_A_CHILD
from csc_data.reporting.html.names import short_names
from csc_data.reporting.html.page import render
from csc_data.reporting.html.root_causes import CAUSES
from csc_data.results.pseudonyms import Pseudonyms
from csc_data.results.rule_results import RuleResult
from csc_data.results.summary import worst_first

STANDARD = csc_data.standard("ssda903/2025-26")


def rendered(report: csc_data.Report, **options: Any) -> str:
    return render(report, report.analyses, **options)


@pytest.fixture(scope="module")
def report() -> csc_data.Report:
    return checked(STANDARD.id)


@pytest.fixture(scope="module")
def text(report: csc_data.Report) -> str:
    return rendered(report)


@pytest.fixture(scope="module")
def page(text: str) -> html.HtmlElement:
    return html.document_fromstring(text)


def sample(element: html.HtmlElement) -> list[html.HtmlElement]:
    """The flagged rows shown below an element."""
    return element.xpath(".//table[contains(@class, 'csc-table--rows')]/tbody/tr")


def words(element: html.HtmlElement) -> str:
    return " ".join(element.text_content().split())


def test_the_verdict_comes_first_and_says_what_the_standard_was_checked_against(page: html.HtmlElement) -> None:
    first = page.get_element_by_id("main-content").find("section")
    assert first.get("id") == "verdict"
    assert "Errors to correct before the return is submitted." in words(first)
    assert in_a_line(STANDARD.verification) in words(first)
    assert "govuk-warning-text" not in html.tostring(first, encoding="unicode")
    more = words(page.get_element_by_id("verification").getnext())
    assert first.xpath(".//a/@href")[-1] == "#verification"
    assert all(line in more for _, lines in described(STANDARD.verification) for line in lines)


def test_what_was_checked_is_traceable(report: csc_data.Report, page: html.HtmlElement) -> None:
    summary, section = report.summary(), words(page.get_element_by_id("checked"))
    for fact in (
        STANDARD.id,
        summary["standard"]["fingerprint"],
        "1 April 2025 to 31 March 2026",
        csc_data.__version__,
    ):
        assert fact in section
    for version in summary["reference_data"].values():
        assert version in section


def test_every_file_is_named_and_its_hash_shown_with_the_values(tmp_path: Path) -> None:
    faulty(STANDARD.id).tables["Header"].to_csv(tmp_path / "Header.csv", index=False)
    report = csc_data.validate(tmp_path, STANDARD)
    (file,) = report.summary(fingerprints=True)["inputs"]
    for values in (True, False):
        page = rendered(report, include_values=values)
        assert "Header.csv" in words(html.document_fromstring(page).get_element_by_id("checked"))
        assert (file["sha256"] in page) == (f"{file['bytes']:,}" in page) == values


def test_rules_stand_by_children_affected_with_why_and_fix(report: csc_data.Report, page: html.HtmlElement) -> None:
    shown = page.get_element_by_id("rule-list").findall("li")
    expected = worst_first(report.rules)
    assert [entry.get("data-code") for entry in shown] == expected["rule"].tolist()
    for each, rule in zip(shown, expected.to_dict("records"), strict=True):
        said = words(each)
        for part in ("title", "why", "fix"):
            assert " ".join(rule[part].split()) in said
        assert f"{rule['rows']:,}" in said
    children = expected["children"].tolist()
    assert children == sorted(children, reverse=True)


def test_every_row_is_shown_where_there_are_few(report: csc_data.Report, page: html.HtmlElement) -> None:
    assert len(report.issues) < rules.MOST_ROWS
    for element in page.get_element_by_id("rule-list").findall("li"):
        assert len(sample(element)) == report.rules.set_index("rule").at[element.get("data-code"), "rows"]


def test_rows_are_sampled_where_there_are_many_and_the_rest_is_said(
    report: csc_data.Report, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rules, "MOST_ROWS", 100)
    long = 0
    for element in html.document_fromstring(rendered(report)).get_element_by_id("rule-list").findall("li"):
        total = int(report.rules.set_index("rule").at[element.get("data-code"), "rows"])
        assert len(sample(element)) == min(total, rules.ROWS_A_RULE)
        if total > rules.ROWS_A_RULE:
            long += 1
            assert f"Showing 50 of {total:,} rows; the complete list is in issues.csv." in words(element)
    assert long, "the invented return must have a rule with more rows than are shown"


def test_what_to_do_stands_before_everything_else_and_fingerprints_are_folded(
    report: csc_data.Report, page: html.HtmlElement
) -> None:
    ids = page.xpath("//main//section/@id")
    assert ids[:3] == ["verdict", "first", "rules"]
    assert ids[-1] == "checked"
    steps = [words(step) for step in page.get_element_by_id("first").xpath(".//li")]
    errors = worst_first(report.rules).query("severity == 'error'")
    assert steps[0].startswith(errors["rule"].iloc[0])
    assert " ".join(errors["fix"].iloc[0].split()) in steps[0]
    assert steps[-1].startswith("Look into ")
    (fingerprint,) = page.xpath(f"//*[text()='{report.summary()['standard']['fingerprint']}']")
    assert fingerprint.xpath("ancestor::details")
    shown = page.xpath("//section[@id='burden']/div")
    assert not [part for part in shown if " = " in words(part)], "formulas are details"
    passed = words(page.get_element_by_id("passed"))
    assert all(code in passed for code in report.rules.query("status == 'passed' and reason == ''")["rule"])


def test_the_day_of_the_check_is_said_and_days_are_written_in_one_way(report: csc_data.Report, text: str) -> None:
    assert report.began is not None
    day = f"{report.began.day} {report.began:%B %Y}"
    assert f"checked on {day}" in text
    assert not re.findall(r">[^<]*\b20\d\d-\d\d-\d\d\b", re.sub(r"<script.*?</script>", "", text, flags=re.DOTALL))


def test_a_flagged_row_is_found_by_file_and_line(report: csc_data.Report, page: html.HtmlElement) -> None:
    code = worst_first(report.rules)["rule"].iloc[0]
    issue = report.issues[report.issues["rule"] == code].iloc[0]
    row = sample(page.get_element_by_id(f"rule-{code}"))[0]
    assert [words(cell) for cell in row] == [
        str(issue["issue"]), issue["table"], issue["file"], str(issue["line"]), issue["fields"],
    ]  # fmt: skip


def test_children_stand_by_issues_and_are_capped(report: csc_data.Report, page: html.HtmlElement) -> None:
    shown = page.get_element_by_id("child-list").findall("li")
    counts = report.issues.groupby("child", observed=True)["issue"].nunique().sort_values(ascending=False)
    assert [int(entry.get("data-issues")) for entry in shown] == counts.head(CHILDREN).tolist()
    assert len(counts) > CHILDREN
    rules = report.issues.groupby("child", observed=True)["rule"].nunique().sort_values(ascending=False)
    assert rules.iloc[0] > RULES_A_CHILD
    assert max(len(entry.find_class("csc-lines")) for entry in shown) == RULES_A_CHILD
    assert f"of {len(counts):,} with any" in words(page.get_element_by_id("children"))


def test_sentences_are_apart(page: html.HtmlElement) -> None:
    run_on = [text for element in page.xpath("//p") if re.search(r"[a-z]\.[A-Z0-9][a-z ]", text := words(element))]
    assert not run_on


def test_rules_that_report_the_same_cells_are_one_thing_to_fix(report: csc_data.Report, page: html.HtmlElement) -> None:
    causes = report.root_causes()
    shared = causes.groups[causes.groups["rules"].str.contains(", ")]
    section = page.get_element_by_id("causes")
    shown = section.xpath(".//tbody/tr")
    assert len(shown) == len(shared) > CAUSES
    assert f"Show all: {len(shared) - CAUSES} more" in words(section)
    for row, cause in zip(shown, shared.to_dict("records"), strict=False):
        fields, rules, positions, issues, children, advice = (words(cell) for cell in row)
        assert (fields, rules) == (cause["fields"], cause["rules"])
        assert (positions, issues, children) == tuple(f"{cause[name]:,}" for name in ("places", "issues", "children"))
        assert advice == " ".join(cause["advice"].split())
    assert f"can be put down to {causes.places:,} places" in words(section)


def test_rules_that_did_not_run_are_listed_with_their_reason(report: csc_data.Report, page: html.HtmlElement) -> None:
    section = words(page.get_element_by_id("not-run"))
    skipped = report.rules[report.rules["status"] == "skipped"]
    assert len(skipped)
    for rule in skipped.to_dict("records"):
        assert rule["rule"] in section
        assert rule["reason"] in section


def test_rules_about_the_whole_return_stand_together_with_their_result() -> None:
    report = checked("cin/2025-26")
    rows = html.document_fromstring(rendered(report)).get_element_by_id("whole-return").xpath(".//tbody/tr")
    expected = report.rules[report.rules["per"] == "return"].set_index("rule")
    assert set(expected["status"]) == {"failed", "passed", "skipped"}
    assert {words(row[0]) for row in rows} == set(expected.index)
    for row in rows:
        rule = expected.loc[words(row[0])]
        assert words(row[1]) == (rule["severity"] if rule["status"] == "failed" else rule["status"]).capitalize()
        reason = f" ({rule['reason']})" if rule["reason"] else ""
        assert words(row[2]) == " ".join(rule["title"].split()) + reason
        assert words(row[3]) == (" ".join(rule["fix"].split()) if rule["status"] == "failed" else "")


def children(report: csc_data.Report) -> set[str]:
    """Those that cannot be taken for another value."""
    return {child for child in report.typed.children if len(child) >= 6 and "/" not in child}


def identifiers(report: csc_data.Report) -> set[str]:
    """Child identifiers, pupil numbers and postcodes: words that stand nowhere else."""
    values = children(report)
    for table in report.ret.tables.values():
        for item in {"UPN", "HOME_POST", "PL_POST"} & set(table.columns):
            values |= {value for value in table[item].dropna() if len(value) > 6}
    return values


def test_no_child_and_no_value_unless_asked_for(report: csc_data.Report, text: str) -> None:
    assert [value for value in identifiers(report) if value in text] == []
    assert text.splitlines()[0] == "<!-- This file contains no child identifier and no value of a child's record. -->"


def test_values_when_asked_for_are_said_on_the_first_line_and_at_the_top(report: csc_data.Report) -> None:
    text = rendered(report, include_values=True)
    assert "contains child identifiers and values" in text.splitlines()[0]
    page = html.document_fromstring(text)
    assert words(page.find_class("csc-confidential")[0]).startswith("Confidential.")
    cells = report.cells()
    firsts = cells[cells["value"].notna()].drop_duplicates("rule").set_index("rule")
    code = next(rule for rule in worst_first(report.rules)["rule"] if rule in firsts.index)
    first = cells[cells["rule"] == code].iloc[0]
    assert first["value"] == firsts.loc[code, "value"]
    row = words(sample(page.get_element_by_id(f"rule-{code}"))[0])
    assert first["child"] in row
    assert first["field"] in row
    assert first["value"] in row


def test_values_cannot_become_markup() -> None:
    header = faulty(STANDARD.id).tables["Header"].head(20).copy()
    header["SEX"] = "<script>alert(1)</script>"
    text = rendered(csc_data.validate({"Header": header}, STANDARD), include_values=True)
    assert "<script>alert" not in text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text


def test_long_values_are_cut() -> None:
    header = faulty(STANDARD.id).tables["Header"].head(20).copy()
    header["SEX"] = "x" * 5_000
    text = rendered(csc_data.validate({"Header": header}, STANDARD), include_values=True)
    assert "x" * 100 not in text


def test_nothing_is_fetched(text: str) -> None:
    page = html.document_fromstring(text)
    for element in page.iter():
        for name, value in element.attrib.items():
            if name in {"src", "href", "srcset", "action", "data"} and not name.startswith("data-"):
                assert value.startswith("#"), f"{element.tag} {name}={value}"
    assert not re.search(r"url\(|@import|@font-face|GDS Transport", text)


def test_links_lead_somewhere_and_anchors_are_unique(page: html.HtmlElement) -> None:
    ids = page.xpath("//@id")
    assert len(ids) == len(set(ids))
    assert set(page.xpath("//a/@href")) <= {f"#{entry}" for entry in ids}


def test_pictures_have_a_text_alternative(page: html.HtmlElement) -> None:
    pictures = page.find_class("csc-picture")
    assert pictures
    for picture in pictures:
        drawing = picture.xpath(".//svg[@role='img']")[0]
        assert drawing.findtext("title")
        assert drawing.findtext("desc")
        assert picture.xpath(".//details//tbody/tr")


def test_every_item_has_its_tile_with_the_share_that_is_filled(report: csc_data.Report, page: html.HtmlElement) -> None:
    measures = report.quality().measures
    items = measures[(measures["level"] == "item") & measures["measure"].isin(["filled", "filled where required"])]
    drawn = page.xpath("//svg[contains(@aria-labelledby, 'completeness')]")[0]
    names = [element.text for element in drawn.find_class("csc-tile__name")]
    assert sorted(names) == sorted(items.drop_duplicates(["table", "item"])["item"])
    required = items[(items["item"] == "ETHNIC") & (items["measure"] == "filled where required")].iloc[0]
    tile = next(element for element in drawn.iter("g") if "ETHNIC" in words(element))
    assert f"{int(required['share'] * 100)}%" in words(tile)


def test_small_groups_of_children_are_not_shown(report: csc_data.Report, page: html.HtmlElement) -> None:
    measures = report.quality().measures
    groups = measures[(measures["level"] == "group") & (measures["measure"] == "children without an issue")]
    shown = {words(element) for element in page.get_element_by_id("quality").xpath(".//details//th[@scope='row']")}
    small = groups[groups["denominator"].between(1, 9)]
    assert len(small)
    assert not set(small["group"]) - set(groups.loc[groups["denominator"] >= 10, "group"]) & shown
    assert set(groups.loc[groups["denominator"] >= 10, "group"]) <= shown


def test_lags_are_shown_with_their_median(report: csc_data.Report, page: html.HtmlElement) -> None:
    section = words(page.get_element_by_id("timeliness"))
    timed = report.timeliness().query("rows > 0 and table != ''")
    few = timed["rows"] < 6
    assert few.any() and not few.all()
    for name in timed["table"][few] + ": " + timed["measure"][few]:
        assert name not in section
    assert (
        f"fewer than 6 events could tell the day of one: {(timed['kind'][few] == 'event to submission').sum()}"
        in section
    )
    for row in timed[~few].to_dict("records"):
        assert f"{row['table']}: {row['measure']}" in section
        assert f"{row['median_days']:.0f} / {row['p90_days']:.0f} days" in section
    assert "This is practice, not data quality." in section


def test_counts_and_estimates_of_burden_stand_in_tables_of_their_own(page: html.HtmlElement) -> None:
    tables = page.get_element_by_id("burden").xpath(".//table")
    captions = [words(table.find("caption")) for table in tables]
    assert captions[:2] == ["Counted exactly", "Estimated, as a range"]
    for table, caption in zip(tables, captions, strict=True):
        heads = [words(head) for head in table.xpath("./thead//th")]
        assert ("Central" in heads) == (caption == "Estimated, as a range")
        assert ("Count" in heads) == (caption == "Counted exactly")


def test_without_an_earlier_run_there_is_no_trend(page: html.HtmlElement) -> None:
    assert page.xpath("//section[@id='trend']") == []


def test_the_trend_of_each_rule_since_an_earlier_run(report: csc_data.Report) -> None:
    tables = {name: table.copy() for name, table in faulty(STANDARD.id).tables.items()}
    tables["Header"]["ETHNIC"] = "nonsense"
    tables["Header"]["SEX"] = "M"
    later = check(faulty(STANDARD.id), STANDARD, tables)
    page = html.document_fromstring(rendered(later, previous_run=report))
    expected = compare(report, later).rules.set_index("rule")
    for element in page.get_element_by_id("rule-list").findall("li"):
        before = expected.loc[element.get("data-code")]
        said = (
            f"{before['before']:,} issue{'' if before['before'] == 1 else 's'} in the previous run: {before['resolved']:,} "
            f"resolved, {before['remaining']:,} remaining, {before['new']:,} new."
        )
        assert said in words(element)
        assert int(element.get("data-change")) == before["after"] - before["before"]
    section = words(page.get_element_by_id("trend"))
    assert f"{expected['new'].sum():,} new" in section
    cleared = expected[(expected["before"] > 0) & (expected["after"] == 0)]
    assert len(cleared)
    assert f"Rules that no longer find anything: {len(cleared)}" in section
    assert all(code in section for code in cleared.index)


def test_pseudonyms_are_shown_as_such(report: csc_data.Report) -> None:
    hidden = report.pseudonymised(Pseudonyms(b"0123456789abcdef0123456789abcdef"))
    text = rendered(hidden, include_values=True)
    assert "pseudonyms in place of identifiers" in text.splitlines()[0]
    assert [child for child in children(report) if child in text] == []
    shown = html.document_fromstring(text).get_element_by_id("child-list")
    assert hidden.issues["child"].value_counts().index[0] in words(shown)


def test_two_runs_give_the_same_bytes(report: csc_data.Report, text: str) -> None:
    assert rendered(check(faulty(STANDARD.id), STANDARD)) == text


def test_a_clean_return_says_so_but_not_in_green_when_rules_did_not_run() -> None:
    report = csc_data.validate(STANDARD.collection.draw(STANDARD, 20, 1).tables, STANDARD, only=["142"])
    page = html.document_fromstring(rendered(report))
    assert "csc-verdict--partial" in page.get_element_by_id("verdict").classes
    assert "No errors and no queries in the rules that ran." in words(page.get_element_by_id("verdict"))
    assert {"rules", "first", "causes", "children", "counts"}.isdisjoint(page.xpath("//section/@id")), "none is empty"
    assert "switched off for this run" in words(page.get_element_by_id("not-run"))


def test_a_rule_that_failed_to_run_is_no_pass() -> None:
    report = csc_data.validate(STANDARD.collection.draw(STANDARD, 20, 1).tables, STANDARD, only=["142", "148"])
    crashed = (SkipReason.CRASHED(position="stopped in episodes.py, line 1"),)
    results = [
        RuleResult(result.rule, "crashed", crashed) if result.rule.code == "142" else result
        for result in report.results
    ]
    page = html.document_fromstring(rendered(dataclasses.replace(report, results=results)))
    assert "Not everything was checked: this is not a pass." in words(page.get_element_by_id("verdict"))
    first = page.get_element_by_id("not-run").xpath(".//tbody/tr")[0]
    assert [words(cell) for cell in first] == ["Failed to run", "stopped in episodes.py, line 1", "1", "142"]


def test_files_are_named_without_the_folders_they_share() -> None:
    assert short_names(["C:\\a\\now\\x.csv", "C:\\a\\last\\x.csv"]) == {
        "C:\\a\\now\\x.csv": "now\\x.csv",
        "C:\\a\\last\\x.csv": "last\\x.csv",
    }
    assert short_names(["a/b.zip/c.csv"]) == {"a/b.zip/c.csv": "c.csv"}
    assert short_names(["Header", "Headers"]) == {"Header": "Header", "Headers": "Headers"}


def test_many_issues_make_a_small_file() -> None:
    drawn = STANDARD.collection.draw(STANDARD, 500, 1)
    child = STANDARD.collection.subject.item
    tables = {
        name: pd.concat([table.assign(**{child: f"{copy:02d}" + table[child]}) for copy in range(8)]).assign(
            **dict.fromkeys(table.columns.drop(child), "?")
        )
        for name, table in drawn.tables.items()
        if name in {"Header", "Episodes", "Reviews"}
    }
    report = csc_data.validate(tables, STANDARD)
    assert len(report.issues) > 100_000
    assert len(rendered(report, include_values=True)) < 5_000_000


def test_the_command_writes_the_report_and_names_the_complete_list(tmp_path: Path) -> None:
    given = tmp_path / "given"
    given.mkdir()
    for name, table in faulty(STANDARD.id).tables.items():
        table.to_csv(given / f"{name}.csv", index=False)
    options = ["--standard", STANDARD.id, "--quiet", "--out"]
    main(["validate", str(given), *options, str(tmp_path / "a"), "--format", "html,parquet,run"])
    assert {path.name for path in (tmp_path / "a").iterdir()} >= {"report.html", "issues.parquet"}
    assert "the complete list is in issues.parquet" in (tmp_path / "a" / "report.html").read_text(encoding="utf-8")
    main(["validate", str(given), *options, str(tmp_path / "b"), "--format", "html"])
    assert "--format csv writes the complete list" in (tmp_path / "b" / "report.html").read_text(encoding="utf-8")
    before = ["--previous-run", str(tmp_path / "a" / "run.zip")]
    main(["validate", str(given), *options, str(tmp_path / "c"), "--format", "html", *before])
    assert "0 issues resolved, 0 new" in (tmp_path / "c" / "report.html").read_text(encoding="utf-8")
    assert main(["validate", str(given), *options, str(tmp_path / "d"), "--previous-run", "nowhere.zip"]) == 3


def test_rows_that_could_not_be_read_are_told_with_the_verdict(tmp_path: Path) -> None:
    text = faulty(STANDARD.id).tables["Header"].to_csv(index=False)
    (tmp_path / "Header.csv").write_text(f"{text}one,cell too few\n")
    page = html.document_fromstring(rendered(csc_data.validate(tmp_path, STANDARD)))
    assert "1 row could not be read, and was not checked." in words(page.get_element_by_id("verdict"))
    assert "2 cells where the header has" in words(page.get_element_by_id("unreadable"))
