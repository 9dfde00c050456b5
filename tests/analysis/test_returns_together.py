"""Indicators from two returns at once, what groups they can show, and what an authority gets back."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path

import pandas as pd
import pytest

import csc_data as csc
from csc_data.analysis.indicators import BENEFIT_COLUMNS, DAMAGE_COLUMNS, VISIBILITY_COLUMNS
from csc_data.analysis.indicators.visibility import in_words, rung_for, seen_as
from csc_data.commands.cli import main
from csc_data.declare import Standard
from csc_data.errors import UsageError
from csc_data.files.own_outputs import is_own_file
from csc_data.reference.postcodes import Postcodes
from csc_data.report import Report

FIXTURES = Path(__file__).parents[2] / "fixtures"
POSTCODES = Postcodes.from_frame(pd.read_csv(FIXTURES / "reference/postcodes.csv"))
LOOKED_AFTER, CENSUS = FIXTURES / "ssda903/returns/2025-26", FIXTURES / "cin/returns/2025-26/census.xml"
ELSEWHERE = {
    "cla_school_midyear_moves", "absence_csc_groups", "attainment_csc_groups", "hospital_admissions_injury",
    "sw_turnover_agency_vacancy_caseload",
}  # fmt: skip


def complete(standard: str, rule: str) -> Report:
    """A return of a small authority with last year's; one rule is run, for the sake of time."""
    chosen = csc.standard(standard)
    child = chosen.collection.subject.item
    drawn = chosen.collection.draw(chosen, 40, seed=3)
    previous = drawn.previous or of_the_same_children(
        csc.standard(f"{chosen.collection.id}/2025-26"), drawn.tables, child
    )
    return csc.validate(
        drawn.tables,
        standard,
        previous=previous,
        authority="Barnet",
        postcodes=POSTCODES,
        only=[rule],
    )


def of_the_same_children(standard: Standard, tables: Mapping[str, pd.DataFrame], child: str) -> dict[str, pd.DataFrame]:
    """An invented return of another year, about the children of these tables."""
    earlier = standard.collection.draw(standard, 40, seed=3).tables
    first = next(name for name in tables if child in tables[name])
    names = dict(zip(earlier[first][child].unique(), tables[first][child].unique(), strict=False))
    return {
        name: table.assign(**{child: table[child].map(names)}) if child in table else table
        for name, table in earlier.items()
    }


@pytest.fixture(scope="module")
def together() -> tuple[Report, Report]:
    return complete("ssda903/2026-27", "142"), complete("cin/2026-27", "8500")


@pytest.fixture(scope="module")
def reports() -> tuple[Report, Report]:
    looked_after = csc.validate(
        LOOKED_AFTER / "this_year", "ssda903/2025-26", previous=LOOKED_AFTER / "last_year", authority="Barnet",
        postcodes=POSTCODES,
    )  # fmt: skip
    return looked_after, csc.validate(CENSUS, "cin/2025-26", authority="Barnet", postcodes=POSTCODES)


def whole(table: pd.DataFrame) -> pd.DataFrame:
    return table[table["breakdown"] == "all"].set_index("indicator")


def test_complete_returns_give_every_indicator_that_returns_can_give(together: tuple[Report, Report]) -> None:
    looked_after, census = together
    rows = whole(looked_after.indicators(90_000, beside=[census]))
    assert list(rows.index) == list(csc.indicators())
    lacking = rows[rows["status"] != "computed"]
    assert set(lacking.index) == ELSEWHERE
    assert (rows["status"] == "computed").sum() == 79
    assert lacking.loc["cla_school_midyear_moves", "reason"] == "needs School census, matched by pupil number"


def test_the_order_of_the_returns_changes_nothing(together: tuple[Report, Report]) -> None:
    looked_after, census = together
    first, other = looked_after.indicators(90_000, beside=[census]), census.indicators(90_000, beside=[looked_after])
    fed = first["standard"].notna() & ~first["indicator"].isin(ELSEWHERE)
    pd.testing.assert_frame_equal(first[fed], other[fed])


def test_every_row_says_where_it_comes_from_and_that_it_is_internal(reports: tuple[Report, Report]) -> None:
    looked_after, census = reports
    table = looked_after.indicators(90_000, beside=[census])
    assert set(table["standard"]) == {"ssda903/2025-26", "cin/2025-26"}
    assert (table["disclosure"] == "internal: small numbers are not protected").all()
    assert table["catalogue"].str.fullmatch("[0-9a-f]{64}").all()
    assert (table["library"] == csc.__version__).all()
    assert set(table.loc[table["standard"] == "cin/2025-26", "catalogue"]).isdisjoint(
        table.loc[table["standard"] == "ssda903/2025-26", "catalogue"]
    )


def test_returns_that_do_not_belong_together_are_refused(reports: tuple[Report, Report]) -> None:
    looked_after, _ = reports
    with pytest.raises(UsageError, match="Two returns of the same collection"):
        looked_after.indicators(beside=[looked_after])
    elsewhere = csc.validate(CENSUS, "cin/2025-26", authority="Camden", only=["8500"], postcodes=POSTCODES)
    with pytest.raises(UsageError, match="more than one authority"):
        looked_after.indicators(beside=[elsewhere])
    with pytest.raises(UsageError, match="There is no breakdown religion"):
        looked_after.indicators(breakdowns=["religion"])


def test_symbols_of_figures() -> None:
    def shown(yes: int, children: int) -> pd.Series:
        names = [f"c{number}" for number in range(children)]
        header = pd.DataFrame({"CHILD": names or ["other"], "DOB": "01/01/2015"})
        episodes = pd.DataFrame(
            {"CHILD": names, "DECOM": "01/01/2026", "DEC": None, "RNE": "S", "LS": "C2",
             "PLACE": ["S1"] * yes + ["U4"] * (children - yes)}
        )  # fmt: skip
        report = csc.validate(
            {"Header": header, "Episodes": episodes}, "ssda903/2025-26", only=["142"], postcodes=POSTCODES
        )
        return whole(report.indicators()).loc["cla_place_residential_schools"]

    assert (shown(1, 8)["shown"], shown(1, 8)["symbol"]) == ("13", "")
    assert shown(1, 200)["shown"] == "1"
    assert (shown(1, 201)["shown"], shown(1, 201)["symbol"]) == ("k", "k")
    assert shown(0, 201)["shown"] == "0"
    nobody = shown(0, 0)
    assert (nobody["shown"], nobody["symbol"], nobody["numerator"]) == ("z", "z", 0)
    assert nobody["status"] != "not computable"
    assert pd.isna(nobody["value"])


def test_rates_without_a_population_say_which_file_is_missing(reports: tuple[Report, Report], tmp_path: Path) -> None:
    looked_after, _ = reports
    row = whole(looked_after.indicators()).loc["cla_rate_31_march"]
    assert (row["status"], row["shown"], row["symbol"]) == ("not computable", "x", "x")
    assert row["reason"].startswith("population file: not given")
    file = tmp_path / "population.csv"
    file.write_text("time_period,new_la_code,population\n2025,E09000003,48000\n2024,E09000003,1\n", encoding="utf-8")
    assert whole(looked_after.indicators(file)).loc["cla_rate_31_march", "denominator"] == 48_000


def test_parts_of_the_census_make_up_the_whole(reports: tuple[Report, Report]) -> None:
    _, census = reports
    table = census.indicators(90_000)
    own = {
        "cin_primary_need": "primary need", "cin_duration_open": "duration", "cpp_category_of_abuse": "category of abuse",
        "factors_other": "factor",
    }  # fmt: skip
    rows = whole(table)
    shares = table[(table["unit"] == "percent") & (table["breakdown"] != "all")]
    for (name, title), group in shares.groupby(["indicator", "breakdown"]):
        if own.get(name) != title:
            assert group["numerator"].sum() == rows.loc[name, "numerator"], (name, title)
            assert group["denominator"].sum() == rows.loc[name, "denominator"], (name, title)
        elif name != "factors_other":  # an episode has as many factors as were found
            recorded = group[group["category"] != "not recorded"]
            assert recorded["numerator"].sum() == rows.loc[name, "numerator"], (name, title)
    rates = table[(table["unit"] == "per 10,000 children") & (table["breakdown"] != "all")]
    for (name, title), group in rates.groupby(["indicator", "breakdown"]):
        assert group["numerator"].sum() == rows.loc[name, "numerator"], (name, title)


# Groups


@pytest.mark.parametrize(
    ("counts", "seen"),
    [
        ((0, 0), "nobody"), ((1, 40), "hidden"), ((5, 40), "hidden"), ((6, 40), "too few"), ((9, 40), "too few"),
        ((10, 29), "too few"), ((10, 30), "seen"), ((0, 40), "too few"), ((38, 40), "hidden"), ((40, 40), "seen"),
        ((0, 3), "hidden"),
    ],
)  # fmt: skip
def test_how_a_group_is_seen(counts: tuple[int, int], seen: str) -> None:
    assert seen_as(*counts) == seen


def test_the_first_rung_that_holds_thirty_and_ten() -> None:
    assert rung_for(10, 30) == "this year"
    assert rung_for(4, 30) == "three years"
    assert rung_for(1, 30) == "this authority and its ten neighbours"
    assert rung_for(0, 30) == "the region, or England"


def test_what_could_have_been_seen_in_words() -> None:
    nan = float("nan")
    assert in_words("seen", 13.1, 12.9, 9) == "a difference below 13 points could not have been seen"
    assert "10 points upwards or 7 points downwards" in in_words("seen", 10.2, 7.4, 9)
    assert in_words("seen", 13.1, nan, 9).endswith("and no difference downwards at all")
    assert in_words("seen", nan, nan, 9) == "no difference at all could have been seen"
    assert in_words("nobody", nan, nan, 9) == "there is nobody to compare"


def test_the_visibility_of_every_group(reports: tuple[Report, Report]) -> None:
    looked_after, census = reports
    table = looked_after.visibility(beside=[census], breakdowns=["sex"])
    assert list(table.columns) == list(VISIBILITY_COLUMNS)
    assert set(table["breakdown"]) == {"sex"}
    figures = looked_after.indicators(beside=[census])
    row = table[(table["indicator"] == "cla_place_foster") & (table["category"] == "Female")].iloc[0]
    both = figures[(figures["indicator"] == "cla_place_foster") & (figures["breakdown"] == "sex")]
    recorded = both[both["category"] != "not recorded"]
    assert row["denominator"] + row["others_denominator"] == recorded["denominator"].sum()
    assert row["numerator"] + row["others_numerator"] == recorded["numerator"].sum()
    assert "could" in row["words"]


# What comes back


def test_the_benefit_names_no_child_and_ranks_nobody(reports: tuple[Report, Report]) -> None:
    looked_after, census = reports
    made = looked_after.benefit(90_000, beside=[census])
    assert list(made.figures.columns) == list(BENEFIT_COLUMNS)
    assert list(made.damage.columns) == list(DAMAGE_COLUMNS)
    assert set(made.figures["indicator"]) | set(made.unfed) == set(csc.indicators())
    text = json.dumps(made.to_dict())
    assert not any(f'"{child}"' in text for child in looked_after.typed.children)
    assert not {"rank", "better", "worse", "target"} & set(text.lower().split())


def test_damage_is_what_the_records_of_a_rule_could_move() -> None:
    children = [f"c{number}" for number in range(8)]
    header = pd.DataFrame({"CHILD": children, "DOB": "01/01/2015", "SEX": "F", "ETHNIC": "WBRI"})
    episodes = pd.DataFrame(
        {"CHILD": children, "DECOM": "01/01/2024", "DEC": None, "REC": None, "RNE": "S", "LS": "C2"}
    )
    oc2 = pd.DataFrame({"CHILD": children, "TEETH_CHECK": ["1"] * 5 + ["0", "0", None]})
    episodes.loc[0, "DEC"] = "31/02/2026"  # cannot be read
    report = csc.validate({"Header": header, "Episodes": episodes, "OC2": oc2}, "ssda903/2025-26", postcodes=POSTCODES)
    made = report.benefit()
    damage = made.damage[made.damage["indicator"] == "cla_dental"].set_index("rule")
    assert (damage.loc["not known", "children"], damage.loc["not known", "moves"]) == (1, 12.5)
    unreadable = damage.drop(index="not known")
    assert (unreadable["moves"] == 12.5).all()
    assert (unreadable["children"] == 1).all()
    row = made.figures.set_index("indicator").loc["cla_dental"]
    assert (row["records"], row["moves"], row["shown"]) == (2, 25, "63")
    order = made.damage.drop_duplicates("rule")["figures"]
    assert order.is_monotonic_decreasing


# The commands


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str]]:
    def called(*arguments: object) -> tuple[int, str]:
        try:
            code = main([str(one) for one in arguments])
        except SystemExit as stopped:  # of the parser
            code = int(str(stopped.code))
        out, err = capsys.readouterr()
        return code, out + err

    return called


RETURNS = (
    LOOKED_AFTER / "this_year", "--standard", "ssda903/2025-26", "--authority", "Barnet", "--with", f"cin={CENSUS}",
    "--population", "48000",
)  # fmt: skip


def test_the_command_writes_files_that_say_that_they_are_internal(
    call: Callable[..., tuple[int, str]], tmp_path: Path
) -> None:
    code, said = call(
        "indicators", *RETURNS, "--previous", LOOKED_AFTER / "last_year", "--breakdown", "sex", "--parameter",
        "temporary=count", "--out", tmp_path,
    )  # fmt: skip
    assert code == 0
    assert said.lstrip().startswith("Internal. The figures are exact")
    assert "temporary=count" in said
    assert "could not have been seen" in said
    names = {path.name for path in tmp_path.iterdir()}
    assert names == {f"{name}_internal.{form}" for name in ("indicators", "visibility") for form in ("csv", "parquet")}
    written = pd.read_csv(tmp_path / "indicators_internal.csv")
    typed = pd.read_parquet(tmp_path / "indicators_internal.parquet")
    assert list(written.columns) == list(typed.columns)
    assert len(written) == len(typed) > 500
    assert {"ethnicity", "age"} <= set(written["breakdown"])
    assert all(is_own_file(path) for path in tmp_path.iterdir())


def test_the_command_prints_json(call: Callable[..., tuple[int, str]]) -> None:
    code, said = call("indicators", *RETURNS, "--json")
    document = json.loads(said)
    assert code == 0
    assert document["internal"] is True
    assert {row["indicator"] for row in document["indicators"]} == set(csc.indicators())
    assert document["gaps"] == []


def test_what_an_authority_gets_back_is_a_page_and_tables(call: Callable[..., tuple[int, str]], tmp_path: Path) -> None:
    code, said = call("benefit", *RETURNS, "--out", tmp_path)
    assert code == 0
    assert "What to correct first" in said
    page = (tmp_path / "benefit_internal.html").read_text(encoding="utf-8")
    assert "<strong>Internal.</strong>" in page
    assert "govuk-tag--red" not in page.partition("</style>")[2]
    assert {path.name for path in tmp_path.iterdir()} == {
        "benefit_internal.html", "benefit_internal.csv", "damage_internal.csv",
    }  # fmt: skip
    assert all(is_own_file(path) for path in tmp_path.iterdir())


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["--with", "census.xml"], "names no collection"),
        (["--with", "schools=x"], "there is no collection 'schools'"),
        (["--parameter", "temporary"], "Write it like temporary=count"),
        (["--parameter", "temporary=perhaps"], "has no option 'perhaps'"),
        (["--previous", f"cin={CENSUS}"], "and not the return itself: --with cin=PATH"),
        (["--population", "nowhere.csv"], "nowhere.csv cannot be read"),
    ],
)
def test_wrong_usage_is_told_in_words(call: Callable[..., tuple[int, str]], arguments: list[str], why: str) -> None:
    given = ["indicators", LOOKED_AFTER / "this_year", "--standard", "ssda903/2025-26", *arguments]
    code, said = call(*given)
    assert code == 2
    assert why in said
