"""Population, statistical neighbours and published figures, as they are published."""

from __future__ import annotations

import datetime as dt
import math
from pathlib import Path

import pytest

import csc_data as csc
from csc_data.analysis.indicators import Outside
from csc_data.analysis.indicators.outside import NotGivenError
from csc_data.declare.codes import Codes
from csc_data.declare.rules import Period
from csc_data.errors import UsageError

BARNET, CAMDEN = "E09000003", "E09000007"
PERIOD = Period(dt.date(2024, 4, 1), dt.date(2025, 3, 31), csc.standard("ssda903/2024-25").version)
POPULATION = "time_period,new_la_code,population\n2024,E09000003,96000\n2023,E09000003,95000\n2024,E09000007,41000\n"
NEIGHBOURS = "old_la_code,la_name,SN_1,SN_1P,SN_2,SN_2P,SN_3,SN_3P\n302,Barnet,202,Close ,203,Close ,204,Not close\n"


def outside(folder: Path, **texts: str) -> Outside:
    paths = {}
    for name, text in texts.items():
        paths[name] = folder / f"{name}.csv"
        paths[name].write_text(text, encoding="utf-8")
    published = [paths["published"]] if "published" in paths else []
    return Outside.read(csc.indicators(), paths.get("population"), paths.get("neighbours"), published)


def test_a_rate_is_of_the_children_of_the_year_before_the_period_ends(tmp_path: Path) -> None:
    assert outside(tmp_path, population=POPULATION).population_of(BARNET, PERIOD) == 96_000


def test_the_layout_of_published_estimates_is_read(tmp_path: Path) -> None:
    text = (
        "time_period,time_identifier,geographic_level,old_la_code,new_la_code,la_name,age_group,population_estimate\n"
        "2024,Reporting year,National,,,,Children aged 0 to 17 years,12183016\n"
        '2024,Reporting year,Local authority,302,E09000003,Barnet,Children aged 0 to 17 years,"96,000"\n'
        "2024,Reporting year,Local authority,302,E09000003,Barnet,Children aged 0 to 4 years,20000\n"
    )
    assert outside(tmp_path, population=text).population_of(BARNET, PERIOD) == 96_000


@pytest.mark.parametrize(
    ("authority", "text", "why"),
    [
        (CAMDEN, "time_period,new_la_code,population\n2024,E09000003,96000\n", "no row of E09000007 for 2024"),
        (BARNET, "time_period,new_la_code,population\n2025,E09000003,96000\n", "no row of E09000003 for 2024"),
        ("", POPULATION, "authority of the return is not known"),
    ],
)
def test_what_the_population_does_not_hold_is_said(tmp_path: Path, authority: str, text: str, why: str) -> None:
    with pytest.raises(NotGivenError, match=why):
        outside(tmp_path, population=text).population_of(authority, PERIOD)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("time_period,new_la_code\n2024,E09000003\n", "lacks the column population"),
        ("time_period,population\n2024,96000\n", "lacks the column new_la_code"),
        ("nothing", "no table with a header"),
        ("time_period,new_la_code,population\n2024,E09000003,many\n", "line 2: no year and whole number of children"),
        (
            "time_period,new_la_code,population\n2024,E09000003,5\n2024,E09000003,6\n",
            "line 3: .* two numbers of children",
        ),
        ("time_period,new_la_code,population\n2024,E12000007,5\n", "no row of an authority"),
    ],
)
def test_a_population_of_another_layout_is_refused_with_what_it_lacks(tmp_path: Path, text: str, why: str) -> None:
    with pytest.raises(UsageError, match=why):
        outside(tmp_path, population=text)


@pytest.mark.parametrize(
    "text",
    [
        NEIGHBOURS,
        "LA.number,SN_LA_number\n302,202\n302,203\n302,204\n",
        "authority,neighbour\nE09000003,E09000007\nE09000003,E09000011\nE09000003,E09000012\n",
    ],
)
def test_neighbours_are_read_wide_and_long(tmp_path: Path, text: str) -> None:
    assert outside(tmp_path, neighbours=text).neighbours == {BARNET: [CAMDEN, "E09000011", "E09000012"]}


def test_the_median_of_the_neighbours_leaves_out_what_is_hidden(tmp_path: Path) -> None:
    published = (
        "time_period,geographic_level,old_la_code,new_la_code,population_type,rate_per_10000\n"
        "2025,Local authority,202,E09000007,Children looked after on 31 March each year,40\n"
        "2025,Local authority,203,E09000011,Children looked after on 31 March each year,c\n"
        "2025,Local authority,204,E09000012,Children looked after on 31 March each year,51\n"
        "2025,Local authority,204,E09000012,Children starting to be looked after each year,999\n"
        "2024,Local authority,202,E09000007,Children looked after on 31 March each year,999\n"
    )
    given = outside(tmp_path, neighbours=NEIGHBOURS, published=published)
    beside = given.beside("cla_rate_31_march", "all", "all", BARNET, 0)
    assert beside == {"neighbour_median": 46, "neighbours_known": 2, "neighbours_period": "2025"}
    assert given.beside("cla_ceased_rate", "all", "all", BARNET, 0) == {}
    assert given.beside("cla_rate_31_march", "all", "all", CAMDEN, 0) == {}


def test_a_plain_table_of_indicators_is_read_too(tmp_path: Path) -> None:
    published = "time_period,new_la_code,indicator,value\n202425,E09000007,cin_rereferral_12m,14.8\n"
    given = outside(tmp_path, neighbours=NEIGHBOURS, published=published)
    assert given.beside("cin_rereferral_12m", "all", "all", BARNET, 1)["neighbour_median"] == 14.8
    with pytest.raises(UsageError, match="no such indicator"):
        outside(tmp_path, published=published.replace("cin_rereferral_12m", "rereferrals"))
    with pytest.raises(UsageError, match="no indicator in a layout that is known"):
        outside(tmp_path, published="time_period,new_la_code,rate\n2025,E09000007,4\n")


def test_every_published_layout_belongs_to_the_unit_of_its_indicator() -> None:
    for indicator in csc.indicators().values():
        for figure in indicator.figures:
            rate = "rate" in figure.value or bool(figure.counts and not figure.of)
            assert rate == (indicator.unit == "per 10,000 children"), indicator.name
            assert not any(column != column.lower() for column in figure.columns - set(figure.where)), indicator.name


DISTRICTS = "2025,Local authority,202,E09000007,{0}\n2024,Local authority,202,E09000007,{0}\n"
OF_CHILDREN = "time_period,new_la_code,population\n2024,E09000007,41000\n"


@pytest.mark.parametrize(
    ("header", "cells", "indicator", "median"),
    [
        ("category,At31_episodes", "Children in Need,1025", "cin_rate_31_march", 250.0),
        (
            "category,Section47,ICPC,Duration_0-10_days,Duration_11-15_days,Duration_16-20_days,Duration_21+_days",
            "Section 47s and Initial Child Protection Conferences,410,90,10,60,7,3",
            "icpc_15wd",
            87.5,
        ),
        (
            "category,CPP_start,CPP_subsequent,CPP_subsequent_percent",
            "Child Protection Plans which are a second or subsequent plan,730,155,21.2",
            "cpp_second_subsequent",
            21.2,
        ),
        (
            "category,CPP_At31,2_years_or_more,2_years_or_more_percent",
            "Child Protection Plans by length of time,92,6,6.5",
            "cpp_2y_or_more_31_march",
            6.5,
        ),
        ("category,CPP_At31", "Child Protection Plans by length of time,82", "cpp_rate_31_march", 20.0),
    ],
)
def test_files_of_counts_give_the_figure_that_they_make(
    tmp_path: Path, header: str, cells: str, indicator: str, median: float
) -> None:
    published = f"time_period,geographic_level,old_la_code,new_la_code,{header}\n{DISTRICTS.format(cells)}"
    given = outside(tmp_path, population=OF_CHILDREN, neighbours=NEIGHBOURS, published=published)
    beside = given.beside(indicator, "all", "all", BARNET, 1)
    assert (beside["neighbour_median"], beside["neighbours_known"]) == (median, 1)


def test_a_hidden_count_gives_no_figure_and_counts_alone_need_the_population(tmp_path: Path) -> None:
    header = "time_period,geographic_level,old_la_code,new_la_code,category,At31_episodes\n"
    published = header + DISTRICTS.format("Children in Need,c")
    given = outside(tmp_path, population=OF_CHILDREN, neighbours=NEIGHBOURS, published=published)
    assert given.beside("cin_rate_31_march", "all", "all", BARNET, 1) == {}
    with pytest.raises(UsageError, match="counts, not rates"):
        outside(tmp_path, neighbours=NEIGHBOURS, published=published)


def test_without_anything_given_nothing_stands_beside() -> None:
    assert Outside().beside("cla_rate_31_march", "all", "all", BARNET, 0) == {}
    with pytest.raises(NotGivenError):
        Outside().population_of(BARNET, PERIOD)


def test_factors_are_read_in_the_layout_in_which_they_are_published(tmp_path: Path) -> None:
    """Rates of a group need each of its columns; the share of another factor is of the episodes with any."""
    abuse = ("Domestic_Abuse_child,Domestic_Abuse_parent,Domestic_Abuse_person,Neglect,Emotional_Abuse,"
             "Physical_Abuse_child_on_child,Physical_Abuse_adult_on_child,Sexual_Abuse_child_on_child,"
             "Sexual_Abuse_adult_on_child,Faith_linked_abuse")  # fmt: skip
    columns = f"Episodes_with_assessment_factor,Young_Carer,Privately_fostered,Gangs,{abuse}"
    text = (
        f"time_period,geographic_level,new_la_code,category,{columns}\n"
        "2025,National,,Factors identified at the end of assessment,513250,18960,1950,8860,1,1,1,1,1,1,1,1,1,1\n"
        "2025,Local authority,E09000003,Factors identified at the end of assessment,800,60,8,c,96,10,10,48,10,10,8,0,0,0\n"
        "2025,Local authority,E09000007,Factors identified at the end of assessment,900,45,c,41,c,10,10,48,10,10,8,0,0,0\n"
    )
    figures = outside(tmp_path, population=POPULATION, published=text).published
    barnet, camden = (BARNET, 2025), (CAMDEN, 2025)
    assert figures["factors_abuse_neglect", "all", "all"][barnet] == 192 * 10_000 / 96_000
    assert figures["factors_abuse_neglect", "factor", "16A Neglect"][barnet] == 5
    assert math.isnan(figures["factors_abuse_neglect", "all", "all"][camden])
    assert figures["factors_other", "factor", "7A Young carer"] == {barnet: 7.5, camden: 5}
    assert figures["factors_other", "factor", "8B-8F Privately fostered"][barnet] == 1
    assert ("factors_other", "all", "all") not in figures
    with pytest.raises(UsageError, match="give the population of every authority"):
        outside(tmp_path, published=text.replace("Episodes_with_assessment_factor", "Episodes"))


def test_counts_that_need_a_population_that_is_not_given_are_said(tmp_path: Path) -> None:
    """A number of children is that of the own area alone: it makes no rate of the counts of others."""
    text = (
        "time_period,geographic_level,new_la_code,category,Episodes_with_assessment_factor,Young_Carer,Gangs,Trafficking,"
        "Going_missing,Child_sexual_exploitation,Child_criminal_exploitation\n"
        "2025,Local authority,E09000003,Factors identified at the end of assessment,800,60,96,10,10,48,10\n"
    )
    assert outside(tmp_path, population=POPULATION, published=text).only_counted == frozenset()
    given = outside(tmp_path, published=text)
    assert given.only_counted == {"factors_harm_outside_home"}
    assert given.published["factors_other", "factor", "7A Young carer"][BARNET, 2025] == 7.5


def test_every_category_of_a_published_factor_is_written_as_our_figures_write_it() -> None:
    standard = csc.standard("cin/2025-26")
    item = standard.items["AssessmentFactors"]["AssessmentFactors"]
    assert isinstance(item.codes, Codes)
    ours = {f"{code} {label}" for code, label in item.codes.at(standard.version).items()}
    read = {
        layout.category
        for name in ("factors_abuse_neglect", "factors_harm_outside_home", "factors_other")
        for layout in csc.indicators()[name].figures
        if layout.breakdown == "factor"
    }
    # Left out: kinds of private fostering, which are published together, codes that were withdrawn, and "none".
    assert {name.partition(" ")[0] for name in ours - read} == {"8B", "8C", "8D", "8E", "8F", "18A", "19A", "21"}
    assert read - ours == {"8B-8F Privately fostered"}
