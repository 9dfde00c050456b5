"""One return in XML, CSV and Excel has the same issues, and loses nothing on the way from one form to another."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pandas as pd
import pytest
import xlsxwriter
from support.invented import faulty

import csc_data
from csc_data.conversion.convert import convert
from csc_data.reference.providers import Providers

XML_ALONE = "105"
"""The header has the flag that this rule is about in the XML form only."""


def as_workbook(folder: Path, path: Path) -> Path:
    """The tables of a folder of CSV files as sheets, with dates as a spreadsheet stores them."""
    with xlsxwriter.Workbook(path, {"default_date_format": "dd/mm/yyyy"}) as book:
        for file in sorted(folder.glob("*.csv")):
            sheet = book.add_worksheet(file.stem)
            frame = pd.read_csv(file, dtype=str, keep_default_na=False)
            sheet.write_row(0, 0, list(frame.columns))
            for line, row in enumerate(frame.itertuples(index=False), start=1):
                for column, cell in enumerate(row):
                    day = _day(cell)
                    if day is None:
                        sheet.write_string(line, column, cell)
                    else:
                        sheet.write_datetime(line, column, day)
    return path


def _day(cell: str) -> dt.datetime | None:
    try:
        return dt.datetime.strptime(cell, "%d/%m/%Y")
    except ValueError:
        return None


@pytest.mark.parametrize("name", ["ssda903/2022-23", "ssda903/2026-27"])
def test_a_faulty_return_has_the_same_issues_in_every_form(name: str, tmp_path: Path) -> None:
    standard, drawn = csc_data.standard(name), faulty(name, 60, 3)
    xml, csv, workbook = [], [], []
    for year, tables in (("now", drawn.tables), ("last", drawn.previous)):
        xml.append(convert(tables, standard, tmp_path / year / "xml", to="xml").files[0])
        back = convert(xml[-1], standard, tmp_path / year / "csv", to="csv")
        assert back.lost.empty
        csv.append(tmp_path / year / "csv")
        workbook.append(as_workbook(csv[-1], tmp_path / f"{year}.xlsx"))

    def check(now: Path, last: Path) -> csc_data.Report:
        providers = Providers.from_frame(drawn.providers)
        return csc_data.validate(now, standard, previous=last, authority=drawn.authority, providers=providers)

    def issues(report: csc_data.Report) -> pd.DataFrame:
        result = report.issues[["rule", "table", "child", "fields"]].astype(str)
        return result[result["rule"] != XML_ALONE].sort_values(list(result.columns)).reset_index(drop=True)

    reports = [check(now, last) for now, last in (xml, csv, workbook)]
    assert reports[0].ret.supplied.format == "xml"
    assert reports[0].rules["status"].eq("failed").sum() > 80
    statuses = [report.rules.set_index("rule")["status"].drop(XML_ALONE).to_dict() for report in reports]
    assert statuses[0] == statuses[1] == statuses[2]
    for other in reports[1:]:
        pd.testing.assert_frame_equal(issues(other), issues(reports[0]))
