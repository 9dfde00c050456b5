"""Runs the published SSDA903 validator as a black box. Started by ``side_by_side.py`` in an environment of its own.

Arguments: folder with this_year/ and last_year/, reporting year, authority, file for the result.
"""

import importlib
import json
import logging
import sys
import time
from pathlib import Path

from lac_validator.lac_validator import LacValidator

NAMES = {
    "Header": "header",
    "Episodes": "episodes",
    "Reviews": "reviews",
    "UASC": "uasc",
    "OC2": "oc2",
    "OC3": "oc3",
    "AD1": "ad1",
    "PlacedAdoption": "placed_for_adoption",
    "PrevPerm": "previous_permanence",
    "Missing": "missing",
    "SWEpisodes": "sw_episodes",
    "DoLo": "dolo",
}


def uploads(folder, label):
    return [
        {"name": f"{NAMES[path.stem]}.csv", "description": label, "file_content": path.read_bytes()}
        for path in sorted(Path(folder).glob("*.csv"))
        if path.stem in NAMES
    ]


def main(folder, year, authority, out):
    logging.disable(logging.CRITICAL)
    files = uploads(f"{folder}/this_year", "This year") + uploads(f"{folder}/last_year", "Prev year")
    registry = importlib.import_module(f"lac_validator.rules.lac{year.replace('-', '_')}").registry
    started = time.perf_counter()
    found = LacValidator(
        metadata={"collectionYear": str(int(year[:4]) + 1), "localAuthority": authority}, files=files, registry=registry
    )
    seconds = time.perf_counter() - started
    flagged = []
    for table, frame in found.ds_results.items():
        if hasattr(frame, "columns"):
            for column in frame.columns:
                if str(column).startswith("ERR_"):
                    rows = frame.index[frame[column].fillna(False).astype(bool)]
                    flagged += [[column[4:], table, int(row)] for row in rows]
    result = {
        "seconds": seconds,
        "flagged": flagged,
        "done": [str(code) for code in found.dones],
        "skipped": [str(code) for code in found.skips],
        "failed": [str(code) for code in found.fails],
    }
    Path(out).write_text(json.dumps(result))


if __name__ == "__main__":
    main(*sys.argv[1:])
