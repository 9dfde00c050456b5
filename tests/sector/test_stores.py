"""A store of submissions is pooled as exchange files are: counts alone, small ones hidden, of each the last run."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from support.sectors import english

from csc_data.errors import InputError
from csc_data.sector import read_exchanges

FIRST, SECOND = english(2)


def put(store: Path, code: str, receipt: str, received: str, **changes: Any) -> Path:
    """A receipt in a store."""
    document = {
        "format": "csc-data receipt 1", "receipt": receipt, "received": received, "authority": code,
        "collection": "ssda903", "version": "2025-26", "stage": "submitted", "library": "1.0", "catalogue": "f" * 64,
        "verdict": "accepted with issues", "counts": {"children": 80}, **changes,
    }  # fmt: skip
    folder = store / "submissions" / "ssda903" / "2025-26" / code / f"{received}_{receipt}"
    folder.mkdir(parents=True)
    (folder / "receipt.json").write_text(json.dumps(document), encoding="utf-8")
    return folder


def run(store: Path, name: str, started: str, code: str, receipt: str, failed: dict[str, tuple[int, int]]) -> None:
    """What a run left of a submission: by rule, failing rows and children."""
    (store / "runs" / name).mkdir(parents=True, exist_ok=True)
    (store / "runs" / name / "run.json").write_text(json.dumps({"started": started}), encoding="utf-8")
    parts = store / "runs" / name / "collection=ssda903" / "version=2025-26" / f"la={code}" / f"receipt={receipt}"
    parts.mkdir(parents=True)
    rows = [
        {
            "receipt": receipt, "rule": rule, "severity": "error", "origin": "official",
            "status": "failed" if rows else "passed", "reason": None, "rows_checked": 200, "children_checked": 80,
            "rows_failed": rows, "children_failed": children,
        }
        for rule, (rows, children) in failed.items()
    ]  # fmt: skip
    skipped = {"rule": "199", "status": "skipped"} | dict.fromkeys(
        ("rows_checked", "children_checked", "rows_failed", "children_failed")
    )
    write(parts / "rules.parquet", [*rows, rows[0] | skipped])
    of_item = {"table": "Episodes", "rows": 200, "invalid": 0}
    write(parts / "items.parquet", [{"item": "LS", "missing": 3} | of_item, {"item": "RNE", "missing": 40} | of_item])
    indicators = [("cla", 4.0, 80.0), ("mean", 1.5, 2.0)]
    write(
        parts / "indicators.parquet",
        [
            {"indicator": name, "numerator": n, "denominator": d, "value": 1.0, "status": ""}
            for name, n, d in indicators
        ],
    )


def write(path: Path, rows: list[dict[str, Any]]) -> None:
    pq.write_table(pa.Table.from_pylist(rows), path)


@pytest.fixture
def store(tmp_path: Path) -> Path:
    (tmp_path / "store.json").write_text('{"format": "csc-data store 1"}', encoding="utf-8")
    put(tmp_path, FIRST, "r1", "20260420T093000Z")
    put(tmp_path, SECOND, "r2", "20260421T093000Z")
    run(tmp_path, "a", "2026-04-21T10:00:00Z", FIRST, "r1", {"101": (9, 4), "142": (30, 20)})
    run(tmp_path, "a", "2026-04-21T10:00:00Z", SECOND, "r2", {"101": (0, 0), "142": (6, 6)})
    return tmp_path


def test_counts_below_six_are_hidden_and_the_rest_shown(store: Path) -> None:
    pooled = read_exchanges(store)
    rules = pooled.rules.set_index(["authority", "rule"])
    few = rules.loc[(FIRST, "101")]
    assert few[["children_failed_low", "children_failed_high"]].tolist() == [1, 80]
    assert few[["rows_failed_low", "rows_failed_high"]].tolist() == [1, 200]  # 9 rows of 4 children
    assert rules.loc[(FIRST, "142"), ["rows_failed_low", "children_failed_high"]].tolist() == [30, 20]
    assert rules.loc[(SECOND, "101"), ["rows_failed_low", "children_failed_high"]].tolist() == [0, 0]
    assert rules.loc[(FIRST, "199"), ["children_failed_low", "rows_looked_at"]].isna().all()
    assert pooled.items.set_index("item").loc["Episodes.LS", "missing_high"].tolist() == [200, 200]
    assert pooled.items.set_index("item").loc["Episodes.RNE", "missing_high"].tolist() == [40, 40]
    assert pooled.indicators["indicator"].tolist() == ["cla", "cla"]  # a mean is no count of a count
    assert pooled.indicators["n_low"].tolist() == [1, 1]
    assert set(pooled.authorities["supplier"]) == {"unsaid"}
    assert "pool exchange files for what others are to see" in pooled.said[0]
    assert read_exchanges(store, groups={FIRST: "mosaic"}).authorities["supplier"].tolist() == ["mosaic", "unsaid"]


def test_the_last_run_and_the_last_submission_count(store: Path) -> None:
    run(store, "b", "2026-05-01T10:00:00Z", FIRST, "r1", {"101": (0, 0), "142": (25, 25)})
    put(store, SECOND, "r3", "20260601T093000Z", stage="resubmitted", counts={"children": 5})
    run(store, "b", "2026-05-01T10:00:00Z", SECOND, "r3", {"101": (7, 7), "142": (0, 0)})
    pooled = read_exchanges(store)
    rules = pooled.rules.set_index(["authority", "rule"])["children_failed_high"]
    assert (rules[FIRST, "142"], rules[SECOND, "101"], rules[SECOND, "142"]) == (25, 7, 0)
    assert len(pooled.authorities) == 2
    assert pd.isna(pooled.authorities["size"][1])  # five children
    assert pooled.said[1].startswith(f"{SECOND}: ")


def test_what_is_no_result_is_listed(store: Path) -> None:
    put(store, FIRST, "r8", "20260701T093000Z", verdict="unreadable")
    put(store, FIRST, "r9", "20260702T093000Z", authority=None)
    put(store, SECOND, "r7", "20260703T093000Z")
    put(store, SECOND, "*", "20260704T093000Z")
    broken = put(store, SECOND, "r6", "20260705T093000Z")
    (broken / "receipt.json").write_text("[1]", encoding="utf-8")
    pooled = read_exchanges(store)
    assert [line.partition(": ")[2] for line in pooled.unreadable] == [
        "it could not be read when it was received", "it is of no known local authority", "no run left results of it",
        "no run left results of it", "its receipt fits no schema",
    ]  # fmt: skip
    assert len(pooled.authorities) == 2
    for path in (store / "submissions").rglob("receipt.json"):
        path.write_text("{", encoding="utf-8")
    with pytest.raises(InputError, match="No exchange file could be read"):
        read_exchanges(store)
