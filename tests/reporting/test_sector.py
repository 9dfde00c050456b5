"""The view of many authorities as people see it: what is not in it first, no order of merit, and nobody named unasked."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path

import openpyxl
import pandas as pd
import pyarrow.parquet as pq
import pytest
from lxml import html
from support.sectors import document_of, english, sector_of

from csc_data.commands.cli import main
from csc_data.reporting.html.charts.funnel import funnel_picture
from csc_data.reporting.html.charts.over_time import over_time
from csc_data.reporting.html.sector import NO_PATTERN
from csc_data.reporting.sector import TABLES, print_own, print_sector, write_sector
from csc_data.sector import Sector, read_sector
from csc_data.sector.findings import Findings, findings
from csc_data.sector.own import OwnPosition, own_position
from csc_data.statistics.control_charts import xmr

CODES = english(40)
NEVER = re.compile(r"\b(good|bad|rank\w*|best|worst)\b", re.IGNORECASE)
WIDE = [30 + number % 7 for number in range(40)]
ONE = [200, *[number % 3 * 6 for number in range(39)]]
CRASHED = [None, *[0] * 38, 3]


def made_sector(**changes: list[int | None]) -> Sector:
    counts = {"101": WIDE, "142": ONE, "203": CRASHED} | changes
    return sector_of(CODES, counts, [400] * 40, hide=True, suppliers=["mosaic", "azeus"] * 20)


@pytest.fixture(scope="module")
def found() -> Findings:
    return findings(made_sector())


@pytest.fixture(scope="module")
def written(found: Findings, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sector")
    write_sector(found, folder)
    return folder


def words(page: Path) -> str:
    return " ".join(html.fromstring(page.read_text(encoding="utf-8")).xpath("//body")[0].text_content().split())


def own(found: Findings, *, consented: tuple[str, ...] = ()) -> OwnPosition:
    sector = found.sector
    names = sector.authorities.assign(
        names=["consented" if code in consented else "withheld" for code in sector.authorities["authority"]]
    )
    pooled = Sector(names, sector.rules, sector.items, sector.indicators)
    mine = sector_of(CODES[:1], {"101": WIDE[:1], "142": ONE[:1]}, [400])
    return own_position(mine, pooled, titles=found.titles)


def test_what_is_not_in_it_comes_first(found: Findings, written: Path) -> None:
    sections = [section.get("id") for section in html.parse(written / "sector.html").iterfind(".//section")]
    assert sections[:3] == ["left-out", "read-first", "hypotheses"]
    assert "1 rule crashed in 1 case, and is missing there: 203" in words(written / "sector.html")
    screen = io.StringIO()
    print_sector(found, file=screen)
    said = screen.getvalue()
    assert said.index("Not in it:") < said.index("Refuted by:")


def test_every_hypothesis_says_what_would_refute_it(found: Findings, written: Path) -> None:
    page = html.parse(written / "sector.html")
    articles = page.findall(".//article")
    assert articles
    for article in articles:
        text = article.text_content()
        assert "What would refute it:" in text
        assert "Concerns:" in text
    said = words(written / "sector.html")
    assert all(sentence in said for sentence in found.patterns["sentence"])
    assert CODES[0] in "".join(article.text_content() for article in articles)


def test_no_order_of_merit(found: Findings, written: Path, tmp_path: Path) -> None:
    from csc_data.reporting.sector import write_own

    place = own(found)
    write_own(place, tmp_path)
    screen = io.StringIO()
    print_sector(found, file=screen)
    print_own(place, file=screen)
    texts = [screen.getvalue(), words(written / "sector.html"), words(tmp_path / "own_position.html")]
    for name, columns in TABLES.items():
        texts += [name, *columns, *columns.values()]
    assert not [match.group() for text in texts for match in NEVER.finditer(text)]


def test_nothing_found_is_said(tmp_path: Path) -> None:
    nothing = findings(
        sector_of(CODES, {"101": [10 + number % 4 if number % 3 else 0 for number in range(40)]}, [400] * 40)
    )
    write_sector(nothing, tmp_path, ["html"])
    said = words(tmp_path / "sector.html")
    screen = io.StringIO()
    print_sector(nothing, file=screen)
    assert nothing.patterns.empty
    assert NO_PATTERN in said
    assert NO_PATTERN in screen.getvalue()


def test_tables_are_those_of_the_findings(found: Findings, written: Path) -> None:
    for name, columns in TABLES.items():
        stored = pq.read_table(written / f"{name}.parquet")
        assert stored.schema == columns.schema
        assert len(pd.read_csv(written / f"{name}.csv")) == stored.num_rows
    assert (
        pq.read_table(written / "hypotheses.parquet").column("sentence").to_pylist()
        == found.routes["sentence"].tolist()
    )
    book = openpyxl.load_workbook(written / "sector.xlsx", read_only=True)
    assert book.sheetnames[:2] == ["left_out", "hypotheses"]
    rows = list(book["prevalence"].values)
    assert [row[0] for row in rows] == ["rule", *found.prevalence["rule"]]
    again = read_sector(written / "pooled.parquet")
    assert again.rules.equals(found.sector.rules)


def test_a_funnel_shows_every_authority_and_says_which_limits(found: Findings) -> None:
    drawn = next(each for each in found.funnels if each.of == "142")
    picture = funnel_picture(drawn, "142", number=0)
    assert picture is not None
    assert len(picture.points) == len(picture.figures.rows) == 40
    assert [point.outside for point in picture.points].count("above") == (drawn.points["outside"] == "above").sum() >= 1
    assert "additive" in picture.words
    outside = next(point for point in picture.points if point.outside == "above")
    assert outside.y < min(point.y for point in picture.points if point.outside == "within")
    assert ("hidden" in {row[1] for row in picture.figures.rows}) == (
        drawn.points["n_low"] != drawn.points["n_high"]
    ).any()


def test_a_chart_over_time_marks_what_moves_and_draws_no_limits_of_few() -> None:
    figures = [0.247, 0.235, 0.242, 0.225, 0.219, 0.219, 0.226, 0.226, 0.227, 0.215, 0.224, 0.224, 0.226]
    chart = xmr(figures)
    chart.points["version"] = [str(year) for year in range(2013, 2026)]
    picture = over_time(chart, "Referred again", number=0)
    assert picture is not None
    assert picture.moments[0].signal == "outside"
    assert "2013 (outside)" in picture.words
    assert {kind for _, kind in picture.limits} == {"mean", "upper", "lower"}
    short = xmr(figures[:5])
    short.points["version"] = list("abcde")
    few = over_time(short, "Referred again", number=1)
    assert few is not None
    assert [kind for _, kind in few.limits] == ["mean"]
    assert "line without limits" in few.words


def test_an_own_page_gives_position_and_median_and_no_names(found: Findings, tmp_path: Path) -> None:
    from csc_data.reporting.sector import write_own

    place = own(found)
    write_own(place, tmp_path)
    table = place.table.set_index("of")
    assert table.loc["142", "position"] == "above"
    assert table.loc["101", "position"] == "within"
    others = pd.Series(WIDE[1:]) / 400
    assert table.loc["101", "neighbours_median"] == pytest.approx(others.median())
    said = words(tmp_path / "own_position.html") + (tmp_path / "own_position.csv").read_text()
    names = found.sector.authorities.iloc[1:]
    assert not [name for name in [*names["name"], *names["authority"]] if name in said]
    write_own(own(found, consented=(CODES[1],)), tmp_path)
    assert names["name"].iloc[0] in words(tmp_path / "own_position.html")
    assert names["name"].iloc[1] not in words(tmp_path / "own_position.html")


def test_the_commands(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    exchanges, out = tmp_path / "exchanges", tmp_path / "out"
    exchanges.mkdir()
    sector = made_sector()
    for code in CODES:
        (exchanges / f"{code}.json").write_text(json.dumps(document_of(sector, code)))
    (exchanges / "broken.json").write_text("{")
    assert main(["sector", str(exchanges), "--out", str(out), "--format", "html,parquet"]) == 0
    said = capsys.readouterr().out
    assert "broken.json" in said
    assert {path.suffix for path in out.iterdir()} == {".html", ".parquet"}
    mine = ["sector", str(exchanges / f"{CODES[0]}.json"), "--against", str(out / "pooled.parquet")]
    assert main([*mine, "--out", str(out)]) == 0
    assert {"own_position.html", "own_position.csv"} <= {path.name for path in out.iterdir()}
    assert "142" in capsys.readouterr().out
    for wrong in (
        ["sector", str(exchanges), "--format", "html"],
        ["sector", str(exchanges), "--out", str(out), "--format", "pdf"],
        ["sector", str(exchanges), "--neighbours", "n.csv"],
        [*mine, "--format", "html"],
        ["sector", str(tmp_path / "nothing")],
    ):
        assert main(wrong) in (2, 3)
        assert "Traceback" not in capsys.readouterr().err
