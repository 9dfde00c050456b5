"""Submissions of a store as exchange files would say them: counts alone, small ones hidden."""

from __future__ import annotations

import glob
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from csc_data.analysis.exchange.declared import STAGES
from csc_data.disclosure import STRICT
from csc_data.files import limits
from csc_data.files.sources import NotReadError, read_bytes
from csc_data.sector.exchanges import Counted, Exchange, authority_code
from csc_data.sector.pooled import RAN
from csc_data.visible import printable_path

STORE_FILE = "store.json"
"""What tells that a folder is a store."""

NOT_AUDITED = (
    "These are counts of a store. Those below 6 are hidden, but, other than in exchange files, what is shown was not held "
    "against them: pool exchange files for what others are to see."
)
"""What is said of everything that is pooled from a store."""

_RECEIPTS = "submissions/*/*/*/*/receipt.json"
_RULES = "runs/*/collection={collection}/version={version}/la={authority}/receipt={receipt}/rules.parquet"


def exchanges_of_store(folder: Path) -> tuple[dict[str, Exchange], tuple[str, ...]]:
    """What the submissions of a store come to, by the folder of each, and those that could not be read, with the reason.

    Of each submission the last run counts. A store says nothing of suppliers: give them as groups. It keeps no hashes of the
    texts of rules, so that those of one catalogue are compared.
    """
    exchanges, unreadable = {}, []
    for path in sorted(folder.glob(_RECEIPTS)):
        name = path.parent.relative_to(folder).as_posix()
        try:
            exchanges[name] = _exchange(folder, json.loads(read_bytes(path, limits.OWN_FILE_BYTES)))
        except (NotReadError, _NotPooledError) as error:
            unreadable.append(f"{printable_path(name)}: {error}")
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            unreadable.append(f"{printable_path(name)}: its receipt fits no schema")
        except (pa.ArrowException, OSError):
            unreadable.append(f"{printable_path(name)}: its results cannot be read")
    return exchanges, tuple(unreadable)


class _NotPooledError(Exception):
    """A submission without counts to pool; the message says why."""


def _exchange(folder: Path, receipt: Mapping[str, Any]) -> Exchange:
    if receipt["verdict"] == "unreadable":
        raise _NotPooledError("it could not be read when it was received")
    code = authority_code(receipt["authority"])
    if code is None:
        raise _NotPooledError("it is of no known local authority")
    named = {name: glob.escape(str(receipt[name])) for name in ("collection", "version", "authority", "receipt")}
    parts = sorted(folder.glob(_RULES.format(**named)))
    if not parts:
        raise _NotPooledError("no run left results of it")
    last = max(parts, key=_started)
    children = int(receipt["counts"]["children"])
    stage = receipt["stage"] if receipt["stage"] in STAGES else "unsaid"
    return Exchange(
        authority=code,
        names="withheld",
        supplier="unsaid",
        system_version=None,
        extract="unsaid",
        children=None if STRICT.small(children) else children,
        standard=f"{receipt['collection']}/{receipt['version']}",
        catalogue=str(receipt["catalogue"]),
        library=str(receipt["library"]),
        period=(None, None),
        stage=stage,
        run=str(receipt["receipt"]),
        run_time=str(receipt["received"]),
        rules=_rules(_rows(last), str(receipt["catalogue"])),
        items=_items(_beside(last, "items")),
        indicators=_indicators(_beside(last, "indicators")),
    )


def _started(part: Path) -> tuple[str, str]:
    """When the run began whose part this is, and its name."""
    run = part.parents[4]
    try:
        started = json.loads(read_bytes(run / "run.json", limits.RUN_OUTLINE_BYTES)).get("started")
    except (NotReadError, ValueError, AttributeError, RecursionError):
        started = None
    return str(started or ""), run.name


def _rows(path: Path) -> list[dict[str, Any]]:
    # Not by read_table, which would take the names of the folders for columns.
    with pq.ParquetFile(path) as file:
        rows: list[dict[str, Any]] = file.read().to_pylist()
    return rows


def _beside(part: Path, name: str) -> list[dict[str, Any]]:
    path = part.with_name(f"{name}.parquet")
    return _rows(path) if path.is_file() else []


def _range(count: int | None, whole: int | None, *, few: bool) -> tuple[int | None, int | None]:
    """A count, or where it is of few children the range in which it is hidden."""
    if count is None or not few:
        return count, count
    return 1, None if whole is None else max(1, whole)


def _shown(count: int | None) -> int | None:
    """How many were looked at; nothing where that is few."""
    return None if count is None or STRICT.small(count) else count


def _rules(rows: Sequence[Mapping[str, Any]], catalogue: str) -> Counted:
    columns: dict[str, list[Any]] = {
        "rule": [row["rule"] for row in rows],
        "rule_text_hash": [catalogue] * len(rows),
        "severity": [row["severity"] for row in rows],
        "origin": [row["origin"] for row in rows],
        "status": [row["status"] for row in rows],
        **{f"{what}_looked_at": [_shown(row[f"{what}_checked"]) for row in rows] for what in ("rows", "children")},
    }
    for what in ("rows", "children"):
        ranges = []
        for row in rows:
            few = STRICT.small(row["children_failed"] or 0) or STRICT.small(row["rows_failed"] or 0)
            failed = row[f"{what}_failed"] if row["status"] in RAN else None
            ranges.append(_range(failed, _shown(row[f"{what}_checked"]), few=few and failed != 0))
        columns[f"{what}_failed_low"] = [low for low, _ in ranges]
        columns[f"{what}_failed_high"] = [high for _, high in ranges]
    return Counted(len(rows), columns)


def _items(rows: Sequence[Mapping[str, Any]]) -> Counted:
    missing = [_range(row["missing"], _shown(row["rows"]), few=STRICT.small(row["missing"] or 0)) for row in rows]
    return Counted(
        len(rows),
        {
            "item": [f"{row['table']}.{row['item']}" for row in rows],
            "missing_low": [low for low, _ in missing],
            "missing_high": [high for _, high in missing],
            "of": [_shown(row["rows"]) for row in rows],
        },
    )


def _indicators(rows: Sequence[Mapping[str, Any]]) -> Counted:
    counted = [row for row in rows if _whole(row["numerator"]) and _whole(row["denominator"])]
    ranges = [_range(int(row["numerator"]), None, few=STRICT.small(int(row["numerator"]))) for row in counted]
    return Counted(
        len(counted),
        {
            "indicator": [row["indicator"] for row in counted],
            "n_low": [low for low, _ in ranges],
            "n_high": [high for _, high in ranges],
            "d": [_shown(int(row["denominator"])) for row in counted],
        },
    )


def _whole(value: object) -> bool:
    return isinstance(value, int | float) and value >= 0 and float(value).is_integer()
