"""Exchange files of many authorities become one sector, and nothing of them is lost, guessed or taken twice."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from jsonschema import Draft202012Validator
from support.sectors import document_of, english, sector_of

from csc_data.analysis.exchange.exchange_file import exchange_schema
from csc_data.errors import InputError, UsageError
from csc_data.sector import INDICATORS, ITEMS, Sector, prevalence, read_exchanges, read_sector
from csc_data.sector.pooled import frame_from

CODES = english(6)
COUNTS = {"101": [0, 3, 40, 0, 6, 2], "142": [9, 0, None, 1, 0, 300]}
LOOKED_AT = [120, 80, 400, 66, 90, 300]


@pytest.fixture
def sector() -> Sector:
    made = sector_of(CODES, COUNTS, LOOKED_AT, hide=True, suppliers=["mosaic", "azeus"] * 3)
    own = {name: made.authorities[name].tolist() for name in made.authorities}
    items = frame_from(
        ITEMS,
        own
        | {"item": ["Episodes.LS"] * 6, "missing_low": [0] * 5 + [1], "missing_high": [0] * 5 + [300], "of": [300] * 6},
    )
    indicators = frame_from(
        INDICATORS, own | {"indicator": ["cla"] * 6, "n_low": [9] * 6, "n_high": [9] * 6, "d": [90] * 6}
    )
    return Sector(made.authorities, made.rules, items, indicators)


def write(folder: Path, name: str, document: Any) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(document if isinstance(document, str) else json.dumps(document), encoding="utf-8")
    return path


def write_all(folder: Path, sector: Sector) -> list[Path]:
    return [write(folder, f"{code}.json", document_of(sector, code)) for code in CODES]


def assert_same(ours: Sector, theirs: Sector) -> None:
    for name in ("authorities", "rules", "items", "indicators"):
        left, right = (getattr(each, name).copy() for each in (ours, theirs))
        keys = [column for column in ("authority", "rule", "item", "indicator") if column in left]
        left, right = (frame.sort_values(keys, ignore_index=True) for frame in (left, right))
        pd.testing.assert_frame_equal(left, right)


def test_what_is_sent_fits_the_published_schema(sector: Sector) -> None:
    validator = Draft202012Validator(exchange_schema())
    for code in CODES:
        assert not [*validator.iter_errors(document_of(sector, code))]


def test_every_count_arrives_and_hidden_ones_as_ranges(tmp_path: Path, sector: Sector) -> None:
    write_all(tmp_path, sector)
    pooled = read_exchanges(tmp_path)
    assert_same(pooled, sector)
    assert not pooled.said
    rules = pooled.rules.set_index(["authority", "rule"])
    hidden = rules.loc[(CODES[1], "101")]
    assert (hidden["children_failed_low"], hidden["children_failed_high"]) == (1, 80)  # 1 up to all that were looked at
    assert rules.loc[(CODES[2], "142")][["children_failed_low", "children_failed_high"]].isna().all()
    assert rules.loc[(CODES[0], "101")]["children_failed_high"] == 0


def test_the_order_of_files_and_folders_changes_nothing(tmp_path: Path, sector: Sector) -> None:
    paths = write_all(tmp_path / "a", sector)
    write_all(tmp_path / "b" / "within", sector)
    shuffled = random.Random(1).sample(paths, len(paths))
    ours = read_exchanges(shuffled)
    assert_same(ours, read_exchanges(tmp_path / "a"))
    assert_same(ours, read_exchanges(tmp_path / "b"))
    pd.testing.assert_frame_equal(prevalence(ours), prevalence(read_exchanges(paths[::-1])))


def test_the_latest_stage_of_an_authority_counts_and_that_is_said(tmp_path: Path, sector: Sector) -> None:
    write_all(tmp_path, sector)
    later = document_of(sector, CODES[0], stage="resubmitted", children=999)
    write(tmp_path, "a draft.json", document_of(sector, CODES[0], stage="draft", children=1_000))
    write(tmp_path, "again.json", later)
    pooled = read_exchanges(tmp_path)
    assert pooled.authorities.set_index("authority")["size"][CODES[0]] == 999
    assert len(pooled.authorities) == 6
    assert pooled.said == (
        f"{CODES[0]}: again.json (resubmitted) counts, and not a draft.json (draft), {CODES[0]}.json (submitted).",
    )


def test_of_one_stage_the_last_run_counts(tmp_path: Path, sector: Sector) -> None:
    for day, children in (("2026-05-02", 200), ("2026-05-01", 100)):
        run = {"id": "f" * 16, "time": f"{day}T10:00:00+00:00"}
        write(tmp_path, f"{day}.json", document_of(sector, CODES[0], run=run, children=children))
    pooled = read_exchanges(tmp_path)
    assert pooled.authorities["size"].tolist() == [200]
    assert "2026-05-02.json (submitted) counts" in pooled.said[0]


def test_standards_are_not_mixed(tmp_path: Path, sector: Sector) -> None:
    write_all(tmp_path, sector)
    write(tmp_path, "old.json", document_of(sector, CODES[0], standard="ssda903/2024-25"))
    with pytest.raises(UsageError, match=r"ssda903/2024-25 \(1 files\), ssda903/2025-26 \(6 files\)"):
        read_exchanges(tmp_path)
    pooled = read_exchanges(tmp_path, standard="ssda903/2025-26")
    assert_same(pooled, sector)
    assert pooled.said == ("Files of other standards are left out: 1 of ssda903/2024-25.",)
    with pytest.raises(UsageError, match="No file is of cin/2025-26"):
        read_exchanges(tmp_path, standard="cin/2025-26")


def test_another_period_is_left_out_and_said(tmp_path: Path, sector: Sector) -> None:
    write_all(tmp_path, sector)
    write(tmp_path, f"{CODES[5]}.json", document_of(sector, CODES[5], period=["2024-04-01", "2025-03-31"]))
    pooled = read_exchanges(tmp_path)
    assert CODES[5] not in set(pooled.authorities["authority"])
    assert pooled.said == (f"Files of another period than most are left out: {CODES[5]}.json.",)


def test_rules_of_other_texts_are_missing_there(tmp_path: Path, sector: Sector) -> None:
    write_all(tmp_path, sector)
    document = document_of(sector, CODES[0], catalogue="f" * 64)
    document["rules"][1]["text"] = "b" * 16
    write(tmp_path, f"{CODES[0]}.json", document)
    pooled = read_exchanges(tmp_path)
    assert "Rule 142: 1 authority ran another text of it than most, and is taken as missing there." in pooled.said
    table = prevalence(pooled).set_index("rule")
    assert table.loc["101", ["authorities", "failing"]].tolist() == [6, 4]
    assert table.loc["142", ["authorities", "missing", "failing"]].tolist() == [4, 2, 2]  # the other is the crashed one
    assert len(pooled.rules) == 12  # nothing is thrown away


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("{", "it is no JSON"),
        ("[" * 100_000, "it is no JSON"),
        ('{"rules": []}', "it is no exchange file"),
        ("[]", "it is no exchange file"),
        ('{"format": "csc-data exchange 1"}', "another version"),
        ({"authority": None}, "it does not say of which authority it is"),
        ({"authority": "E99999999"}, "no local authority with the code E99999999"),
        ({"authority": ["E06000001"]}, "no local authority"),
        ({"period": "2026"}, "does not fit the schema"),
        ({"period": ["2026-04-01"]}, "does not fit the schema"),
        ({"rules": [{}]}, "does not fit the schema of exchange files: status is missing"),
        ({"rules": None}, "does not fit the schema"),
        ({"supplier": "<script>"}, "does not fit the schema of exchange files: supplier"),
        ({"stage": "final"}, "does not fit the schema of exchange files: stage"),
        ({"children": -1}, "does not fit the schema of exchange files: a count"),
        ({"children": True}, "does not fit the schema of exchange files: a count"),
        ({"children": 10**30}, "does not fit the schema of exchange files: a count"),
        ({"run": None}, "does not fit the schema"),
    ],
)
def test_what_is_no_exchange_file_is_listed(tmp_path: Path, sector: Sector, content: Any, why: str) -> None:
    write_all(tmp_path, sector)
    made = document_of(sector, CODES[0], **content) if isinstance(content, dict) else content
    write(tmp_path, "other.json", made)
    pooled = read_exchanges(tmp_path)
    (listed,) = pooled.unreadable
    assert listed.startswith("other.json: ")
    assert why in listed
    assert_same(pooled, sector)


def test_a_rule_that_stands_in_a_file_twice_is_not_counted_twice(tmp_path: Path, sector: Sector) -> None:
    document = document_of(sector, CODES[0])
    document["rules"] *= 2
    with pytest.raises(InputError, match="a rule stands in it twice"):
        read_exchanges([write(tmp_path, "twice.json", document)])


def test_nothing_to_read_is_refused_in_words(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no file that ends in"):
        read_exchanges(tmp_path)
    with pytest.raises(UsageError, match="There is no folder"):
        read_exchanges(tmp_path / "nowhere")
    with pytest.raises(UsageError, match="No files were given"):
        read_exchanges([])
    with pytest.raises(InputError, match="No exchange file could be read"):
        read_exchanges([tmp_path / "missing.json"])


def test_a_sector_is_kept_whole_in_one_file(tmp_path: Path, sector: Sector) -> None:
    write_all(tmp_path, sector)
    write(tmp_path, "other.json", "{")
    pooled = read_exchanges(tmp_path)
    again = read_sector(pooled.save(tmp_path / "sector.parquet"))
    assert_same(again, pooled)
    assert (again.said, again.unreadable) == (pooled.said, pooled.unreadable)
    assert again.standard == "ssda903/2025-26"
    first, second = (tmp_path / name for name in ("sector.parquet", "again.parquet"))
    assert again.save(second).read_bytes() == first.read_bytes()


def test_another_file_is_no_sector(tmp_path: Path, sector: Sector) -> None:
    with pytest.raises(UsageError, match="There is no file"):
        read_sector(tmp_path / "sector.parquet")
    sector.rules.to_parquet(tmp_path / "other.parquet")
    for name in ("other.parquet", "text.parquet"):
        if name == "text.parquet":
            (tmp_path / name).write_text("text", encoding="utf-8")
        with pytest.raises(InputError, match="no file of pooled exchange files"):
            read_sector(tmp_path / name)


def test_suppliers_that_a_user_knows_take_the_place_of_those_declared(tmp_path: Path, sector: Sector) -> None:
    write_all(tmp_path, sector)
    groups = write(tmp_path, "groups.csv", f"Authority,Supplier,extract\n{CODES[0]},Eclipse,own sql\n{CODES[1]},,ssd\n")
    own = read_exchanges(tmp_path, groups=groups).rules.drop_duplicates("authority").set_index("authority")
    assert own.loc[CODES[:3], "supplier"].tolist() == ["eclipse", "azeus", "mosaic"]
    assert own.loc[CODES[:3], "extract"].tolist() == ["own sql", "ssd", "unsaid"]
    assert read_exchanges(tmp_path, groups={CODES[2]: "azeus"}).authorities["supplier"][2] == "azeus"


def test_groups_that_cannot_be_used_are_all_listed(tmp_path: Path, sector: Sector) -> None:
    write_all(tmp_path, sector)
    wrong = write(
        tmp_path, "g.csv", f"authority,extract\nNowhere,ssd\n{CODES[0]},magic\n{CODES[1]},ssd\n{CODES[1]},ssd\n"
    )
    with pytest.raises(UsageError) as raised:
        read_exchanges(tmp_path, groups=wrong)
    assert all(part in str(raised.value) for part in ("line 2", "line 3", "magic", "line 5", "twice"))
    with pytest.raises(UsageError, match="needs a header with authority"):
        read_exchanges(tmp_path, groups=write(tmp_path, "h.csv", "la,supplier\nE06000001,x\n"))
